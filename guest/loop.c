/* Loop devices of guests: made, found by their owner's name, cleared. */
#include "disk.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECTOR 512u
#define OWNER "bee:"
#define LOOP_TIME (3 * NSEC_PER_SEC) /* for one device to say whose it is */

int loop_free(void)
{
	AUTO_CLOSE int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);

	return number < 0 ? -errno : number;
}

static int loop_open(int number, int flags)
{
	AUTO_FREE char *path = xasprintf("/dev/loop%d", number);

	return open(path, flags | O_CLOEXEC);
}

int loop_make(int number, int image, const struct disk_range *range, const char *id,
	      bool read_only)
{
	struct loop_config config = {
		.fd = (unsigned)image,
		.block_size = SECTOR,
		/* Until it is cleared, by its owner's name: one that went with its last opener would
		 * be somebody else's disk under the node that a guest still has. */
		.info = { .lo_offset = range->offset,
			  .lo_sizelimit = range->size,
			  .lo_flags = read_only ? LO_FLAGS_READ_ONLY : 0 },
	};
	int loop = loop_open(number, read_only ? O_RDONLY : O_RDWR);
	const int no = 0;

	if (loop < 0)
		return -errno;
	(void)snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, OWNER "%s", id);
	/* What "blockdev --setro" has said of a device stays when its file is gone. */
	if (ioctl(loop, LOOP_CONFIGURE, &config) ||
	    (!read_only && ioctl(loop, BLKROSET, &no))) {
		int error = errno;

		close(loop);
		return -error;
	}
	return loop;
}

/* A device without a file has no such folder (drivers/block/loop.c: loop_sysfs_init). */
static bool is_bound(const char *name)
{
	AUTO_FREE char *path = xasprintf("/sys/block/%s/loop", name);

	return !access(path, F_OK);
}

/* What a child finds: a device, and whose it is. */
struct found {
	unsigned number;
	char id[LO_NAME_SIZE]; /* "": not ours */
};

/* The kernel asks the file below for what it tells of a loop device, and that may hang with its file system. */
static void found_look(int fd, struct found *found)
{
	struct loop_info64 info;
	const char *name = (const char *)info.lo_file_name;

	if (fd < 0 || ioctl(fd, LOOP_GET_STATUS64, &info))
		return;
	info.lo_file_name[LO_NAME_SIZE - 1] = '\0';
	if (!strncmp(name, OWNER, strlen(OWNER)))
		(void)stpcpy(found->id, name + strlen(OWNER));
}

/* In a child that may be left behind: it holds nothing of ours, no lock among it. */
static _Noreturn void look_at(const unsigned *numbers, size_t count, const char *clear,
			      int out)
{
	if (dup2(out, 0) < 0 || close_range(3, ~0U, 0))
		_exit(1);
	for (size_t i = 0; i < count; i++) {
		struct found found = { .number = numbers[i] };
		AUTO_CLOSE int fd = loop_open((int)numbers[i], O_RDONLY);

		found_look(fd, &found);
		/* While it is open, whose it is does not change: one that was let go since its owner was
		 * told may be another's by now. */
		if (clear && !strcmp(found.id, clear))
			(void)ioctl(fd, LOOP_CLR_FD);
		if (write(0, &found, sizeof(found)) != sizeof(found))
			break;
	}
	_exit(0);
}

/* Takes what the child says, one by one. Returns how many it has said: then one has no answer. */
static size_t found_take(int in, size_t count,
			 void (*each)(int number, const char *id, void *data), void *data)
{
	for (size_t i = 0; i < count; i++) {
		struct pollfd ready = { .fd = in, .events = POLLIN };
		struct found found;

		if (poll(&ready, 1, (int)(LOOP_TIME / NSEC_PER_MSEC)) <= 0 ||
		    read(in, &found, sizeof(found)) != sizeof(found))
			return i;
		if (*found.id)
			each((int)found.number, found.id, data);
	}
	return count;
}

/* Those of the guest `clear` are let go; NULL: none is. */
static size_t loops_look(const unsigned *numbers, size_t count, const char *clear,
			 void (*each)(int number, const char *id, void *data), void *data)
{
	size_t done = 0;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return count;
	pid = fork();
	if (pid == 0)
		look_at(numbers, count, clear, ends[1]);
	close(ends[1]);
	if (pid > 0) {
		done = found_take(ends[0], count, each, data);
		if (done < count)
			(void)kill(pid, SIGKILL);
		/* One that hangs is reaped by whoever comes after us. */
		(void)waitpid(pid, NULL, done < count ? WNOHANG : 0);
	}
	close(ends[0]);
	return pid > 0 ? done : count;
}

void loop_each(void (*each)(int number, const char *id, void *data), void *data)
{
	DIR *dir = opendir("/sys/block");
	unsigned *numbers = NULL;
	size_t count = 0;

	for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
		uint64_t number;

		if (strncmp(e->d_name, "loop", 4) != 0 ||
		    parse_u64(e->d_name + 4, 0xfffff, &number) || !is_bound(e->d_name))
			continue;
		numbers = xrealloc_array(numbers, count + 1, sizeof(*numbers));
		numbers[count++] = (unsigned)number;
	}
	if (dir)
		closedir(dir);
	for (size_t at = 0; at < count; at++) {
		at += loops_look(numbers + at, count - at, NULL, each, data);
		if (at < count)
			warnx("/dev/loop%u does not answer: it is left", numbers[at]);
	}
	free(numbers);
}

static void cleared(int number, const char *id, void *data)
{
	(void)number;
	(void)id;
	(void)data;
}

void loop_clear(int number, const char *id)
{
	const unsigned one = (unsigned)number;

	(void)loops_look(&one, 1, id, cleared, NULL);
}
