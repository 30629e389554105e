/* The reference tree, looked at from outside as by a process whose root it is. */
#include "reference.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <unistd.h>

int reference_open(int top, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	int fd;

	if (!(flags & O_PATH))
		how.flags |= O_NOATIME;
	fd = open_within(top, *path ? path : ".", &how);
	if (fd < 0 && errno == EPERM) {
		how.flags &= ~(uint64_t)O_NOATIME;
		fd = open_within(top, *path ? path : ".", &how);
	}
	return fd;
}
