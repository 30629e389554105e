/* A file that has its name only when it is whole. */
#include "whole.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHERS_MAX                                                                       \
	100 /* that have the name we would have: left behind, or of our number elsewhere */
#define NAME_SHOWN                                                                       \
	200 /* bytes of the name in the name until then: both are 255 at most */

static const int ends[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE, SIGALRM,
			    SIGTERM, SIGXCPU, SIGUSR1, SIGUSR2 };

/* What has a name that is not its file's yet: of a command that makes one file, and a list of it. */
static struct left {
	bool there;
	int folder;
	pid_t owner;
	char name[NAME_SHOWN + 32];
} left[2];

static void left_remove(void)
{
	for (size_t i = 0; i < ARRAY_LEN(left); i++)
		if (left[i].there && left[i].owner == getpid())
			(void)unlinkat(left[i].folder, left[i].name, 0);
}

static void left_remove_at(int number)
{
	left_remove();
	(void)raise(number); /* SA_RESETHAND: it ends us as it would have without this */
}

/* Removed however this process ends, but for KILL. */
static void left_begin(const struct whole *whole)
{
	const struct sigaction remove = { .sa_handler = left_remove_at,
					  .sa_flags = (int)SA_RESETHAND };
	struct left *next = left[0].there ? &left[1] : &left[0];
	static bool registered;
	struct sigaction old;

	if (next->there)
		return;
	(void)snprintf(next->name, sizeof(next->name), "%s", whole->temporary);
	next->owner = getpid();
	next->folder = whole->folder;
	next->there = true;
	if (!registered)
		(void)atexit(left_remove);
	registered = true;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (!sigaction(ends[i], NULL, &old) && old.sa_handler == SIG_DFL)
			(void)sigaction(ends[i], &remove, NULL);
}

static void stay(int number)
{
	(void)number;
}

/* A limit of a file's size is an error as a full disk is one (write(2): EFBIG); a program that we start is
 * ended by it again, as it would not be with SIG_IGN. */
static void limit_survive(void)
{
	const struct sigaction survive = { .sa_handler = stay, .sa_flags = SA_RESTART };
	struct sigaction old;

	if (!sigaction(SIGXFSZ, NULL, &old) && old.sa_handler == SIG_DFL)
		(void)sigaction(SIGXFSZ, &survive, NULL);
}

static void left_end(const struct whole *whole)
{
	for (size_t i = 0; i < ARRAY_LEN(left); i++)
		left[i].there &= left[i].folder != whole->folder;
}

/* Where the file system makes no file without a name; a killed process leaves it behind. */
static void open_named(struct whole *whole, const char *folder)
{
	AUTO_FREE char *path =
		xasprintf("%s/.%.*s.XXXXXX", folder, NAME_SHOWN, whole->name);
	mode_t mask = umask(0);

	(void)umask(mask);
	whole->fd = mkostemp(path, O_CLOEXEC);
	if (whole->fd < 0)
		err(BEE_CANTCREAT, "%s", whole->path);
	whole->temporary = xstrdup(strrchr(path, '/') + 1);
	left_begin(whole);
	if (fchmod(whole->fd, 0666 & ~mask))
		err(BEE_CANTCREAT, "%s", whole->path);
}

/* Pipes, devices, and what has no name to be replaced (memfd_create(2), by /proc) are written to as
 * they are. True: it is one, and open. */
static bool open_special(struct whole *whole, const char *path, bool named)
{
	struct stat st;

	if (stat(path, &st) || (S_ISREG(st.st_mode) && named))
		return false;
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode) && !S_ISREG(st.st_mode))
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
	limit_survive();
	if (!strcmp(path, "-") || open_special(whole, path, real))
		return;
	whole->name = xstrdup(slash + 1);
	slash[1] = '\0';
	whole->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (whole->folder < 0)
		err(BEE_CANTCREAT, "%s", folder);
	if (!*whole->name)
		errx(BEE_CANTCREAT, "%s: it is no file", path);
	if (strlen(whole->name) > NAME_MAX)
		errx(BEE_CANTCREAT, "%s: %s", path, strerrordesc_np(ENAMETOOLONG));
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
	int result = -1;

	errno = EEXIST;
	for (int i = 0; result && errno == EEXIST && i < OTHERS_MAX; i++) {
		free(whole->temporary);
		whole->temporary = xasprintf(".%.*s.%ld", NAME_SHOWN, whole->name,
					     (long)getpid() + i);
		result = linkat(AT_FDCWD, fd_path(from, whole->fd), whole->folder,
				whole->temporary, AT_SYMLINK_FOLLOW);
	}
	if (result)
		err(BEE_IOERR, "%s", whole->path);
}

void whole_end(struct whole *whole)
{
	sigset_t all, before;

	if (whole->folder < 0)
		return;
	hand_over(whole);
	if (fsync(whole->fd))
		err(BEE_IOERR, "%s", whole->path);
	/* Nobody ends us between one name and the other. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &before);
	if (!whole->temporary)
		name_temporary(whole);
	if (renameat(whole->folder, whole->temporary, whole->folder, whole->name)) {
		warn("%s", whole->path);
		(void)unlinkat(whole->folder, whole->temporary, 0);
		exit(BEE_IOERR);
	}
	left_end(whole);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (fsync(whole->folder))
		err(BEE_IOERR, "%s", whole->path);
	close(whole->fd);
	close(whole->folder);
	free(whole->temporary);
	free(whole->name);
}
