/* Disk images of guests: a partition that is taken lies inside the image; a type that is taken is one of the list. */
#include "disk.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define IMAGE (1u << 20)
#define SECTOR 512u
#define HEADER 92u /* UEFI 2.10, 5.3.2: of a GPT's header */
#define ENTRIES 128u
#define ENTRY 128u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t crc32_of(const uint8_t *at, size_t size)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void number_put(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

/* No chance finds a sum: it is made good, and what it is of stays as it came. */
static void gpt_sum(uint8_t *image)
{
	uint8_t *header = image + SECTOR;

	image[510] = 0x55;
	image[511] = 0xaa;
	image[446 + 4] = 0xee; /* a protective partition */
	memcpy(header, "EFI PART\0\0\1\0", 12);
	number_put(header + 12, HEADER);
	header[24] = 1; /* where it lies, and its entries */
	memset(header + 25, 0, 7);
	header[72] = 2;
	memset(header + 73, 0, 7);
	number_put(header + 80, ENTRIES);
	number_put(header + 84, ENTRY);
	number_put(header + 88, crc32_of(image + 2 * SECTOR, (size_t)ENTRIES * ENTRY));
	number_put(header + 16, 0);
	number_put(header + 16, crc32_of(header, HEADER));
}

/* The words that libblkid looks for first, by the first byte of the input. */
static void shape(uint8_t kind, uint8_t *image)
{
	switch (kind % 8) {
	case 1:
		image[510] = 0x55;
		image[511] = 0xaa;
		break;
	case 2:
		gpt_sum(image);
		break;
	case 3:
		image[1024 + 56] = 0x53;
		image[1024 + 57] = 0xef;
		break;
	case 4:
		memcpy(image, "XFSB", 4);
		break;
	case 5:
		/* Its superblock comes from where the input begins. */
		memcpy(image + (64u << 10), image, 4096);
		memcpy(image + (64u << 10) + 64, "_BHRfS_M", 8);
		break;
	case 6:
		memcpy(image, "hsqs", 4);
		break;
	default:
		break;
	}
}

static void look(int fd, unsigned number)
{
	struct disk_range range;
	char why[200] = "", type[16] = "", spaced[20];

	if (disk_range(fd, number, &range, why, sizeof(why))) {
		if (!*why)
			abort();
		return;
	}
	if (range.size == 0 || range.offset > IMAGE ||
	    range.size > IMAGE - range.offset || (number > 0 && range.offset == 0))
		abort();
	if (disk_type(fd, &range, type, why, sizeof(why))) {
		if (!*why)
			abort();
		return;
	}
	(void)snprintf(spaced, sizeof(spaced), " %s ",
		       type); /* a whole word of the list */
	if (!*type || strchr(type, ' ') || !strstr(" " DISK_TYPES " ", spaced))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static uint8_t *image;

	if (fd < 0) {
		fd = memfd_create("image", MFD_CLOEXEC);
		if (fd < 0 || ftruncate(fd, IMAGE))
			abort();
		image = mmap(NULL, IMAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (image == MAP_FAILED)
			abort();
	}
	if (size < 1 || size > (64u << 10))
		return 0;
	memset(image, 0, 2 * (64u << 10));
	memcpy(image, data + 1, size - 1);
	shape(data[0], image);
	for (unsigned number = 0; number < 6; number++)
		look(fd, number);
	return 0;
}
