/* A file system of a disk, looked at without a byte being written to the disk. */
#include "readonly.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

int readonly_close(const char *node, int *closed, struct said *said)
{
	AUTO_CLOSE int fd = open(node, O_RDONLY | O_CLOEXEC);
	int read_only = 0, yes = 1;

	*closed = -1;
	if (fd < 0 || ioctl(fd, BLKROGET, &read_only) ||
	    (!read_only && ioctl(fd, BLKROSET, &yes)))
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
