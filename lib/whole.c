/* A file that has its name only when it is whole. */
#include "whole.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the file system makes no file without a name; a killed process leaves it behind. */
static void open_named(struct whole *whole, const char *folder)
{
	AUTO_FREE char *path = xasprintf("%s/.%s.XXXXXX", folder, whole->name);
	mode_t mask = umask(0);

	(void)umask(mask);
	whole->fd = mkostemp(path, O_CLOEXEC);
	if (whole->fd < 0)
		err(BEE_CANTCREAT, "%s", whole->path);
	whole->temporary = xstrdup(strrchr(path, '/') + 1);
	if (fchmod(whole->fd, 0666 & ~mask))
		err(BEE_CANTCREAT, "%s", whole->path);
}

/* Pipes and devices are written to as they are. True: it is one, and open. */
static bool open_special(struct whole *whole, const char *path)
{
	struct stat st;

	if (stat(path, &st) || S_ISREG(st.st_mode))
		return false;
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		errx(BEE_CANTCREAT, "%s: it is no file", path);
	whole->fd = open(path, O_WRONLY | O_CLOEXEC);
	if (whole->fd < 0)
		err(BEE_CANTCREAT, "%s", path);
	return true;
}

void whole_open(struct whole *whole, const char *path)
{
	AUTO_FREE char *real =
		realpath(path, NULL); /* what a link leads to is replaced */
	AUTO_FREE char *folder = xasprintf("%s%s", real || strchr(path, '/') ? "" : "./",
					   real ? real : path);
	char *slash = strrchr(folder, '/');

	*whole = (struct whole){ .path = path, .folder = -1, .fd = STDOUT_FILENO };
	if (!strcmp(path, "-") || open_special(whole, path))
		return;
	whole->name = xstrdup(slash + 1);
	slash[1] = '\0';
	whole->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (whole->folder < 0)
		err(BEE_CANTCREAT, "%s", folder);
	if (!*whole->name)
		errx(BEE_CANTCREAT, "%s: it is no file", path);
	whole->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (whole->fd < 0)
		open_named(whole, folder);
}

/* Under sudo root makes what its caller asked for. */
static void hand_over(const struct whole *whole)
{
	const char *user = getenv("SUDO_UID"), *group = getenv("SUDO_GID");
	uint64_t uid, gid;

	if (!whole->owned && geteuid() == 0 && user && group &&
	    !parse_u64(user, UINT32_MAX - 1, &uid) &&
	    !parse_u64(group, UINT32_MAX - 1, &gid) &&
	    fchown(whole->fd, (uid_t)uid, (gid_t)gid))
		warn("%s: its owner", whole->path);
}

static void name_temporary(struct whole *whole)
{
	char from[FD_PATH_SIZE];

	whole->temporary = xasprintf(".%s.%ld", whole->name, (long)getpid());
	if (linkat(AT_FDCWD, fd_path(from, whole->fd), whole->folder, whole->temporary,
		   AT_SYMLINK_FOLLOW))
		err(BEE_IOERR, "%s", whole->path);
}

void whole_end(struct whole *whole)
{
	if (whole->folder < 0)
		return;
	hand_over(whole);
	if (fsync(whole->fd))
		err(BEE_IOERR, "%s", whole->path);
	if (!whole->temporary)
		name_temporary(whole);
	if (renameat(whole->folder, whole->temporary, whole->folder, whole->name)) {
		warn("%s", whole->path);
		(void)unlinkat(whole->folder, whole->temporary, 0);
		exit(BEE_IOERR);
	}
	if (fsync(whole->folder))
		err(BEE_IOERR, "%s", whole->path);
	close(whole->fd);
	close(whole->folder);
	free(whole->temporary);
	free(whole->name);
}
