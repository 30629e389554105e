/* A file system of a disk, looked at without a byte being written to the disk. */
#include "readonly.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

/*
 * Who has closed a disk to writing may be killed, and then nothing could be restored to it until the next boot. This process
 * waits for our end and opens it, whatever signals come; where we did that ourselves, it does so once more. Its descriptors are
 * these two. 0 or -errno.
 */
static int opener_start(int disk)
{
	int ends[2], writable = 0;
	sigset_t all;
	pid_t pid;
	char byte;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0) {
		sigfillset(&all);
		if (sigprocmask(SIG_BLOCK, &all, NULL) || dup2(disk, 0) < 0 ||
		    dup2(ends[0], 1) < 0 || close_range(2, ~0U, 0))
			_exit(BEE_SOFTWARE);
		(void)!read(1, &byte, 1);
		_exit(ioctl(0, BLKROSET, &writable) ? BEE_IOERR : BEE_OK);
	}
	close(ends[0]);
	/* The other end is ours until we end. */
	return pid < 0 ? -errno : 0;
}

int readonly_close(const char *node, int *closed, struct said *said)
{
	AUTO_CLOSE int fd = open(node, O_RDONLY | O_CLOEXEC);
	int read_only = 0, yes = 1;

	*closed = -1;
	if (fd < 0 || ioctl(fd, BLKROGET, &read_only) ||
	    (!read_only && (opener_start(fd) || ioctl(fd, BLKROSET, &yes))))
		return say(said, "mount: %s cannot be closed to writing: %s", node,
			   strerrordesc_np(errno) ?: "?");
	if (!read_only)
		*closed = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return 0;
}

void readonly_open(int closed)
{
	int writable = 0;

	if (closed < 0)
		return;
	(void)ioctl(closed, BLKROSET, &writable);
	close(closed);
}

/* Nothing is written, not even a journal played back. */
static const char *options_of(const char *type)
{
	if (!strcmp(type, "ext3") || !strcmp(type, "ext4"))
		return "noload";
	return strcmp(type, "xfs") ? "" : "norecovery";
}

int readonly_namespace(void)
{
	return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)
		       ? -1
		       : 0;
}

int readonly_mount(const char *node, const char *place, const char *type,
		   struct said *said)
{
	if (mount(node, place, type, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  options_of(type)))
		return say(said, "mount: %s as %s: %s", node, type,
			   strerrordesc_np(errno) ?: "?");
	return 0;
}
