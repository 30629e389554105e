/* A leaf cgroup per job: cgroup.kill reaches what a pid namespace's end does not. */
#include "cgroup.h"

#include "enforced.h"
#include "jail.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static int file_put(const char *folder, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : write_all(fd, text, strlen(text));
}

static bool number_put(const char *leaf, const char *name, uint64_t value)
{
	AUTO_FREE char *text = xasprintf("%llu", (unsigned long long)value);

	return !file_put(leaf, name, text);
}

/* Our own path in the hierarchy whose line of /proc/self/cgroup holds `key`. */
static bool own_path(const char *key, char *out, size_t size)
{
	AUTO_FCLOSE FILE *file = fopen("/proc/self/cgroup", "re");
	char line[CGROUP_PATH_MAX + 128];

	while (file && fgets(line, sizeof(line), file)) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		if (strcmp(controllers + 1, key) != 0)
			continue;
		path[strcspn(path, "\n")] = '\0';
		return (size_t)snprintf(out, size, "%s", path) < size;
	}
	return false;
}

/* Mount point of cgroup2 (key NULL) or of the v1 hierarchy with controller `key`. */
static bool mount_point(const char *key, char *out, size_t size)
{
	const char *type = key ? "cgroup" : "cgroup2";
	FILE *file = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount = NULL;

	while (file && (mount = getmntent(file)))
		if (!strcmp(mount->mnt_type, type) && (!key || hasmntopt(mount, key)))
			break;
	if (mount)
		(void)snprintf(out, size, "%s", mount->mnt_dir);
	if (file)
		(void)endmntent(file);
	return mount != NULL;
}

static bool own_folder(const char *controller, char out[CGROUP_PATH_MAX])
{
	char point[CGROUP_PATH_MAX], path[CGROUP_PATH_MAX];
	int len;

	out[0] = '\0';
	/* "/.." is above the root of the cgroup namespace (cgroup_namespaces(7)), not of the mount. */
	if (!mount_point(controller, point, sizeof(point)) ||
	    !own_path(controller ? controller : "", path, sizeof(path)) ||
	    !strncmp(path, "/..", 3))
		return false;
	len = snprintf(out, CGROUP_PATH_MAX, "%s%s", point,
		       strcmp(path, "/") != 0 ? path : "");
	/* Half a path may be the path of somebody else's group. */
	if (len < CGROUP_PATH_MAX && !access(out, W_OK))
		return true;
	out[0] = '\0';
	return false;
}

/*
 * systemd marks a delegated folder; there the monitor moves into a leaf of its own, as a
 * group with controllers may hold no processes. Anywhere else the tree is somebody's.
 */
static bool controllers_take(const char *folder, const pid_t *family, size_t count)
{
	char mark[4] = "";
	AUTO_FREE char *leaf = xasprintf("%s/supervisor", folder);

	if (getxattr(folder, "user.delegate", mark, sizeof(mark)) < 1 &&
	    getxattr(folder, "trusted.delegate", mark, sizeof(mark)) < 1)
		return false;
	if (mark[0] != '1' || (mkdir(leaf, 0755) && errno != EEXIST))
		return false;
	for (size_t i = 0; i < count; i++)
		(void)!number_put(leaf, "cgroup.procs", (uint64_t)family[i]);
	if (file_put(leaf, "cgroup.procs", "0"))
		return false;
	return !file_put(folder, "cgroup.subtree_control", "+memory +pids");
}

void cgroup_init(struct cgroup *cgroup, const pid_t *family, size_t count)
{
	struct stat space;

	memset(cgroup, 0, sizeof(*cgroup));
	cgroup->owner = getpid();
	if (!stat("/proc/self/ns/pid", &space))
		cgroup->space = space.st_ino;
	if (own_folder(NULL, cgroup->v2))
		cgroup->controllers = controllers_take(cgroup->v2, family, count);
	if (cgroup->controllers)
		return;
	(void)own_folder("memory", cgroup->v1_memory);
	(void)own_folder("pids", cgroup->v1_pids);
}

void cgroup_end(const struct cgroup *cgroup)
{
	if (cgroup->controllers)
		(void)file_put(cgroup->v2, "cgroup.subtree_control", "-memory -pids");
}

static char *leaf_path(const struct cgroup *cgroup, const char *folder, unsigned number)
{
	return xasprintf("%s/" CGROUP_LEAF "%llu-%d-%u", folder,
			 (unsigned long long)cgroup->space, cgroup->owner, number);
}

#define OURS 2 /* stub and reader are in the leaf as well */

/* One process is bounded by its address space and by a filter without fork: moving it into v1
 * groups costs more than the rest of the jail and bounds nothing more. */
static bool in_v1(const struct cgroup *cgroup, const struct jail_limits *limits)
{
	return limits->tasks > 1 && !cgroup->controllers;
}

/* Whether it has worked is seen by the job itself, in cgroup_enter. */
static void v1_make(const struct cgroup *cgroup, const char *folder, unsigned number,
		    const char *name, uint64_t value)
{
	AUTO_FREE char *leaf = leaf_path(cgroup, folder, number);

	if (folder[0] && (!mkdir(leaf, 0755) || errno == EEXIST))
		(void)number_put(leaf, name, value);
}

int cgroup_make(const struct cgroup *cgroup, unsigned number,
		const struct jail_limits *limits)
{
	AUTO_FREE char *leaf = NULL;

	if (in_v1(cgroup, limits)) {
		v1_make(cgroup, cgroup->v1_memory, number, "memory.limit_in_bytes",
			limits->memory_bytes);
		v1_make(cgroup, cgroup->v1_pids, number, "pids.max",
			limits->tasks + limits->helpers + OURS);
	}
	if (!cgroup->v2[0])
		return -1;
	leaf = leaf_path(cgroup, cgroup->v2, number);
	if (mkdir(leaf, 0755))
		return -1;
	if (cgroup->controllers) {
		(void)number_put(leaf, "memory.max", limits->memory_bytes);
		(void)number_put(leaf, "pids.max",
				 limits->tasks + limits->helpers + OURS);
	}
	return open(leaf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Whether the caller is in that leaf, and a limit of it is no more than `most`. */
static bool holds(const char *key, const char *leaf, const char *name, uint64_t most)
{
	AUTO_FREE char *path = xasprintf("%s/%s", leaf, name);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char own[CGROUP_PATH_MAX], text[32] = "";
	uint64_t value;

	if (fd < 0 || read_full(fd, text, sizeof(text) - 1) < 0 ||
	    !own_path(key, own, sizeof(own)) || !strrchr(own, '/') ||
	    strcmp(strrchr(own, '/'), strrchr(leaf, '/')) != 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return !parse_u64(text, most, &value);
}

uint32_t cgroup_enter(const struct cgroup *cgroup, unsigned number,
		      const struct jail_limits *limits)
{
	const struct {
		const char *key, *folder, *name;
		uint64_t most;
		uint32_t bit;
	} groups[] = {
		{ "memory", cgroup->v1_memory, "memory.limit_in_bytes",
		  limits->memory_bytes, ENFORCED_CGROUP_MEMORY },
		{ "pids", cgroup->v1_pids, "pids.max",
		  limits->tasks + limits->helpers + OURS, ENFORCED_CGROUP_TASKS },
		{ "", cgroup->v2, "memory.max", limits->memory_bytes,
		  ENFORCED_CGROUP_MEMORY },
		{ "", cgroup->v2, "pids.max", limits->tasks + limits->helpers + OURS,
		  ENFORCED_CGROUP_TASKS },
		/* No limit, but the pids that one write to cgroup.kill ends. */
		{ "", cgroup->v2, "cgroup.procs", UINT64_MAX, ENFORCED_CGROUP_KILL },
	};
	uint32_t enforced = 0;

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		bool v1 = groups[i].key[0];
		AUTO_FREE char *leaf = leaf_path(cgroup, groups[i].folder, number);

		if (!groups[i].folder[0] || (v1 && !in_v1(cgroup, limits)))
			continue;
		if (v1)
			(void)file_put(leaf, "tasks", "0");
		if (holds(groups[i].key, leaf, groups[i].name, groups[i].most))
			enforced |= groups[i].bit;
	}
	return enforced;
}

void cgroup_kill(const struct cgroup *cgroup, unsigned number)
{
	AUTO_FREE char *leaf = leaf_path(cgroup, cgroup->v2, number);

	if (cgroup->v2[0])
		(void)file_put(leaf, "cgroup.kill", "1");
}

void cgroup_remove(const struct cgroup *cgroup, unsigned number)
{
	const char *folders[] = { cgroup->v2, cgroup->v1_memory, cgroup->v1_pids };

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		AUTO_FREE char *leaf = leaf_path(cgroup, folders[i], number);

		if (folders[i][0])
			(void)rmdir(leaf);
	}
}
