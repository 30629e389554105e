/* A VM's second disk, its /root: from a seed, or empty. */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_PART (64 << 20) /* bytes, between two looks at the clock */

/* Shared blocks where the file system can, else a copy. */
static int clone_or_copy(int from, int to, off_t size, nsec_t deadline)
{
	off_t left = size;

	if (!ioctl(to, FICLONE, from))
		return 0;
	while (left > 0) {
		size_t part = left < COPY_PART ? (size_t)left : COPY_PART;
		ssize_t n = copy_file_range(from, NULL, to, NULL, part, 0);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		if (clock_now() > deadline)
			return -ETIMEDOUT;
		left -= n;
	}
	return 0;
}

static int tool(struct vm *vm, const char *const *argv, int disk)
{
	struct vm_child child = { .argv = argv,
				  .id = vm->of->record->first_id,
				  .fds = &disk,
				  .fd_count = 1,
				  .in = -1,
				  .group_of = vm };
	char said[250];
	int result = vm_child_run(&child, said, sizeof(said));

	/* 1 of e2fsck: mended. */
	if (result == 0 || (result == 1 && !strcmp(argv[0], "e2fsck")))
		return 0;
	return vm_fail(vm, EIO, "work disk: %s: %s", argv[0],
		       result == 127 ? "is not installed (e2fsprogs)" : said);
}

static int seed_take(struct vm *vm, int to, const char *seed, uint64_t wanted)
{
	static const char *const check[] = { "e2fsck", "-f", "-p", "/proc/self/fd/3",
					     NULL };
	static const char *const resize[] = { "resize2fs", "/proc/self/fd/3", NULL };
	AUTO_CLOSE int from = open(seed, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int result;

	if (from < 0 || fstat(from, &st))
		return vm_fail(vm, errno, "%s: %s", seed, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return vm_fail(vm, EMEDIUMTYPE, "%s is no disk image", seed);
	/* Before anything is copied. */
	if (wanted && wanted < (uint64_t)st.st_size)
		return vm_fail(
			vm, ENOSPC,
			"--work-size %llu is smaller than the seed, which has %llu "
			"bytes",
			(unsigned long long)wanted, (unsigned long long)st.st_size);
	result = clone_or_copy(from, to, st.st_size, vm->deadline);
	if (result)
		return vm_fail(vm, result, "work disk: %s", strerror(-result));
	if (!wanted || wanted == (uint64_t)st.st_size)
		return 0;
	if (ftruncate(to, (off_t)wanted))
		return vm_fail(vm, errno, "work disk: %s", strerror(errno));
	result = tool(vm, check, to);
	return result ? result : tool(vm, resize, to);
}

static int empty_make(struct vm *vm, int to, uint64_t size)
{
	static const char *const make[] = { "mkfs.ext4", "-q",       "-F",
					    "-L",        "bee-work", "/proc/self/fd/3",
					    NULL };

	if (ftruncate(to, (off_t)size))
		return vm_fail(vm, errno, "work disk: %s", strerror(errno));
	return tool(vm, make, to);
}

int vm_work_make(struct vm *vm)
{
	const struct guest *g = vm->of->guest;
	AUTO_FREE char *path = vm_path(vm->name, "work.img");
	AUTO_FREE char *fresh = vm_path(vm->name, "work.img.new");
	AUTO_CLOSE int fd = -1;
	uid_t id = vm->of->record->first_id;
	int result;

	vm->work = !access(path, F_OK);
	if (vm->work || (!g->work_seed && !g->work_size))
		return 0;
	(void)unlink(fresh);
	fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	/* The tools that write to it are nobody, and open it by /proc/self/fd. */
	if (fd < 0 || fchown(fd, id, id))
		return vm_fail(vm, errno, "%s: %s", fresh, strerror(errno));
	result = g->work_seed ? seed_take(vm, fd, g->work_seed, g->work_size)
			      : empty_make(vm, fd, g->work_size);
	/* An empty one is whole when it has what is in the image's /root: vm_config.c. */
	vm->work_new = !result && !g->work_seed && vm->image.path;
	if (!result && !vm->work_new && (fsync(fd) || rename(fresh, path)))
		result = vm_fail(vm, errno, "%s: %s", path, strerror(errno));
	if (result)
		(void)unlink(fresh);
	vm->work = !result;
	return result;
}
