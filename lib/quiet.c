/* A folder that is read without a trace of it. */
#include "quiet.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

int quiet_open(const char *path)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOATIME,
				   .attr_clr = MOUNT_ATTR__ATIME };
	int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (folder < 0)
		return -1;
	fd = open_tree(folder, "",
		       AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
			       AT_RECURSIVE);
	if (fd >= 0 &&
	    !mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr))) {
		close(folder);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return folder;
}
