/* A VM's system disk: a base that is never written to, and a qcow2 overlay over it. */
#include "disk.h"
#include "vm.h"

#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* docs/interop/qcow2.txt of QEMU: magic at 0, version 4, backing_file_offset 8, incompatible
 * features at 72 from version 3 on, of which bit 2 is an external data file. */
#define QCOW2_MAGIC 0x514649fbu
#define QCOW2_EXTERNAL (UINT64_C(1) << 2)

static uint64_t big_endian(const uint8_t *at, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value = value << 8 | at[i];
	return value;
}

static bool header_read(int fd, uint8_t header[80])
{
	memset(header, 0, 80);
	return pread(fd, header, 80, 0) == 80 && big_endian(header, 4) == QCOW2_MAGIC;
}

bool vm_qcow2_has_data_file(int fd)
{
	uint8_t header[80];

	return header_read(fd, header) && big_endian(header + 4, 4) >= 3 &&
	       big_endian(header + 72, 8) & QCOW2_EXTERNAL;
}

bool vm_qcow2_leads_out(int fd)
{
	uint8_t header[80];

	return header_read(fd, header) &&
	       (big_endian(header + 8, 8) != 0 || vm_qcow2_has_data_file(fd));
}

/* Which file it is: another one below the same overlay would garble what is in that. */
static void identity(const struct vm_image *image, int fd, const struct stat *st,
		     char *out, size_t size)
{
	uint64_t bytes = 0;

	/* A device's node has neither a size nor a time of what is on it. */
	if (S_ISBLK(st->st_mode)) {
		(void)ioctl(fd, BLKGETSIZE64, &bytes);
		(void)snprintf(out, size, "device %u:%u %llu %.300s", major(st->st_rdev),
			       minor(st->st_rdev), (unsigned long long)bytes,
			       image->path);
		return;
	}
	(void)snprintf(out, size, "%lld.%09ld %llu %.300s", (long long)st->st_mtim.tv_sec,
		       st->st_mtim.tv_nsec, (unsigned long long)st->st_size, image->path);
}

static int image_known(struct vm *vm, int fd, const struct stat *st)
{
	AUTO_FREE char *overlay = vm_path(vm->name, "system.qcow2");
	struct record *record = vm->of->record;
	char now[sizeof(record->image)];

	identity(&vm->image, fd, st, now, sizeof(now));
	if (access(overlay, F_OK)) {
		(void)stpcpy(record->image, now);
		return 0;
	}
	if (strcmp(now, record->image) != 0)
		return vm_fail(vm, ESTALE,
			       "%s is not what this guest's disk was made over: rm the "
			       "guest, or bring the image back",
			       vm->image.path);
	return 0;
}

int vm_image_open(struct vm *vm)
{
	const struct guest *g = vm->of->guest;
	struct vm_image *image = &vm->image;
	AUTO_CLOSE int fd = -1;
	uint8_t header[80];
	struct stat st;

	if (!g->image && g->disk_count == 0)
		return 0; /* an initramfs alone */
	image->path = realpath(g->image ? g->image : g->disk[0].image, NULL);
	if (image->path)
		fd = open(image->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st))
		return vm_fail(vm, errno, "%s: %s",
			       g->image ? g->image : g->disk[0].image, strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return vm_fail(vm, EMEDIUMTYPE, "%s is no disk image", image->path);
	image->qcow2 = header_read(fd, header);
	if (vm_qcow2_leads_out(fd))
		return vm_fail(
			vm, EMEDIUMTYPE,
			"%s names another file that it lies over: that is refused, as "
			"it could be any; qemu-img convert makes one of it",
			image->path);
	return image_known(vm, fd, &st);
}

int vm_overlay_make(struct vm *vm)
{
	AUTO_FREE char *overlay = vm_path(vm->name, "system.qcow2");
	AUTO_FREE char *fresh = vm_path(vm->name, "system.qcow2.new");
	const char *const argv[] = { "qemu-img",
				     "create",
				     "-q",
				     "-f",
				     "qcow2",
				     "-F",
				     vm->image.qcow2 ? "qcow2" : "raw",
				     "-b",
				     vm->image.path,
				     fresh,
				     NULL };
	struct vm_child child = { .argv = argv,
				  .in = -1,
				  .caps = UINT64_C(1) << CAP_DAC_READ_SEARCH,
				  .group_of = vm };
	char said[300];
	int result;

	if (!vm->image.path)
		return 0;
	if (!access(overlay, F_OK) && !vm->of->guest->is_volatile)
		return 0;
	result = vm_child_run(&child, said, sizeof(said));
	if (result == 127)
		return vm_fail(vm, ENOENT, "qemu-img is not installed (qemu-utils)");
	if (result)
		return vm_fail(vm, EIO, "qemu-img: %s", said);
	if (rename(fresh, overlay))
		return vm_fail(vm, errno, "%s: %s", overlay, strerror(errno));
	return 0;
}
