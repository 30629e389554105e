/*
 * inject: runs an audit in namespaces of its own, and lets one system call of one of its processes
 * fail. Every process is traced (ptrace(2)); only the one that is meant stops at its calls.
 *
 *   inject calls                              the table of calls and errors, as JSON
 *   inject [OPTION...] REPORT OUT ERR PROGRAM ARG...
 *     -a WHO,CALL,N,ERROR   the N-th CALL of process WHO fails with ERROR; without it all are counted
 *     -t MS                 end everything after so long
 *     -h SERVER,FOLDER      a file system that hangs, see private.h
 *
 * A process is named by its place in the tree: 0 is the program; its children are 0.c1, 0.c2 ...,
 * those with a pid namespace of their own 0.j1, 0.j2 ... REPORT gets one JSON object per line.
 */
#include "calls.h"
#include "private.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 512
#define CALLS_MAX 512 /* numbers of calls */
#define NAME_LEN 64
#define LINGER_MS 1500 /* what a process may still live when the audit has ended */

struct process {
	pid_t pid;
	char who[NAME_LEN];
	char program[NAME_LEN]; /* of the last exec, without its folder */
	bool known;             /* its parent has told of it */
	bool stopped;           /* it waits for that */
	bool inside;            /* between entry and exit of a call */
	bool begun;   /* what the root does before its first exec is not the audit's */
	bool foreign; /* a program that is not ours: not looked at any more */
	int forced;   /* error that the call at hand is to give */
	long call;
	unsigned children, jobs;
	unsigned counts[CALLS_MAX], succeeded[CALLS_MAX];
};

static struct process processes[PROCESSES_MAX];
static size_t process_count;
static FILE *report;

static struct {
	char who[NAME_LEN];
	const struct call *call; /* NULL: only count */
	unsigned number;
	int error;
} aim;

static volatile sig_atomic_t too_late;

static void on_alarm(int signo)
{
	(void)signo;
	too_late = 1;
}

static struct process *process_of(pid_t pid)
{
	for (size_t i = process_count; i-- > 0;)
		if (processes[i].pid == pid)
			return &processes[i];
	if (process_count == PROCESSES_MAX)
		errx(2, "too many processes");
	processes[process_count] = (struct process){ .pid = pid };
	return &processes[process_count++];
}

static bool is_aimed_at(const struct process *process)
{
	return !process->foreign && (!aim.call || !strcmp(process->who, aim.who));
}

static void go_on(const struct process *process, int signo)
{
	(void)ptrace(is_aimed_at(process) ? PTRACE_SYSCALL : PTRACE_CONT, process->pid,
		     NULL, (void *)(long)signo);
}

/* text as a JSON string, at most the first `max` lines of it. */
static void json_text(const char *text)
{
	(void)fputc('"', report);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			(void)fprintf(report, "\\%c", *text);
		else if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			(void)fprintf(report, "\\u%04x", (unsigned char)*text);
		else
			(void)fputc(*text, report);
	}
	(void)fputc('"', report);
}

static void json_file(const char *key, pid_t pid, const char *name)
{
	static char text[1 << 16];
	char path[64];
	size_t used = 0;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && used < sizeof(text) - 1 &&
	       (n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	if (fd >= 0)
		close(fd);
	(void)fprintf(report, ", \"%s\": ", key);
	json_text(text);
}

/* Inode numbers of its namespaces. */
static void json_namespaces(pid_t pid)
{
	static const char *const names[] = {
		"mnt", "pid", "net", "ipc", "uts", "cgroup"
	};

	(void)fprintf(report, ", \"shared\": [");
	for (size_t i = 0, shown = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[64], its[64] = "", own[64] = "";

		(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, names[i]);
		(void)!readlink(path, its, sizeof(its) - 1);
		(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		(void)!readlink(path, own, sizeof(own) - 1);
		if (!strcmp(its, own))
			(void)fprintf(report, "%s\"%s\"", shown++ ? ", " : "", names[i]);
	}
	(void)fprintf(report, "]");
}

/* Each with what it is: a pipe, a socket, a file by its name; without the inode. */
static void json_descriptors(pid_t pid)
{
	(void)fprintf(report, ", \"open\": [");
	for (int fd = 0, shown = 0; fd < 256; fd++) {
		char path[64], to[128] = "", word[160];

		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		if (readlink(path, to, sizeof(to) - 1) < 0)
			continue;
		to[strcspn(to, ":")] = '\0';
		(void)snprintf(word, sizeof(word), "%d %s", fd, to);
		(void)fprintf(report, "%s", shown++ ? ", " : "");
		json_text(word);
	}
	(void)fprintf(report, "]");
}

/* How many sockets the stub has: of the monitor's only the one that it was given. */
static void json_sockets(const struct process *stub)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++) {
		char path[64], to[64] = "";

		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", stub->pid, fd);
		count += readlink(path, to, sizeof(to) - 1) > 0 &&
			 !strncmp(to, "socket:", 7);
	}
	(void)fprintf(report, ", \"stub_sockets\": %d", count);
}

static void json_calls(const char *key, const unsigned *counts)
{
	(void)fprintf(report, ", \"%s\": {", key);
	for (size_t i = 0, shown = 0; i < CALLS_MAX; i++) {
		const struct call *call = counts[i] ? call_find((long)i) : NULL;

		if (call)
			(void)fprintf(report, "%s\"%s\": %u", shown++ ? ", " : "",
				      call->name, counts[i]);
		else if (counts[i])
			(void)fprintf(report, "%s\"%zu\": %u", shown++ ? ", " : "", i,
				      counts[i]);
	}
	(void)fprintf(report, "}");
}

static struct process *parent_of(const struct process *process)
{
	const char *dot = strrchr(process->who, '.');
	size_t len = dot ? (size_t)(dot - process->who) : 0;

	for (size_t i = 0; i < process_count; i++)
		if (strlen(processes[i].who) == len &&
		    !strncmp(processes[i].who, process->who, len))
			return &processes[i];
	return NULL;
}

/* Killed before its program began: what was read of it may be of nothing any more. */
static bool is_gone(pid_t pid)
{
	char path[64], to[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	return readlink(path, to, sizeof(to)) < 0;
}

/* What a process of an audit has and sees at the moment its program begins. */
static void tell_exec(struct process *process)
{
	const struct process *stub = parent_of(process);

	(void)fprintf(report, "{\"exec\": \"%s\", \"program\": \"%s\"", process->who,
		      process->program);
	json_file("status", process->pid, "status");
	json_file("limits", process->pid, "limits");
	json_file("mounts", process->pid, "mountinfo");
	json_namespaces(process->pid);
	json_descriptors(process->pid);
	json_calls("succeeded", process->succeeded);
	if (stub) {
		json_file("stub_status", stub->pid, "status");
		json_sockets(stub);
		json_calls("stub_succeeded", stub->succeeded);
	}
	(void)fprintf(report, ", \"gone\": %s}\n",
		      is_gone(process->pid) ? "true" : "false");
}

static void on_exec(struct process *process)
{
	char path[64], program[4096] = "";
	const char *name;

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", process->pid);
	(void)!readlink(path, program, sizeof(program) - 1);
	name = strrchr(program, '/') ? strrchr(program, '/') + 1 : program;
	(void)snprintf(process->program, sizeof(process->program), "%.60s", name);
	process->begun = true;
	if (strchr(process->who, '.'))
		tell_exec(process);
	process->foreign = strncmp(process->program, "bee", 3) != 0;
}

/* A process in a pid namespace that its parent is not in begins a job. */
static bool begins_namespace(pid_t parent, pid_t child)
{
	char path[64], a[64] = "", b[64] = "";

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/pid", parent);
	(void)!readlink(path, a, sizeof(a) - 1);
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/pid", child);
	(void)!readlink(path, b, sizeof(b) - 1);
	return strcmp(a, b) != 0;
}

static void on_child(struct process *parent)
{
	unsigned long message = 0;
	struct process *child;
	bool job;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &message))
		return;
	child = process_of((pid_t)message);
	job = begins_namespace(parent->pid, child->pid);
	(void)snprintf(child->who, sizeof(child->who), "%.50s.%c%u", parent->who,
		       job ? 'j' : 'c', job ? ++parent->jobs : ++parent->children);
	(void)snprintf(child->program, sizeof(child->program), "%s", parent->program);
	child->foreign = parent->foreign;
	child->known = child->begun = true;
	if (child->stopped)
		go_on(child, 0);
	child->stopped = false;
}

static void force_entry(const struct process *process)
{
	/* No call has the number -1: the kernel does nothing, and the exit is ours. */
	if (!aim.call->done && ptrace(PTRACE_POKEUSER, process->pid,
				      offsetof(struct user_regs_struct, orig_rax), -1L))
		err(2, "ptrace");
}

static void on_entry(struct process *process, const struct __ptrace_syscall_info *info)
{
	process->call = (long)info->entry.nr;
	process->inside = true;
	if (!process->begun || process->call < 0 || process->call >= CALLS_MAX)
		return;
	process->counts[process->call]++;
	if (!aim.call || aim.call->number != process->call ||
	    process->counts[process->call] != aim.number)
		return;
	if (!call_can_fail(aim.call, (const unsigned long long *)info->entry.args)) {
		(void)fprintf(report, "{\"impossible\": true}\n");
		return;
	}
	(void)fprintf(report, "{\"hit\": \"%s\", \"first\": %llu, \"second\": %llu}\n",
		      process->who, (unsigned long long)info->entry.args[0],
		      (unsigned long long)info->entry.args[1]);
	(void)fflush(report);
	process->forced = aim.error;
	force_entry(process);
}

static void on_exit_of_call(struct process *process,
			    const struct __ptrace_syscall_info *info)
{
	process->inside = false;
	if (process->forced) {
		long value = -process->forced;

		if (ptrace(PTRACE_POKEUSER, process->pid,
			   offsetof(struct user_regs_struct, rax), value))
			err(2, "ptrace");
		process->forced = 0;
	} else if (!info->exit.is_error && process->call >= 0 &&
		   process->call < CALLS_MAX) {
		process->succeeded[process->call]++;
	}
}

static void on_call(struct process *process)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, process->pid, (void *)sizeof(info), &info) <=
	    0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		on_entry(process, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		on_exit_of_call(process, &info);
}

static void tell_process(const struct process *process)
{
	if (aim.call || !process->who[0])
		return;
	(void)fprintf(report, "{\"process\": \"%s\", \"program\": \"%s\"", process->who,
		      process->program);
	json_calls("calls", process->counts);
	(void)fprintf(report, "}\n");
}

/* One stop of one process; it goes on, but for one whose parent has not told of it yet. */
static void on_stop(struct process *process, int status)
{
	int signo = WSTOPSIG(status), event = status >> 16;

	if (signo == (SIGTRAP | 0x80)) {
		on_call(process);
		signo = 0;
	} else if (event == PTRACE_EVENT_EXEC) {
		on_exec(process);
		signo = 0;
	} else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
		   event == PTRACE_EVENT_CLONE) {
		on_child(process);
		signo = 0;
	} else if (event == PTRACE_EVENT_STOP) {
		if (!process->known) {
			process->stopped = true;
			return;
		}
		if (signo == SIGSTOP || signo == SIGTSTP || signo == SIGTTIN ||
		    signo == SIGTTOU) {
			(void)ptrace(PTRACE_LISTEN, process->pid, NULL, NULL);
			return;
		}
		signo = 0;
	}
	go_on(process, signo);
}

/* Until `root` has ended (its wait status), or it is too late (-1). */
static int trace(pid_t root)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR && !too_late)
			continue;
		if (pid < 0)
			return -1;
		if (WIFSTOPPED(status)) {
			on_stop(process_of(pid), status);
			continue;
		}
		tell_process(process_of(pid));
		if (pid == root)
			return status;
		process_of(pid)->pid = -1;
	}
}

/* What is left when the audit has ended goes on until it has ended as well. */
static void drain(void)
{
	struct itimerval timer = { .it_value = { 0, LINGER_MS * 1000 % 1000000 } };

	timer.it_value.tv_sec = LINGER_MS / 1000;
	too_late = 0;
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	while (!too_late) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);

		if (pid < 0)
			break;
		if (pid == 0) {
			const struct timespec tick = { 0, 1000000 };

			(void)nanosleep(&tick, NULL);
			continue;
		}
		if (WIFSTOPPED(status))
			on_stop(process_of(pid), status);
		else
			tell_process(process_of(pid));
	}
}

static pid_t start(const char *out, const char *errors, char **argv)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		err(2, "pipe");
	pid = fork();
	if (pid < 0)
		err(2, "fork");
	if (pid == 0) {
		close(ready[1]);
		(void)!read(ready[0], &byte, 1);
		private_exec(out, errors, argv);
	}
	close(ready[0]);
	if (ptrace(PTRACE_SEIZE, pid, NULL,
		   (void *)(long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
				  PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
				  PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)))
		err(2, "ptrace");
	/* From its first call after the exec on: a stop that turns into a stop at calls. */
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL))
		err(2, "ptrace");
	(void)snprintf(process_of(pid)->who, NAME_LEN, "0");
	process_of(pid)->known = true;
	close(ready[1]);
	return pid;
}

static void aim_parse(char *text)
{
	char *save, *who = strtok_r(text, ",", &save), *call = strtok_r(NULL, ",", &save),
		    *number = strtok_r(NULL, ",", &save),
		    *error = strtok_r(NULL, ",", &save);

	if (!error)
		errx(2, "-a WHO,CALL,N,ERROR");
	(void)snprintf(aim.who, sizeof(aim.who), "%s", who);
	aim.call = call_named(call);
	aim.number = (unsigned)strtoul(number, NULL, 10);
	aim.error = error_number(error);
	if (!aim.call || !aim.error || !aim.number)
		errx(2, "%s,%s,%s: not in the table", call, number, error);
}

int main(int argc, char **argv)
{
	char *server = NULL, *hang = NULL;
	unsigned long limit = 60000;
	struct itimerval timer = { .it_value = { 0, 0 } };
	struct sigaction action = { .sa_handler = on_alarm };
	long long began;
	int option, status;

	if (argc == 2 && !strcmp(argv[1], "calls")) {
		calls_print();
		return 0;
	}
	while ((option = getopt(argc, argv, "+a:t:h:")) > 0) {
		if (option == 'a')
			aim_parse(optarg);
		else if (option == 't')
			limit = strtoul(optarg, NULL, 10);
		else if (option == 'h' && (hang = strchr(optarg, ',')))
			*hang++ = '\0', server = optarg;
		else
			return 2;
	}
	argv += optind;
	if (argc - optind < 4 || !(report = fopen(argv[0], "we")))
		errx(2, "usage: inject [OPTION...] REPORT OUT ERR PROGRAM ARG...");
	private_enter(server, hang);
	(void)sigaction(SIGALRM, &action, NULL);
	timer.it_value.tv_sec = (time_t)(limit / 1000);
	timer.it_value.tv_usec = (suseconds_t)(limit % 1000 * 1000);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	began = private_now();
	status = trace(start(argv[1], argv[2], argv + 3));
	(void)fprintf(report, "{\"status\": %d, \"took\": %.4f", status,
		      (double)(private_now() - began) / 1e9);
	(void)fprintf(report, "}\n");
	drain();
	(void)fprintf(report, "{\"left\": [");
	private_leftovers(report, 0);
	(void)fprintf(report, "]}\n");
	return fclose(report) ? 2 : 0;
}
