/* The policy that lets a run happen again, and no more, with where each line came from. */
#include "write.h"
#include "parser.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define CALLS_PER_LINE 8

/* Not seen in most runs: the jail's own last steps before the program, abort(3), and what the vDSO makes
 * of a clock that it cannot read. */
static const char *const always[] = {
	"read",          "write",          "writev",       "close",
	"close_range",   "exit_group",     "rt_sigreturn", "restart_syscall",
	"clock_gettime", "rt_sigprocmask", "rt_sigaction", "getpid",
	"gettid",        "tgkill"
};

/* The same by other names: a library takes another one where a file is not there, or where it is not
 * root. Who has one gains nothing by the others. */
static const char *const kin[][5] = {
	{ "readlink", "readlinkat" },
	{ "stat", "lstat", "fstat", "newfstatat", "statx" },
	{ "access", "faccessat", "faccessat2" },
	{ "poll", "ppoll", "select", "pselect6" },
	{ "dup", "dup2", "dup3" },
	{ "read", "readv", "pread64" },
	{ "nanosleep", "clock_nanosleep" },
	{ "pipe", "pipe2" },
	{ "statfs", "fstatfs" },
	{ "wait4", "waitid" },
	{ "getuid", "geteuid", "getgid", "getegid" },
};

/* Calls on sockets: of no use without one. */
static const char *const of_sockets[] = {
	"connect",  "bind",     "sendto",      "recvfrom",    "sendmsg",    "recvmsg",
	"sendmmsg", "recvmmsg", "getsockname", "getpeername", "setsockopt", "getsockopt",
	"listen",   "accept4",  "accept",      "shutdown",    "socketpair"
};

struct text {
	FILE *out, *lost; /* lost: comment lines */
	unsigned lost_count;
	const struct run_log *log;
};

static bool is_one_of(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

static bool has(const struct run_log *log, enum find_kind kind)
{
	for (size_t i = 0; i < log->count; i++)
		if (log->finds[i].kind == kind)
			return true;
	return false;
}

/* Whether a `syscalls` line is to have it. */
static bool is_listed(const struct text *text, int number, char *name, size_t size)
{
	const struct run_log *log = text->log;

	if (!call_has(log->calls, number) || !syscall_name(number, name, size) ||
	    syscall_elsewhere(name) || syscall_never(name) ||
	    is_one_of(always, ARRAY_LEN(always), name))
		return false;
	return log->granted_socket ||
	       (number != SYS_socket &&
		!is_one_of(of_sockets, ARRAY_LEN(of_sockets), name));
}

static void write_calls_of(struct text *text, const char *by)
{
	unsigned on_line = 0;
	char name[64];

	for (int i = 0; i < POLICY_SYSCALL_MAX; i++) {
		if (!text->log->call_by[i] || strcmp(text->log->call_by[i], by) != 0 ||
		    !is_listed(text, i, name, sizeof(name)))
			continue;
		if (on_line == CALLS_PER_LINE) {
			(void)fprintf(text->out, "  # called by %s\n", by);
			on_line = 0;
		}
		(void)fprintf(text->out, "%s%s", on_line++ ? " " : "syscalls ", name);
	}
	if (on_line)
		(void)fprintf(text->out, "  # called by %s\n", by);
}

static void write_kin(struct text *text)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(kin); i++) {
		bool called = false;

		for (size_t k = 0; k < ARRAY_LEN(kin[i]) && kin[i][k]; k++) {
			int number = syscall_number(kin[i][k]);

			called |= number >= 0 && call_has(text->log->calls, number);
		}
		for (size_t k = 0; called && k < ARRAY_LEN(kin[i]) && kin[i][k]; k++) {
			int number = syscall_number(kin[i][k]);

			if (number < 0 || call_has(text->log->calls, number) ||
			    is_one_of(always, ARRAY_LEN(always), kin[i][k]))
				continue;
			(void)fprintf(text->out, "%s %s", any ? "" : "syscalls",
				      kin[i][k]);
			any = true;
		}
	}
	if (any)
		(void)fprintf(text->out,
			      "  # not called: the same as others by other names\n");
}

static void write_calls(struct text *text)
{
	const struct run_log *log = text->log;
	char name[64];

	(void)fprintf(text->out, "syscalls");
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		(void)fprintf(text->out, " %s", always[i]);
	(void)fprintf(text->out, "  # how every tool begins and ends\n");
	write_kin(text);
	for (int i = 0; i < POLICY_SYSCALL_MAX; i++) {
		bool before = false;

		for (int k = 0; k < i && log->call_by[i]; k++)
			before |= log->call_by[k] &&
				  !strcmp(log->call_by[k], log->call_by[i]);
		if (log->call_by[i] && !before)
			write_calls_of(text, log->call_by[i]);
	}
	if (log->other_sockets && !log->granted_socket)
		(void)fprintf(text->out,
			      "answer   socket EAFNOSUPPORT  # none of its sockets can "
			      "be granted\n");
	for (int i = 0; i < POLICY_SYSCALL_MAX; i++) {
		if (!call_has(log->calls, i) || !syscall_name(i, name, sizeof(name)) ||
		    !syscall_never(name))
			continue;
		(void)fprintf(text->out, "answer   %s EPERM  # called by %s\n", name,
			      log->call_by[i]);
		(void)fprintf(text->lost, "#   %s: %s (%s)\n", name, syscall_never(name),
			      log->call_by[i]);
		text->lost_count++;
	}
}

static void write_paths(struct text *text)
{
	struct seen_paths seen = { 0 };

	seen_take(&seen, text->log, text->lost, &text->lost_count);
	for (size_t i = 0; i < seen.count; i++)
		(void)fprintf(text->out, "see      %s  # %s by %s\n", seen.list[i].path,
			      seen.list[i].folded ? "for several paths in it, used"
						  : "used",
			      seen.list[i].by);
	seen_done(&seen);
}

static void write_ioctl(struct text *text, const struct find *find)
{
	uint64_t number;
	const char *name, *why;

	if (parse_hex(find->what, UINT32_MAX, &number))
		return;
	name = ioctl_name((uint32_t)number);
	why = ioctl_never(name ?: "", (uint32_t)number, UINT32_MAX);
	if (why) {
		(void)fprintf(text->lost, "#   ioctl %s: %s (%s)\n", name, why, find->by);
		text->lost_count++;
		return;
	}
	if (name)
		(void)fprintf(text->out, "ioctl    %s=%s", name, find->what);
	else
		(void)fprintf(text->out, "ioctl    IOCTL_%X=%s", (unsigned)number,
			      find->what);
	(void)fprintf(text->out, "  # by %s%s%s\n", find->by,
		      find->detail && word_can_be(find->detail) ? ", of " : "",
		      find->detail && word_can_be(find->detail) ? find->detail : "");
}

/* Of "nvme-admin Get_Log_Page:02h" what is before "02h"; 0: nothing is chosen of it. */
static size_t before_choice(const char *line)
{
	const char *colon = strrchr(line, ':');

	return colon && strlen(colon) == 4 && colon[3] == 'h' ? (size_t)(colon + 1 - line)
							      : 0;
}

/* A name stands once in a step, with all that was chosen of it. */
static void write_command(struct text *text, size_t number)
{
	const struct find *finds = text->log->finds, *find = &finds[number];
	size_t len = before_choice(find->what);

	for (size_t i = 0; len && i < number; i++)
		if (finds[i].kind == FIND_COMMAND &&
		    before_choice(finds[i].what) == len &&
		    !strncmp(finds[i].what, find->what, len))
			return;
	(void)fprintf(text->out, "%s", find->what);
	for (size_t i = number + 1; len && i < text->log->count; i++)
		if (finds[i].kind == FIND_COMMAND &&
		    before_choice(finds[i].what) == len &&
		    !strncmp(finds[i].what, find->what, len))
			(void)fprintf(text->out, ",%s", finds[i].what + len);
	(void)fprintf(text->out, "  # sent by %s\n", find->by);
}

static void write_finds(struct text *text)
{
	bool commands = has(text->log, FIND_COMMAND);

	for (size_t i = 0; i < text->log->count; i++) {
		const struct find *find = &text->log->finds[i];

		if (find->kind == FIND_EXEC && word_can_be(find->what))
			(void)fprintf(text->out, "exec     %s  # started by %s\n",
				      find->what, find->by);
		else if (find->kind == FIND_NODE && word_can_be(find->what))
			(void)fprintf(text->out, "device   %s %s  # opened by %s\n",
				      find->what, find->write ? "readwrite" : "read",
				      find->by);
		else if (find->kind == FIND_IOCTL)
			write_ioctl(text, find);
		else if (find->kind == FIND_COMMAND)
			write_command(text, i);
		else if (find->kind == FIND_CAP && !commands)
			(void)fprintf(text->out, "caps     %s  # a guess: %s\n",
				      find->what, find->by);
	}
}

static void write_rights(struct text *text)
{
	const struct run_log *log = text->log;

	for (size_t i = 0; i < log->count; i++)
		if (log->finds[i].kind == FIND_ROOT && !has(log, FIND_COMMAND)) {
			(void)fprintf(text->out,
				      "uid      0  # a guess: %s is root's alone (%s)\n",
				      word_can_be(log->finds[i].what) ? log->finds[i].what
								      : "a file",
				      log->finds[i].by);
			break;
		}
	if (log->network)
		(void)fprintf(text->out,
			      "network  host  # a guess: interfaces were asked "
			      "of\n");
}

/* The command, as far as a line can have it. */
static void write_run(struct text *text, char *const *argv)
{
	const char *program = strchr(argv[0], '/') ? text->log->program : argv[0];
	bool whole = true;

	(void)fprintf(text->out, "run      %s", program);
	for (size_t i = 1; argv[i] && whole; i++) {
		whole = i < POLICY_ARGS_MAX && word_can_be(argv[i]);
		if (whole)
			(void)fprintf(text->out, " %s", argv[i]);
	}
	(void)fputc('\n', text->out);
	if (!whole) {
		(void)fprintf(text->lost, "#   arguments that no line can have: bee run "
					  "POLICY -- COMMAND gives them\n");
		text->lost_count++;
	}
}

static void write_head(struct text *text, const char *name)
{
	const struct run_log *log = text->log;
	uint64_t seconds = (uint64_t)(log->took / NSEC_PER_SEC);

	(void)fprintf(text->out,
		      "# %s.policy -- what a program did in one run that was watched. It "
		      "was let do all it "
		      "wanted:\n# read each line, and ask whether it should. What is a "
		      "guess says "
		      "so.\npolicy 1\ncollector %s\nemits    system  # no collector "
		      "reads it yet: "
		      "name what its records are\n",
		      name, name);
	(void)fprintf(
		text->out,
		"limits   wall %llus  tasks %u  # it took %llu ms, and was %u at once\n",
		(unsigned long long)(10 + 4 * seconds > 600 ? 600 : 10 + 4 * seconds),
		log->tasks_most ? log->tasks_most : 1,
		(unsigned long long)(log->took / NSEC_PER_MSEC), log->tasks_most);
	(void)fprintf(text->out, "open     %s\n",
		      log->writes ? "read-write" : "read-only");
	(void)fprintf(text->out, "default  report ENOSYS\n\n[run]\n");
}

char *policy_write(const struct run_log *log, const char *name, char *const *argv,
		   unsigned *lost)
{
	char *main_text = NULL, *lost_text = NULL, *all;
	size_t main_len = 0, lost_len = 0;
	struct text text = { .log = log };

	text.out = open_memstream(&main_text, &main_len);
	text.lost = open_memstream(&lost_text, &lost_len);
	if (!text.out || !text.lost)
		abort();
	write_head(&text, name);
	write_run(&text, argv);
	write_rights(&text);
	write_calls(&text);
	write_paths(&text);
	write_finds(&text);
	for (size_t i = 0; i < log->count; i++)
		if (log->finds[i].kind == FIND_LOST) {
			(void)fprintf(text.lost, "#   %s (%s)\n", log->finds[i].what,
				      log->finds[i].by);
			text.lost_count++;
		}
	if (fclose(text.out) || fclose(text.lost))
		abort();
	all = xasprintf("%s%s%s", main_text,
			*lost_text ? "\n# Of the run, this is not granted:\n" : "",
			lost_text);
	free(main_text);
	free(lost_text);
	*lost = text.lost_count;
	return all;
}
