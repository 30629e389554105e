/* Where the groups of guests are: in cgroup v2 and v1, and those that a guest has made below. */
#include "group_find.h"
#include "group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "guest-"

const char *const group_hierarchies[GROUP_HIERARCHIES] = {
	"", "memory", "pids", "cpuacct", "blkio", "devices"
};

static void tops_read(FILE *mounts, char **tops)
{
	for (struct mntent *m = getmntent(mounts); m; m = getmntent(mounts))
		for (size_t i = 0; i < ARRAY_LEN(group_hierarchies); i++) {
			const char *controller = group_hierarchies[i];

			if (!tops[i] &&
			    !strcmp(m->mnt_type, *controller ? "cgroup" : "cgroup2") &&
			    (!*controller || hasmntopt(m, controller)))
				tops[i] = xstrdup(m->mnt_dir);
		}
}

const char *group_top(const char *controller)
{
	static char *tops[ARRAY_LEN(group_hierarchies)];
	static bool known;
	size_t i = 0;

	if (!known) {
		FILE *mounts = setmntent("/proc/self/mounts", "re");

		if (!mounts)
			return NULL;
		tops_read(mounts, tops);
		endmntent(mounts);
		known = true;
	}
	while (strcmp(group_hierarchies[i], controller) != 0)
		i++;
	return tops[i];
}

char *group_folder(const char *controller, const char *id)
{
	const char *top = group_top(controller);

	return top ? xasprintf("%s/" GROUP_ABOVE "/" PREFIX "%s", top, id) : NULL;
}

bool group_read(const char *folder, const char *name, char *out, size_t size)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, out, size - 1);

	out[len < 0 ? 0 : len] = '\0';
	return len >= 0;
}

int group_walk(int dir, unsigned depth,
	       int (*each)(int above, const char *name, void *data), void *data)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list) {
		result = -errno;
		if (copy >= 0)
			close(copy);
		return result;
	}
	for (const struct dirent *e = readdir(list); e; e = readdir(list)) {
		AUTO_CLOSE int below = -1;
		int error = 0;

		if (e->d_type != DT_DIR || !strcmp(e->d_name, ".") ||
		    !strcmp(e->d_name, ".."))
			continue;
		below = openat(dir, e->d_name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0 && depth > 0)
			error = group_walk(below, depth - 1, each, data);
		if (below >= 0 && !error)
			error = each(dir, e->d_name, data);
		if (error && !result)
			result = error;
	}
	closedir(list);
	return result;
}

void group_each(void (*each)(const char *id, void *data), void *data)
{
	for (size_t i = 0; i < ARRAY_LEN(group_hierarchies); i++) {
		const char *top = group_top(group_hierarchies[i]);
		AUTO_FREE char *above = top ? xasprintf("%s/" GROUP_ABOVE, top) : NULL;
		DIR *dir = above ? opendir(above) : NULL;

		for (const struct dirent *e = dir ? readdir(dir) : NULL; e;
		     e = readdir(dir)) {
			const char *id = e->d_name + strlen(PREFIX);

			if (!strncmp(e->d_name, PREFIX, strlen(PREFIX)) &&
			    strlen(id) == GUEST_ID_SIZE - 1)
				each(id, data);
		}
		if (dir)
			closedir(dir);
	}
}
