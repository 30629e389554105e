/* What is on a disk image, as a process without rights says it. */
#include "disk.h"
#include "tap.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define IMAGE (4u << 20)
#define START 2048u /* sectors */
#define SIZE 4096u

static void number_put(int fd, off_t at, uint32_t value)
{
	uint8_t bytes[] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			    (uint8_t)(value >> 24) };

	if (pwrite(fd, bytes, sizeof(bytes), at) != sizeof(bytes))
		tap_fail(__FILE__, __LINE__, "pwrite");
}

static int image_make(void)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	if (geteuid() != 0)
		tap_skip("only root can give up what it may");
	if (fd < 0 || ftruncate(fd, IMAGE))
		tap_fail(__FILE__, __LINE__, "memfd");
	return fd;
}

/* An MBR's first entry, and the magic of ext2 1 KiB and 56 bytes behind `at`. */
static void partition_put(int fd)
{
	number_put(fd, 446 + 4, 0x83);
	number_put(fd, 446 + 8, START);
	number_put(fd, 446 + 12, SIZE);
	number_put(fd, 508, 0xaa550000);
}

static void ext2_put(int fd, off_t at)
{
	number_put(fd, at + 1024 + 56, 0xef53);
}

static void test_partition(void)
{
	AUTO_CLOSE int fd = image_make();
	struct disk_seen seen;

	partition_put(fd);
	ext2_put(fd, (off_t)START * 512);
	CHECK_INT(disk_look(fd, 1, false, &seen), 0);
	CHECK_STR(seen.type, "ext2");
	CHECK_INT(seen.range.offset, START * 512);
	CHECK_INT(seen.range.size, SIZE * 512);
	CHECK_INT(disk_look(fd, 2, false, &seen), -2);
	CHECK_STR(seen.why, "it has no partition 2");
}

static void test_first(void)
{
	AUTO_CLOSE int fd = image_make();
	struct disk_seen seen;

	partition_put(fd);
	ext2_put(fd, (off_t)START * 512);
	CHECK_INT(disk_look(fd, 0, true, &seen), 0);
	CHECK_INT(seen.partition, 1);
	CHECK_STR(seen.type, "ext2");
	CHECK_INT(disk_look(fd, 0, false, &seen), 0);
	CHECK_INT(seen.partition, 0);
	CHECK_STR(seen.type, "");
	CHECK_STR(seen.why, "no file system is found there");
}

static void test_whole(void)
{
	AUTO_CLOSE int fd = image_make();
	struct disk_seen seen;

	CHECK_INT(disk_look(fd, 0, true, &seen), 0);
	CHECK_INT(seen.partition, 0);
	CHECK_STR(seen.type, "");
	ext2_put(fd, 0);
	CHECK_INT(disk_look(fd, 0, true, &seen), 0);
	CHECK_INT(seen.partition, 0);
	CHECK_STR(seen.type, "ext2");
	CHECK_INT(seen.range.size, IMAGE);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a partition and its file system are found, others said not to be "
		  "there",
		  test_partition, 0 },
		{ "with `first` an image with partitions is looked at in its first",
		  test_first, 0 },
		{ "one without is looked at as a whole", test_whole, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
