/*
 * What is on a disk image, read by a process that has no rights: libblkid takes apart what a
 * stranger has written, and the one that asks is root with a lock.
 */
#include "disk.h"
#include "stdio_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534u
#define LOOK_TIME                                                                        \
	(10 * NSEC_PER_SEC) /* an image may lie on a file system that has died */

/* A whole disk that is no file system itself may have partitions. */
static void seen_fill(int image, unsigned number, bool first, struct disk_seen *seen)
{
	char *why = seen->why;
	size_t size = sizeof(seen->why);

	seen->partition = number;
	seen->error = disk_range(image, number, &seen->range, why, size);
	if (seen->error || !disk_type(image, &seen->range, seen->type, why, size) ||
	    number > 0 || !first)
		return;
	seen->type[0] = '\0';
	if (disk_range(image, 1, &seen->range, why, size)) {
		seen->error = disk_range(image, 0, &seen->range, why, size);
		return;
	}
	seen->partition = 1;
	if (disk_type(image, &seen->range, seen->type, why, size))
		seen->type[0] = '\0';
}

/* Of the two descriptors nothing but reading one and writing the other is left. */
static _Noreturn void looker(int image, unsigned number, bool first, int out)
{
	struct disk_seen seen = { .error = 0 };

	image = fcntl(image, F_DUPFD, 10);
	out = fcntl(out, F_DUPFD, 10);
	if (dup2(image, 3) < 0 || dup2(out, 4) < 0 || close_range(5, ~0U, 0) ||
	    setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY) || stdio_filter_load(STDIO_AND_DISK))
		_exit(1);
	seen_fill(3, number, first, &seen);
	_exit(write(4, &seen, sizeof(seen)) != sizeof(seen));
}

/* It may have been taken over: what it says is looked at like anything from outside. */
static bool seen_good(int image, struct disk_seen *seen)
{
	struct stat st;

	seen->type[sizeof(seen->type) - 1] = '\0';
	seen->why[sizeof(seen->why) - 1] = '\0';
	for (char *at = seen->why; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	if (seen->error)
		return seen->error < 0 && seen->error > -4096;
	return !fstat(image, &st) && seen->partition <= 128 && seen->range.size > 0 &&
	       seen->range.offset <= (uint64_t)st.st_size &&
	       seen->range.size <= (uint64_t)st.st_size - seen->range.offset &&
	       (!*seen->type || disk_type_known(seen->type));
}

static bool seen_take(int in, pid_t pid, struct disk_seen *seen)
{
	struct pollfd ready = { .fd = in, .events = POLLIN };
	nsec_t deadline = clock_now() + LOOK_TIME;
	bool good;
	int n;

	do
		n = poll(&ready, 1, clock_poll_ms(deadline));
	while (n < 0 && errno == EINTR);
	good = n > 0 && read(in, seen, sizeof(*seen)) == sizeof(*seen);
	(void)kill(pid, SIGKILL);
	/* One that hangs in the kernel is reaped by whoever comes after us. */
	(void)waitpid(pid, NULL, n > 0 ? 0 : WNOHANG);
	return good;
}

int disk_look(int image, unsigned number, bool first, struct disk_seen *seen)
{
	AUTO_FREE char *path = xasprintf("/proc/self/fd/%d", image);
	/* Not to write to it. */
	AUTO_CLOSE int readable = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int ends[2];
	pid_t pid;

	*seen = (struct disk_seen){ .error = -EIO };
	(void)snprintf(seen->why, sizeof(seen->why), "what is on it cannot be looked at");
	if (readable < 0 || pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0)
		looker(readable, number, first, ends[1]);
	close(ends[1]);
	if (pid > 0 && (!seen_take(ends[0], pid, seen) || !seen_good(image, seen))) {
		*seen = (struct disk_seen){ .error = -EIO };
		(void)snprintf(seen->why, sizeof(seen->why),
			       "what is on it cannot be looked at");
	}
	close(ends[0]);
	return seen->error;
}
