/* A guest's cgroup, in v2 and v1. */
#include "group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ABOVE "bee" /* below the hierarchy's top: systemd's own groups are not touched */
#define PREFIX "guest-"
/* How a guest may divide its group in v2: systemd needs some ten levels and a hundred groups. */
#define DEPTH_MAX 48
#define DEPTH_LIMIT "32"
#define DESCENDANTS_LIMIT "10000"

/* v2 first. Controllers of v1 that count or limit something. */
static const char *const hierarchies[] = { "",        "memory", "pids",
					   "cpuacct", "blkio",  "devices" };

static void tops_read(FILE *mounts, char **tops)
{
	for (struct mntent *m = getmntent(mounts); m; m = getmntent(mounts))
		for (size_t i = 0; i < ARRAY_LEN(hierarchies); i++) {
			const char *controller = hierarchies[i];

			if (!tops[i] &&
			    !strcmp(m->mnt_type, *controller ? "cgroup" : "cgroup2") &&
			    (!*controller || hasmntopt(m, controller)))
				tops[i] = xstrdup(m->mnt_dir);
		}
}

/* Where it is mounted; "" is cgroup v2. NULL: not there. As it was when first asked. */
static const char *top_of(const char *controller)
{
	static char *tops[ARRAY_LEN(hierarchies)];
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
	while (strcmp(hierarchies[i], controller) != 0)
		i++;
	return tops[i];
}

static char *folder_of(const char *controller, const char *id)
{
	const char *top = top_of(controller);

	return top ? xasprintf("%s/" ABOVE "/" PREFIX "%s", top, id) : NULL;
}

static int file_put(const char *folder, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : write_all(fd, text, strlen(text));
}

/* The text of a small file, in `out`; false: not there. */
static bool file_get(const char *folder, const char *name, char *out, size_t size)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, out, size - 1);

	out[len < 0 ? 0 : len] = '\0';
	return len >= 0;
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

	(void)file_get(folder, "cgroup.controllers", there, sizeof(there));
	(void)file_get(folder, "cgroup.subtree_control", on, sizeof(on));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (has_word(there, names[i] + 1) && !has_word(on, names[i] + 1))
			(void)file_put(folder, "cgroup.subtree_control", names[i]);
}

static int folder_make(const char *controller, const char *id, char **out)
{
	const char *top = top_of(controller);
	AUTO_FREE char *above = top ? xasprintf("%s/" ABOVE, top) : NULL;
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
	path = folder_of(controller, id);
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
	char **list = xcalloc(ARRAY_LEN(hierarchies) + 1, sizeof(char *));
	bool memory_set = !memory, tasks_set = !tasks;
	size_t count = 0;
	int result = 0;

	*v2 = -1;
	*v1 = list;
	for (size_t i = 0; i < ARRAY_LEN(hierarchies) && !result; i++) {
		char *path;

		result = folder_make(hierarchies[i], id, &path);
		if (result || !path)
			continue;
		memory_set = memory_set || memory_put(path, memory);
		tasks_set = tasks_set || limit_put(path, "pids.max", "pids.max", tasks);
		if (*hierarchies[i]) {
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

/*
 * Calls `each` with a folder of groups below `dir`, the deepest first, and its name in the one above
 * it. By descriptors: a guest that divides its group could make paths that are too long to be named.
 * The first error of `each`, a negative number, or 0.
 */
static int walk(int dir, unsigned depth,
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
			error = walk(below, depth - 1, each, data);
		if (below >= 0 && !error)
			error = each(dir, e->d_name, data);
		if (error && !result)
			result = error;
	}
	closedir(list);
	return result;
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
	for (size_t i = 0; i < ARRAY_LEN(hierarchies); i++) {
		AUTO_FREE char *path = folder_of(hierarchies[i], id);

		AUTO_CLOSE int fd = -1;

		/* v2 kills without a race; the rest is for where v2 is not mounted. */
		if (!path || (!*hierarchies[i] && !file_put(path, "cgroup.kill", "1")))
			continue;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		(void)procs_kill(fd, ".", NULL);
		(void)walk(fd, DEPTH_MAX, procs_kill, NULL);
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
	int result = fd < 0 ? -errno : walk(fd, DEPTH_MAX, folder_remove, NULL);

	if (!result && rmdir(path))
		result = -errno;
	return result == -ENOENT ? 0 : result;
}

static pid_t first_pid(const char *folder)
{
	char text[32];
	uint64_t pid;

	if (!file_get(folder, "cgroup.procs", text, sizeof(text)))
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return parse_u64(text, INT32_MAX, &pid) ? 0 : (pid_t)pid;
}

int guest_group_remove(const char *id, pid_t *pid)
{
	int result = 0;

	*pid = 0;
	for (size_t i = 0; i < ARRAY_LEN(hierarchies); i++) {
		AUTO_FREE char *path = folder_of(hierarchies[i], id);
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
	for (size_t i = 0; i < ARRAY_LEN(hierarchies); i++) {
		AUTO_FREE char *path = folder_of(hierarchies[i], id);
		char text[256];

		if (!path)
			continue;
		if (!*hierarchies[i] &&
		    file_get(path, "cgroup.events", text, sizeof(text)))
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

	for (size_t i = 0; i < ARRAY_LEN(hierarchies) && !result; i++) {
		AUTO_FREE char *path = folder_of(hierarchies[i], id);

		if (!path || access(path, F_OK))
			continue;
		/* One thread by itself: root/prepare.c has why. */
		result = *hierarchies[i] ? file_put(path, "tasks", "0") : enter_v2(path);
	}
	return result;
}

/* The number behind `key` in a file of "key value" lines, or the file's only number (key NULL). */
static void number_get(const char *folder, const char *file, const char *key,
		       uint64_t scale, uint64_t *out)
{
	char text[8192], *save;

	if (!folder || *out != UINT64_MAX || !file_get(folder, file, text, sizeof(text)))
		return;
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		size_t len = key ? strlen(key) : 0;
		uint64_t value;

		if (key && (strncmp(line, key, len) != 0 || line[len] != ' '))
			continue;
		if (!parse_u64(line + len + (key ? 1 : 0), UINT64_MAX / scale, &value))
			*out = value * scale;
		return;
	}
}

/* io.stat: "8:0 rbytes=1 wbytes=2 ..."; blkio: "8:0 Read 1". Devices are summed. */
static void io_get(const char *folder, const char *file, const char *word, uint64_t *out)
{
	char text[16384], *save, *lines;
	uint64_t sum = 0;

	if (!folder || *out != UINT64_MAX || !file_get(folder, file, text, sizeof(text)))
		return;
	for (char *line = strtok_r(text, "\n", &lines); line;
	     line = strtok_r(NULL, "\n", &lines))
		for (char *at = strtok_r(line, " ", &save); at;
		     at = strtok_r(NULL, " ", &save)) {
			size_t len = strlen(word);
			const char *digits = at + len;
			uint64_t value;

			if (strncmp(at, word, len) != 0)
				continue;
			if (!*digits)
				digits = strtok_r(NULL, " ", &save);
			if (digits && !parse_u64(digits, UINT64_MAX - sum, &value))
				sum += value;
		}
	*out = sum;
}

static int refused_add(int above, const char *group, void *data)
{
	AUTO_FREE char *name = xasprintf("%s/pids.events", group);
	AUTO_CLOSE int fd = openat(above, name, O_RDONLY | O_CLOEXEC);
	uint64_t *sum = data, value;
	char text[64];
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, text, sizeof(text) - 1);

	text[len < 0 ? 0 : len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!strncmp(text, "max ", 4) && !parse_u64(text + 4, UINT64_MAX - *sum, &value))
		*sum += value;
	return 0;
}

uint64_t group_refused(const char *folder)
{
	AUTO_FREE char *local = xasprintf("%s/pids.events.local", folder);
	AUTO_FREE char *events = xasprintf("%s/pids.events", folder);
	AUTO_CLOSE int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t sum = 0;

	if (fd < 0 || access(events, F_OK))
		return UINT64_MAX;
	(void)refused_add(fd, ".", &sum);
	if (access(local, F_OK))
		(void)walk(fd, DEPTH_MAX, refused_add, &sum);
	return sum;
}

void group_usage(const char *id, struct group_usage *u)
{
	AUTO_FREE char *v2 = folder_of("", id), *memory = folder_of("memory", id);
	AUTO_FREE char *pids = folder_of("pids", id), *cpu = folder_of("cpuacct", id);
	AUTO_FREE char *io = folder_of("blkio", id);

	memset(u, 0xff, sizeof(*u));
	number_get(v2, "cpu.stat", "usage_usec", 1000, &u->cpu_ns);
	number_get(cpu, "cpuacct.usage", NULL, 1, &u->cpu_ns);
	number_get(v2, "memory.current", NULL, 1, &u->memory);
	number_get(memory, "memory.usage_in_bytes", NULL, 1, &u->memory);
	number_get(v2, "memory.peak", NULL, 1, &u->memory_peak);
	number_get(memory, "memory.max_usage_in_bytes", NULL, 1, &u->memory_peak);
	number_get(v2, "pids.current", NULL, 1, &u->tasks);
	number_get(pids, "pids.current", NULL, 1, &u->tasks);
	number_get(v2, "memory.events", "oom_kill", 1, &u->oom_kills);
	number_get(memory, "memory.oom_control", "oom_kill", 1, &u->oom_kills);
	u->tasks_refused = v2 ? group_refused(v2) : UINT64_MAX;
	if (u->tasks_refused == UINT64_MAX && pids)
		u->tasks_refused = group_refused(pids);
	io_get(v2, "io.stat", "rbytes=", &u->read_bytes);
	io_get(v2, "io.stat", "wbytes=", &u->write_bytes);
	io_get(io, "blkio.throttle.io_service_bytes", "Read", &u->read_bytes);
	io_get(io, "blkio.throttle.io_service_bytes", "Write", &u->write_bytes);
}

void group_each(void (*each)(const char *id, void *data), void *data)
{
	for (size_t i = 0; i < ARRAY_LEN(hierarchies); i++) {
		const char *top = top_of(hierarchies[i]);
		AUTO_FREE char *above = top ? xasprintf("%s/" ABOVE, top) : NULL;
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
