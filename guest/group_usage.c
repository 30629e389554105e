/* What the processes of a guest have used, as its groups in cgroup v2 and v1 count it. */
#include "group.h"
#include "group_find.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The number behind `key` in a file of "key value" lines, or the file's only number (key NULL). */
static void number_get(const char *folder, const char *file, const char *key,
		       uint64_t scale, uint64_t *out)
{
	char text[8192], *save;

	if (!folder || *out != UINT64_MAX ||
	    !group_read(folder, file, text, sizeof(text)))
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

	if (!folder || *out != UINT64_MAX ||
	    !group_read(folder, file, text, sizeof(text)))
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
		(void)group_walk(fd, GROUP_DEPTH_MAX, refused_add, &sum);
	return sum;
}

void group_usage(const char *id, struct group_usage *u)
{
	AUTO_FREE char *v2 = group_folder("", id), *memory = group_folder("memory", id);
	AUTO_FREE char *pids = group_folder("pids", id),
		       *cpu = group_folder("cpuacct", id);
	AUTO_FREE char *io = group_folder("blkio", id);

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
