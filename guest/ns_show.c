/* What is in force for a guest in namespaces, and how it is asked to end. */
#include "ns_enter.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* The words behind `key` of /proc/PID/status, "" */
static void status_get(pid_t pid, const char *key, char *out, size_t size)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/status", pid);
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	char line[512];

	*out = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		size_t len = strlen(key);

		if (strncmp(line, key, len) != 0 || line[len] != ':')
			continue;
		line[strcspn(line, "\n")] = '\0';
		(void)snprintf(out, size, "%s",
			       line + len + 1 + strspn(line + len + 1, " \t"));
		return;
	}
}

static uint64_t first_outside(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/uid_map", pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[128], *save, *word;
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, text, sizeof(text) - 1);
	uint64_t first = 0;

	text[len < 0 ? 0 : len] = '\0';
	word = strtok_r(text, " \n", &save);
	word = word ? strtok_r(NULL, " \n", &save) : NULL;
	if (!word || parse_u64(word, UINT32_MAX, &first))
		return 0;
	return first;
}

/* Read back from the kernel, not what was asked for. */
static json_t *enforced(pid_t pid)
{
	json_t *out = json_object();
	char text[128];
	uint64_t first = first_outside(pid);

	json_put(out, "user_namespace", json_boolean(first != 0));
	json_put(out, "root_is_outside", json_integer((json_int_t)first));
	json_put(out, "boundary", json_boolean(first != 0));
	status_get(pid, "Seccomp", text, sizeof(text));
	json_put(out, "filter", json_boolean(!strcmp(text, "2")));
	status_get(pid, "CapBnd", text, sizeof(text));
	json_put(out, "capabilities", json_string(text));
	return out;
}

void ns_describe(const struct look *look, json_t *out)
{
	json_put(out, "enforced", enforced(look->handles.init.pid));
}

/*
 * By its name in the kernel, which only decides which signal it gets: a guest that lies
 * about itself is killed in the end.
 */
static int signal_of(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/comm", pid);
	AUTO_FREE char *exe = xasprintf("/proc/%d/exe", pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char comm[32], program[PATH_MAX];
	ptrdiff_t len = fd < 0 ? -1 : read_full(fd, comm, sizeof(comm) - 1);
	ssize_t n = readlink(exe, program, sizeof(program) - 1);

	comm[len < 0 ? 0 : len] = '\0';
	program[n < 0 ? 0 : n] = '\0';
	if (!strcmp(comm, "systemd\n"))
		return SIGRTMIN + 3; /* systemd(1): halt */
	if (!strcmp(comm, "init\n") && strstr(program, "busybox"))
		return SIGUSR2; /* busybox init: power off */
	return SIGTERM;
}

/* Inside it is pid 1: of a signal it has no handler for it hears nothing. */
void ns_ask(const char *name, const struct look *look, int pidfd)
{
	(void)name;
	(void)pidfd_send_signal(pidfd, signal_of(look->handles.init.pid), NULL, 0);
}
