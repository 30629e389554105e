/* A guest's cgroup, in v2 and v1: made, entered, ended. */
#include "group.h"
#include "group_find.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How a guest may divide its group in v2: systemd needs some ten levels and a hundred groups. */
#define DEPTH_LIMIT "32"
#define DESCENDANTS_LIMIT "10000"

static int file_put(const char *folder, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : write_all(fd, text, strlen(text));
}

/* Whether a file of words, with blanks between, has this one. */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; *at; at += strspn(at, " \n")) {
		size_t n = strcspn(at, " \n");

		if (n == len && !strncmp(at, word, len))
			return true;
		at += n;
	}
	return false;
}

/*
 * Controllers go down from the top one by one. A write waits for a lock of the kernel's and for groups that
 * are going, also where it changes nothing.
 */
static void controllers_on(const char *folder)
{
	static const char *const names[] = { "+memory", "+pids", "+cpu", "+io" };
	char there[256], on[256];

	(void)group_read(folder, "cgroup.controllers", there, sizeof(there));
	(void)group_read(folder, "cgroup.subtree_control", on, sizeof(on));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (has_word(there, names[i] + 1) && !has_word(on, names[i] + 1))
			(void)file_put(folder, "cgroup.subtree_control", names[i]);
}

static int folder_make(const char *controller, const char *id, char **out)
{
	const char *top = group_top(controller);
	AUTO_FREE char *above = top ? xasprintf("%s/" GROUP_ABOVE, top) : NULL;
	char *path;

	*out = NULL;
	if (!top)
		return 0;
	if (mkdir(above, 0755) && errno != EEXIST)
		return -errno;
	if (!*controller) {
		controllers_on(top);
		controllers_on(above);
	}
	path = group_folder(controller, id);
	if (mkdir(path, 0755) && errno != EEXIST) {
		free(path);
		return -errno;
	}
	*out = path;
	return 0;
}

static bool limit_put(const char *folder, const char *v2, const char *v1, uint64_t value)
{
	AUTO_FREE char *text = xasprintf("%llu", (unsigned long long)value);

	return !file_put(folder, v2, text) || !file_put(folder, v1, text);
}

/* What is over it is not taken from the machine's swap either, where that can be said. */
static bool memory_put(const char *folder, uint64_t memory)
{
	if (!limit_put(folder, "memory.max", "memory.limit_in_bytes", memory))
		return false;
	if (file_put(folder, "memory.swap.max", "0"))
		(void)limit_put(folder, "memory.memsw.limit_in_bytes",
				"memory.memsw.limit_in_bytes", memory);
	return true;
}

int guest_group_make(const char *id, uint64_t memory, uint64_t tasks, int *v2, char ***v1)
{
	char **list = xcalloc(ARRAY_LEN(group_hierarchies) + 1, sizeof(char *));
	bool memory_set = !memory, tasks_set = !tasks;
	size_t count = 0;
	int result = 0;

	*v2 = -1;
	*v1 = list;
	for (size_t i = 0; i < ARRAY_LEN(group_hierarchies) && !result; i++) {
		char *path;

		result = folder_make(group_hierarchies[i], id, &path);
		if (result || !path)
			continue;
		memory_set = memory_set || memory_put(path, memory);
		tasks_set = tasks_set || limit_put(path, "pids.max", "pids.max", tasks);
		if (*group_hierarchies[i]) {
			list[count++] = path;
			continue;
		}
		(void)file_put(path, "cgroup.max.depth", DEPTH_LIMIT);
		(void)file_put(path, "cgroup.max.descendants", DESCENDANTS_LIMIT);
		*v2 = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		result = *v2 < 0 ? -errno : 0;
		free(path);
	}
	if (!result && !(memory_set && tasks_set))
		result = -EOPNOTSUPP;
	return result;
}

void group_list_free(char **v1)
{
	for (char **at = v1; at && *at; at++)
		free(*at);
	free(v1);
}

static int procs_kill(int above, const char *group, void *data)
{
	AUTO_FREE char *name = xasprintf("%s/cgroup.procs", group);
	int fd = openat(above, name, O_RDONLY | O_CLOEXEC);
	AUTO_FCLOSE FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	char line[32];

	(void)data;
	if (!file && fd >= 0)
		close(fd);
	while (file && fgets(line, sizeof(line), file)) {
		uint64_t pid;

		line[strcspn(line, "\n")] = '\0';
		if (!parse_u64(line, INT32_MAX, &pid) && pid > 1)
			(void)kill((pid_t)pid, SIGKILL);
	}
	return 0;
}

void group_kill(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(group_hierarchies); i++) {
		AUTO_FREE char *path = group_folder(group_hierarchies[i], id);

		AUTO_CLOSE int fd = -1;

		/* v2 kills without a race; the rest is for where v2 is not mounted. */
		if (!path ||
		    (!*group_hierarchies[i] && !file_put(path, "cgroup.kill", "1")))
			continue;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		(void)procs_kill(fd, ".", NULL);
		(void)group_walk(fd, GROUP_DEPTH_MAX, procs_kill, NULL);
	}
}

static int folder_remove(int above, const char *name, void *data)
{
	(void)data;
	return unlinkat(above, name, AT_REMOVEDIR) && errno != ENOENT ? -errno : 0;
}

/* One folder of a hierarchy, with all below it. */
static int tree_remove(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result =
		fd < 0 ? -errno : group_walk(fd, GROUP_DEPTH_MAX, folder_remove, NULL);

	if (!result && rmdir(path))
		result = -errno;
	return result == -ENOENT ? 0 : result;
}

static pid_t first_pid(const char *folder)
{
	char text[32];
	uint64_t pid;

	if (!group_read(folder, "cgroup.procs", text, sizeof(text)))
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return parse_u64(text, INT32_MAX, &pid) ? 0 : (pid_t)pid;
}

int guest_group_remove(const char *id, pid_t *pid)
{
	int result = 0;

	*pid = 0;
	for (size_t i = 0; i < ARRAY_LEN(group_hierarchies); i++) {
		AUTO_FREE char *path = group_folder(group_hierarchies[i], id);
		int error;

		if (!path || access(path, F_OK))
			continue;
		error = tree_remove(path);
		if (error && !result)
			result = error;
		if (error && !*pid)
			*pid = first_pid(path);
	}
	return result;
}

bool group_populated(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(group_hierarchies); i++) {
		AUTO_FREE char *path = group_folder(group_hierarchies[i], id);
		char text[256];

		if (!path)
			continue;
		if (!*group_hierarchies[i] &&
		    group_read(path, "cgroup.events", text, sizeof(text)))
			return strstr(text, "populated 1") != NULL;
		if (first_pid(path))
			return true;
	}
	return false;
}

/* In v2 only a group without others below may hold processes: a leaf of our own. */
static int enter_v2(const char *path)
{
	AUTO_FREE char *leaf = xasprintf("%s/bee-exec", path);
	int result = file_put(path, "cgroup.procs", "0");

	if (result != -EBUSY)
		return result;
	if (mkdir(leaf, 0755) && errno != EEXIST)
		return -errno;
	return file_put(leaf, "cgroup.procs", "0");
}

int group_enter(const char *id)
{
	int result = 0;

	for (size_t i = 0; i < ARRAY_LEN(group_hierarchies) && !result; i++) {
		AUTO_FREE char *path = group_folder(group_hierarchies[i], id);

		if (!path || access(path, F_OK))
			continue;
		/* One thread by itself: root/prepare.c has why. */
		result = *group_hierarchies[i] ? file_put(path, "tasks", "0")
					       : enter_v2(path);
	}
	return result;
}
