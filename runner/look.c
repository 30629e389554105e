/* Reads what stuck processes hang in, from children that may themselves be abandoned. */
#include "look.h"
#include "confine.h"
#include "descriptors.h"
#include "helper.h"
#include "policy.h"
#include "slots.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BATCH 8 /* stuck jobs one child looks at: what one hang can cost */
/* For files of other uids; wchan and, under hidepid, all of it; stack. */
#define LOOK_CAPS                                                                        \
	(UINT64_C(1) << CAP_DAC_READ_SEARCH | UINT64_C(1) << CAP_SYS_PTRACE |            \
	 UINT64_C(1) << CAP_SYS_ADMIN)

/* One look child. */
struct look {
	struct helper helper;
	struct look *next;
};

static struct look *looks;

void look_read(pid_t pid, const char *name, char out[LOOK_FILE])
{
	char path[64];
	ptrdiff_t n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read_full(fd, out, LOOK_FILE - 1);
	out[n > 0 ? n : 0] = '\0';
}

/*
 * proc(5): "pid (comm) state ppid ...", starttime is the 22nd field. comm may hold anything,
 * also ')' and blanks: it ends at the last ')'.
 */
bool look_stat(char *text, struct look_stat *stat)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')'), *save, *word;

	if (!open || !close || close < open || close[1] != ' ')
		return false;
	stat->comm = open + 1;
	*close = '\0';
	stat->state = close[2];
	word = strtok_r(close + 2, " ", &save);
	for (int field = 3; word && field < 22; field++) {
		word = strtok_r(NULL, " ", &save);
		if (field == 3)
			stat->parent = word;
	}
	stat->starttime = word;
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

void look_frame(int out, pid_t pid)
{
	char text[LOOK_FILE], wchan[LOOK_FILE], stack[LOOK_FILE], number[16],
		state[2] = "";
	struct look_stat stat;

	look_read(pid, "stat", text);
	if (!look_stat(text, &stat))
		return;
	state[0] = stat.state;
	look_read(pid, "wchan", wchan);
	look_read(pid, "stack", stack);
	stack_tidy(stack);
	(void)snprintf(number, sizeof(number), "%d", pid);
	const char *fields[] = { number, stat.starttime, stat.comm, state, wchan, stack };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (write_all(out, fields[i], strlen(fields[i]) + 1))
			return;
	(void)!write(out, "", 1);
}

size_t look_tree(pid_t init, pid_t found[LOOK_PROCESSES])
{
	size_t count = 1;

	found[0] = init;
	for (size_t i = 0; i < count; i++) {
		char name[32], text[LOOK_FILE], *save;

		(void)snprintf(name, sizeof(name), "task/%d/children", found[i]);
		look_read(found[i], name, text);
		for (char *word = strtok_r(text, " ", &save);
		     word && count < LOOK_PROCESSES; word = strtok_r(NULL, " ", &save)) {
			uint64_t pid;

			if (!parse_u64(word, INT32_MAX, &pid))
				found[count++] = (pid_t)pid;
		}
	}
	return count;
}

/* The deepest first: it is what the others wait for. */
static void tree_write(int out, pid_t init)
{
	pid_t found[LOOK_PROCESSES];

	for (size_t i = look_tree(init, found); i-- > 0;)
		look_frame(out, found[i]);
}

void look_confine_more(uint64_t caps, const int *more, size_t count)
{
	static const int calls[] = { SYS_read, SYS_getdents64, SYS_write, SYS_close,
				     SYS_exit_group };
	struct step step = {
		.open = OPEN_READ_ONLY,
		.default_kill = true,
		.limits = { .tasks = 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		call_add(step.syscalls, calls[i]);
	for (size_t i = 0; i < count; i++)
		call_add(step.syscalls, more[i]);
	if (filter_build(&step) || confine_look(UID_REPORT, caps, &step.filter))
		_exit(BEE_SOFTWARE);
}

void look_confine(uint64_t caps)
{
	look_confine_more(caps, NULL, 0);
}

static _Noreturn void look_child(const int *outs, struct job *const *stuck, size_t count)
{
	int keep[BATCH];

	memcpy(keep, outs, count * sizeof(*outs));
	if (descriptors_keep(keep, count))
		_exit(BEE_SOFTWARE);
	streams_null();
	look_confine(LOOK_CAPS);
	for (size_t i = 0; i < count; i++) {
		tree_write(outs[i], stuck[i]->child.pid);
		close(outs[i]);
	}
	_exit(0);
}

static void look_batch(struct gatherer *gatherer, struct job *const *stuck, size_t count)
{
	struct look *look = xcalloc(1, sizeof(*look));
	size_t opened = 0;
	int outs[BATCH], error;

	while (opened < count) {
		struct gather_msg msg = { .type = GATHER_LOOK,
					  .job = stuck[opened]->number };
		int ends[2];

		if (pipe2(ends, O_CLOEXEC))
			break;
		outs[opened++] = ends[1];
		gatherer_send(gatherer, &msg, ends[0], -1);
	}
	error = helper_start(&look->helper);
	if (!error && look->helper.pid == 0)
		look_child(outs, stuck, opened);
	for (size_t i = 0; i < opened; i++)
		close(outs[i]);
	if (error) {
		free(look);
		return;
	}
	look->next = looks;
	looks = look;
}

/* Where one job after another hangs, those that looked at the first have ended long ago. */
static void ended_forget(void)
{
	for (struct look **at = &looks; *at;) {
		struct look *look = *at;
		struct pollfd done = { look->helper.pidfd, POLLIN, 0 };

		if (poll(&done, 1, 0) != 1) {
			at = &look->next;
			continue;
		}
		*at = look->next;
		helper_end(&look->helper);
		free(look);
	}
}

void look_start(struct gatherer *gatherer, struct job *const *stuck, size_t count)
{
	ended_forget();
	for (size_t i = 0; i < count; i += BATCH)
		look_batch(gatherer, stuck + i, count - i < BATCH ? count - i : BATCH);
}

void look_wait(nsec_t deadline)
{
	while (looks) {
		struct look *look = looks;
		struct pollfd done = { look->helper.pidfd, POLLIN, 0 };

		looks = look->next;
		(void)poll(&done, 1, clock_poll_ms(deadline));
		helper_end(&look->helper);
		free(look);
	}
}
