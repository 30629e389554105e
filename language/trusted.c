/* Files that nobody but root can have put where they are. */
#include "trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Judges the open `fd`, the first `len` bytes of `path`. 0, or -errno with its words. */
static int judge(int fd, const char *path, size_t len, char **why)
{
	const char *trouble = NULL;
	struct stat st = { .st_mode = 0 };
	int error = fd < 0 || fstat(fd, &st) ? -errno : 0;

	/* What openat(2) says of a link that it does not follow: to a file, to a folder. */
	if (error == -ELOOP)
		trouble = "is a link";
	else if (error == -ENOTDIR)
		trouble = "is a link or no folder";
	else if (!error && st.st_uid != 0)
		trouble = "does not belong to root";
	else if (!error && st.st_mode & (S_IWGRP | S_IWOTH))
		trouble = "may be written by others than root";
	else if (!error)
		return 0;
	*why = trouble ? xasprintf("refused: %.*s %s", (int)len, path, trouble)
		       : xstrdup(strerror(-error));
	return error ?: -EPERM;
}

int trusted_open(const char *path, int flags, char **why)
{
	const char *end = path + 1;
	struct stat st;
	int fd, error;

	if (lstat(path, &st) && errno == ENOENT) {
		*why = xstrdup(strerror(ENOENT));
		return -ENOENT;
	}
	fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	error = judge(fd, path, 1, why);
	while (!error && *end) {
		AUTO_CLOSE int folder = fd;
		AUTO_FREE char *name = NULL;
		const char *start = end + strspn(end, "/");

		end = strchrnul(start, '/');
		name = xasprintf("%.*s", (int)(end - start), start);
		fd = openat(folder, name,
			    O_CLOEXEC | O_NOFOLLOW |
				    (*end ? O_PATH | O_DIRECTORY : flags));
		error = judge(fd, path, (size_t)(end - path), why);
	}
	if (error)
		util_close(&fd);
	return error ?: fd;
}
