/* Reads what stuck processes hang in, from children that may themselves be abandoned. */
#include "monitor.h"
#include "policy_parser.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BATCH 8          /* stuck jobs one child looks at: what one hang can cost */
#define PROCESSES_MAX 32 /* per job */
#define FILE_SIZE 8192   /* of a /proc file; a stack is far shorter */
/* For files of other uids; wchan and, under hidepid, all of it; stack. */
#define LOOK_CAPS                                                                        \
	(UINT64_C(1) << CAP_DAC_READ_SEARCH | UINT64_C(1) << CAP_SYS_PTRACE |            \
	 UINT64_C(1) << CAP_SYS_ADMIN)

/* One look child; results come as struct found on a pipe. */
struct look {
	int pidfd, results;
	struct job *jobs[BATCH];
	size_t count;
	struct look *next;
};

struct found {
	uint32_t index; /* into look.jobs */
	uint64_t starttime;
};

static struct look *looks;

/* Contents of /proc/PID/NAME as a string, "" when it cannot be read. */
static void proc_read(pid_t pid, const char *name, char out[FILE_SIZE])
{
	char path[64];
	ptrdiff_t n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read_full(fd, out, FILE_SIZE - 1);
	out[n > 0 ? n : 0] = '\0';
}

/*
 * proc(5): "pid (comm) state ppid ...", starttime is the 22nd field. comm may hold anything,
 * also ')' and blanks: it ends at the last ')'.
 */
static bool stat_split(char *text, char **comm, char *state, char **starttime)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')'), *save, *word;

	if (!open || !close || close < open || close[1] != ' ')
		return false;
	*comm = open + 1;
	*close = '\0';
	*state = close[2];
	word = strtok_r(close + 2, " ", &save);
	for (int field = 3; word && field < 22; field++)
		word = strtok_r(NULL, " ", &save);
	*starttime = word;
	return word != NULL;
}

/* stack(5) lines are "[<0>] function+0x1/0x2": the function and offsets are kept. */
static void stack_tidy(char *stack)
{
	char *to = stack;

	for (char *line = stack; *line;) {
		char *end = strchrnul(line, '\n');
		char *name = memchr(line, ']', (size_t)(end - line));

		name = name && name + 2 <= end ? name + 2 : line;
		memmove(to, name, (size_t)(end - name));
		to += end - name;
		line = *end ? end + 1 : end;
		if (*line)
			*to++ = '\n';
	}
	*to = '\0';
}

static uint64_t frame_write(int out, pid_t pid)
{
	char stat[FILE_SIZE], wchan[FILE_SIZE], stack[FILE_SIZE], number[16];
	char *comm, *starttime, state[2] = "";
	uint64_t start = 0;

	proc_read(pid, "stat", stat);
	if (!stat_split(stat, &comm, &state[0], &starttime))
		return 0;
	if (parse_u64(starttime, UINT64_MAX, &start))
		return 0;
	proc_read(pid, "wchan", wchan);
	proc_read(pid, "stack", stack);
	stack_tidy(stack);
	(void)snprintf(number, sizeof(number), "%d", pid);
	const char *fields[] = { number, starttime, comm, state, wchan, stack };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (write_all(out, fields[i], strlen(fields[i]) + 1))
			return start;
	(void)!write(out, "", 1);
	return start;
}

/* Children of `pid`, parents before their children, then written the deepest first. */
static uint64_t tree_write(int out, pid_t init)
{
	pid_t found[PROCESSES_MAX] = { init };
	size_t count = 1;
	uint64_t start = 0;

	for (size_t i = 0; i < count; i++) {
		char name[32], text[FILE_SIZE], *save;

		(void)snprintf(name, sizeof(name), "task/%d/children", found[i]);
		proc_read(found[i], name, text);
		for (char *word = strtok_r(text, " ", &save);
		     word && count < PROCESSES_MAX; word = strtok_r(NULL, " ", &save)) {
			uint64_t pid;

			if (!parse_u64(word, INT32_MAX, &pid))
				found[count++] = (pid_t)pid;
		}
	}
	for (size_t i = count; i-- > 0;)
		start = frame_write(out, found[i]);
	return start;
}

void look_confine(uint64_t caps)
{
	static const int calls[] = { SYS_read, SYS_write, SYS_close, SYS_exit_group };
	struct step step = {
		.open = OPEN_READ_ONLY,
		.default_kill = true,
		.limits = { .tasks = 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		call_add(step.syscalls, calls[i]);
	if (filter_build(&step) || confine_reader(UID_REPORT, caps, &step.filter))
		_exit(BEE_SOFTWARE);
}

static _Noreturn void look_child(const struct look *look, const int *outs, int results)
{
	int keep[BATCH + 1] = { results };

	memcpy(keep + 1, outs, look->count * sizeof(*outs));
	descriptors_keep(keep, look->count + 1);
	descriptors_null();
	look_confine(LOOK_CAPS);
	for (size_t i = 0; i < look->count; i++) {
		struct found found = { .index = (uint32_t)i };

		found.starttime = tree_write(outs[i], look->jobs[i]->pid);
		close(outs[i]);
		(void)!write(results, &found, sizeof(found));
	}
	_exit(0);
}

static void look_batch(struct monitor *monitor, struct job **stuck, size_t count)
{
	struct look *look = xcalloc(1, sizeof(*look));
	int outs[BATCH] = { -1 }, results[2];
	pid_t pid;

	if (pipe2(results, O_CLOEXEC | O_NONBLOCK)) {
		free(look);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct gather_msg msg = { .type = GATHER_LOOK };
		int ends[2];

		if (pipe2(ends, O_CLOEXEC))
			break;
		outs[i] = ends[1];
		msg.job = stuck[i]->number;
		gatherer_send(monitor, &msg, ends[0], -1);
		look->jobs[look->count++] = stuck[i];
	}
	pid = spawn_helper(&look->pidfd);
	if (pid == 0)
		look_child(look, outs, results[1]);
	for (size_t i = 0; i < look->count; i++)
		close(outs[i]);
	close(results[1]);
	look->results = results[0];
	if (pid < 0) {
		close(results[0]);
		free(look);
		return;
	}
	look->next = looks;
	looks = look;
}

void look_at(struct monitor *monitor, struct job **stuck, size_t count)
{
	for (size_t i = 0; i < count; i += BATCH)
		look_batch(monitor, stuck + i, count - i < BATCH ? count - i : BATCH);
}

void look_wait(struct monitor *monitor, nsec_t deadline)
{
	(void)monitor;
	for (struct look *look = looks; look; look = look->next) {
		struct pollfd done = { look->pidfd, POLLIN, 0 };
		struct found found;

		if (poll(&done, 1, clock_poll_ms(deadline)) == 0)
			(void)syscall(SYS_pidfd_send_signal, look->pidfd, SIGKILL, NULL,
				      0);
		while (read(look->results, &found, sizeof(found)) == sizeof(found))
			if (found.index < look->count)
				look->jobs[found.index]->starttime = found.starttime;
	}
}
