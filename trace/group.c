/* A control group for a boot. */
#include "group.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEPTH 16
#define OLD 60   /* s */
#define TRIES 50 /* of 10 ms: what was killed takes a moment to leave */

static char *v2_find(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *entry;
	char *path = NULL;

	while (mounts && !path && (entry = getmntent(mounts)))
		if (!strcmp(entry->mnt_type, "cgroup2"))
			path = xstrdup(entry->mnt_dir);
	if (mounts)
		(void)endmntent(mounts);
	return path;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_DP)
		(void)rmdir(path);
	return 0;
}

/*
 * Groups of boots that were killed; one that is in use stays, as rmdir(2) fails, and one that
 * was made a moment ago may be about to be.
 */
static void tidy(const char *above)
{
	AUTO_FREE char *pattern = xasprintf("%s/bee-trace-*", above);
	time_t old = time(NULL) - OLD;
	struct stat st;
	glob_t found;

	if (glob(pattern, GLOB_NOSORT, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (!lstat(found.gl_pathv[i], &st) && st.st_mtime < old)
			(void)nftw(found.gl_pathv[i], remove_one, DEPTH,
				   FTW_DEPTH | FTW_PHYS);
	globfree(&found);
}

void trace_group_make(struct group *group)
{
	AUTO_FREE char *above = v2_find();

	*group = (struct group){ .fd = -1 };
	if (!above)
		return;
	tidy(above);
	group->path = xasprintf("%s/bee-trace-%d", above, (int)getpid());
	if (!mkdir(group->path, 0755))
		group->fd = open(group->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (group->fd < 0)
		warn("%s", group->path);
}

void trace_group_remove(struct group *group)
{
	AUTO_CLOSE int kill = -1;

	if (group->fd < 0)
		return;
	kill = openat(group->fd, "cgroup.kill", O_WRONLY | O_CLOEXEC);
	if (kill < 0 || write(kill, "1", 1) != 1)
		warn("%s: cgroup.kill", group->path);
	for (int i = 0; i < TRIES; i++) {
		(void)nftw(group->path, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS);
		if (access(group->path, F_OK))
			break;
		(void)usleep(10000);
	}
	close(group->fd);
	free(group->path);
	*group = (struct group){ .fd = -1 };
}
