/*
 * bee trace arm and files: what a machine used that had the tree as its root file system from a
 * server, by access times. Armed, each is at the epoch: then relatime (mount(8)) sets it at the
 * first use, and whatever is not at the epoch later was used.
 */
#include "command.h"
#include "finds.h"
#include "names.h"
#include "quiet.h"
#include "whole.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct atime {
	const char *tree, *out, *stamp;
	bool arm;
	struct timespec since; /* what was used has a later time */
	struct finds finds;
	uint64_t seen, used, failed, armed; /* at the epoch, or brought there */
	bool relatime;
	bool refused; /* the folders of others are read with a trace */
	dev_t device;
};

static void read_options(struct atime *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "directory", required_argument, NULL, 'd' },
		{ "output", required_argument, NULL, 'o' },
		{ "timestamp", required_argument, NULL, 't' },
		COMMAND_OPTIONS,
	};
	int c;

	while ((c = command_option(argc, argv, a->arm ? "hd:" : "hd:o:t:", options)) !=
	       -1) {
		switch (c) {
		case 'd':
			a->tree = optarg;
			break;
		case 'o':
			a->out = optarg;
			break;
		default:
			a->stamp = optarg;
		}
	}
	if (!a->tree || optind < argc)
		command_usage("%s: -d DIR is the tree, and no more words", argv[0]);
	if (a->arm && (a->out || a->stamp))
		command_usage("arm: it has no list");
}

/* Where access times are not kept nothing can be learnt from them. */
static void check(struct atime *a, int top)
{
	struct statfs fs;
	struct statvfs flags;
	struct stat st;

	if (fstatfs(top, &fs) || fstatvfs(top, &flags) || fstat(top, &st))
		err(BEE_IOERR, "%s", a->tree);
	if (fs.f_type == OVERLAYFS_SUPER_MAGIC)
		errx(BEE_USAGE,
		     "%s: it is an overlay, which does not set access times below it",
		     a->tree);
	if (flags.f_flag & (ST_NOATIME | ST_NODIRATIME))
		errx(BEE_USAGE, "%s: it is mounted with noatime: no use sets a time",
		     a->tree);
	if (a->arm && flags.f_flag & ST_RDONLY)
		errx(BEE_USAGE, "%s: it is mounted read-only", a->tree);
	a->relatime = flags.f_flag & ST_RELATIME;
	a->device = st.st_dev;
}

static void fail(struct atime *a, const char *path)
{
	AUTO_FREE char *shown = name_shown(path, strlen(path));

	if (a->failed++ < 20)
		warn("/%s", shown);
}

static bool is_used(const struct atime *a, const struct stat *st)
{
	return st->st_atim.tv_sec > a->since.tv_sec ||
	       (st->st_atim.tv_sec == a->since.tv_sec &&
		st->st_atim.tv_nsec > a->since.tv_nsec);
}

static void look(struct atime *a, int folder, const char *name, const char *path,
		 const struct stat *st)
{
	static const struct timespec epoch[2] = { { .tv_sec = 0 },
						  { .tv_nsec = UTIME_OMIT } };

	a->seen++;
	a->armed += !a->arm && !st->st_atim.tv_sec;
	if (a->arm) {
		if (utimensat(folder, name, epoch, AT_SYMLINK_NOFOLLOW))
			fail(a, path);
		else
			a->armed++;
		return;
	}
	if (!is_used(a, st))
		return;
	a->used++;
	if (*path)
		(void)finds_put(&a->finds,
				S_ISDIR(st->st_mode)   ? USE_LISTED
				: S_ISLNK(st->st_mode) ? USE_LINK
						       : USE_READ,
				path, "");
}

/* A folder, without setting its own access time. */
static DIR *folder_open(struct atime *a, int above, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(above, name, flags | O_NOATIME);
	DIR *dir;

	if (fd < 0 && errno == EPERM) {
		a->refused = true;
		fd = openat(above, name, flags);
	}
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static void folder_look(struct atime *a, int above, const char *name, const char *path)
{
	DIR *dir = folder_open(a, above, name);
	const struct dirent *entry;

	if (!dir) {
		fail(a, path);
		return;
	}
	while ((entry = readdir(dir))) {
		AUTO_FREE char *below = NULL;
		struct stat st;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		below = xasprintf("%s%s%s", path, *path ? "/" : "", entry->d_name);
		/* No list can name it, and so deep no stack goes. */
		if (strlen(below) >= PATH_MAX) {
			errno = ENAMETOOLONG;
			fail(a, below);
			continue;
		}
		if (fstatat(dirfd(dir), entry->d_name, &st,
			    AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT)) {
			fail(a, below);
			continue;
		}
		/* What is mounted in the tree is none of it. */
		if (st.st_dev != a->device)
			continue;
		look(a, dirfd(dir), entry->d_name, below, &st);
		if (S_ISDIR(st.st_mode))
			folder_look(a, dirfd(dir), entry->d_name, below);
	}
	(void)closedir(dir);
}

static void walk(struct atime *a, int top)
{
	struct stat st;

	if (fstat(top, &st))
		err(BEE_IOERR, "%s", a->tree);
	look(a, AT_FDCWD, a->tree, "", &st);
	folder_look(a, top, ".", "");
	if (a->refused)
		warnx("folders of others were read, which sets their access times: "
		      "root can do without");
}

static int tree_top(const struct atime *a)
{
	int top = open(a->tree, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (top < 0)
		err(BEE_IOERR, "%s", a->tree);
	return top;
}

int trace_arm(int argc, char **argv)
{
	struct atime a = { .arm = true };
	AUTO_CLOSE int top = -1;

	read_options(&a, argc, argv);
	top = tree_top(&a);
	check(&a, top);
	walk(&a, top);
	warnx("%llu access times are at the epoch; their ctimes are now, so that a "
	      "backup will find these files changed",
	      (unsigned long long)a.armed);
	return a.failed ? BEE_INCOMPLETE : BEE_OK;
}

int trace_files(int argc, char **argv)
{
	struct atime a = { .arm = false };
	AUTO_CLOSE int top = -1;
	AUTO_CLOSE int quiet = -1;
	struct whole whole;
	struct stat st;

	read_options(&a, argc, argv);
	if (a.stamp && stat(a.stamp, &st))
		err(BEE_IOERR, "%s", a.stamp);
	if (a.stamp)
		a.since = st.st_mtim;
	top = tree_top(&a);
	check(&a, top);
	whole_open(&whole, a.out ? a.out : "-");
	walk(&a, top);
	if (!a.stamp && a.used == a.seen && !a.failed)
		warnx("no access time is at the epoch: was the tree armed?");
	if (a.stamp && a.relatime && !a.armed)
		warnx("%s: the tree was not armed: with relatime a file has no new time "
		      "that was used in the day before",
		      a.tree);
	quiet = quiet_open(a.tree);
	if (quiet < 0)
		err(BEE_IOERR, "%s", a.tree);
	list_write(&a.finds, quiet, &whole);
	return a.failed ? BEE_INCOMPLETE : BEE_OK;
}
