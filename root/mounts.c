/* Mounts that are made somewhere else than where they end up. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int mounts_new(const char *type, const char *const *options, unsigned attrs)
{
	AUTO_CLOSE int fs = fsopen(type, FSOPEN_CLOEXEC);

	if (fs < 0)
		return -1;
	for (; options && options[0]; options += 2)
		if (fsconfig(fs, FSCONFIG_SET_STRING, options[0], options[1], 0))
			return -1;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -1;
	return fsmount(fs, FSMOUNT_CLOEXEC, attrs);
}

int mounts_copy(const char *path, bool all)
{
	return open_tree(AT_FDCWD, path,
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
				 (all ? (unsigned)AT_RECURSIVE : 0));
}

int mounts_place(int fd, const char *path)
{
	int failed = move_mount(fd, "", AT_FDCWD, path,
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS);

	close(fd);
	return failed;
}

/* Every folder on the way to the last name of `path`. */
static int folders_above(const char *path, char part[PATH_MAX])
{
	if (snprintf(part, PATH_MAX, "%s", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

int mounts_folder(const char *path)
{
	char part[PATH_MAX];
	struct stat st;

	if (!stat(path, &st))
		return 0;
	return folders_above(path, part) || (mkdir(path, 0755) && errno != EEXIST) ? -1
										   : 0;
}

int mounts_file(const char *path)
{
	char part[PATH_MAX];
	struct stat st;

	if (!stat(path, &st))
		return 0;
	return folders_above(path, part) || mknod(path, S_IFREG | 0644, 0) ? -1 : 0;
}
