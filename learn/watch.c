/* Runs a program under ptrace(2). The program is trusted: every call of it is let through. */
#include "watch.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TASKS_MAX 4096
#define OPTIONS                                                                          \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |              \
	 PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

struct task {
	pid_t pid; /* 0: free */
	bool inside;
	struct call_seen call;
	char *path; /* owned */
};

struct watch {
	struct task tasks[TASKS_MAX];
	struct run_log *log;
	pid_t first, relays[2];
	bool started; /* its own exec is done */
	bool foreign; /* calls of another architecture were seen */
};

static struct task *task_of(struct watch *watch, pid_t pid)
{
	struct task *free_one = NULL;

	for (size_t i = 0; i < TASKS_MAX; i++) {
		if (watch->tasks[i].pid == pid)
			return &watch->tasks[i];
		if (!watch->tasks[i].pid && !free_one)
			free_one = &watch->tasks[i];
	}
	if (!free_one)
		errx(BEE_SOFTWARE, "over %d processes and threads at once", TASKS_MAX);
	*free_one = (struct task){ .pid = pid };
	if (++watch->log->tasks > watch->log->tasks_most)
		watch->log->tasks_most = watch->log->tasks;
	return free_one;
}

static void task_end(struct watch *watch, pid_t pid)
{
	struct task *task = task_of(watch, pid);

	free(task->path);
	*task = (struct task){ 0 };
	watch->log->tasks--;
}

/* A string of another process; of malloc, NULL: there is none. */
static char *string_at(pid_t pid, uint64_t address)
{
	char text[PATH_MAX] = "";
	size_t have = 0;

	while (address && have < sizeof(text)) {
		size_t page = 4096 - (address + have) % 4096;
		size_t part = page < sizeof(text) - have ? page : sizeof(text) - have;
		struct iovec here = { text + have, part };
		struct iovec there = { (void *)(uintptr_t)(address + have), part };

		if (process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)part)
			return NULL;
		if (memchr(text + have, '\0', part))
			return xstrdup(text);
		have += part;
	}
	return NULL;
}

/* A name as the process meant it: absolute, from its root, which is ours. */
static char *absolute(pid_t pid, int folder, const char *name)
{
	AUTO_FREE char *link = NULL;
	char base[PATH_MAX];
	ssize_t len;

	if (*name == '/')
		return xstrdup(name);
	link = folder == AT_FDCWD ? xasprintf("/proc/%d/cwd", pid)
				  : xasprintf("/proc/%d/fd/%d", pid, folder);
	len = readlink(link, base, sizeof(base) - 1);
	if (len <= 0)
		return NULL;
	base[len] = '\0';
	return *name ? xasprintf("%s/%s", base, name) : xstrdup(base);
}

static void entry(struct task *task, const struct __ptrace_syscall_info *info)
{
	int path, folder;
	char *name;

	free(task->path);
	task->path = NULL;
	task->call =
		(struct call_seen){ .pid = task->pid, .number = (int)info->entry.nr };
	memcpy(task->call.args, info->entry.args, sizeof(task->call.args));
	if (!calls_path(task->call.number, task->call.args, &path, &folder,
			&task->call.nofollow))
		return;
	name = string_at(task->pid, task->call.args[path]);
	if (name)
		task->path = absolute(
			task->pid, folder < 0 ? AT_FDCWD : (int)task->call.args[folder],
			name);
	free(name);
	task->call.path = task->path;
}

static void at_call(struct watch *watch, struct task *task)
{
	struct __ptrace_syscall_info info = { 0 };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		if (info.arch != seccomp_arch_native())
			watch->foreign = true;
		task->inside = info.arch == seccomp_arch_native() &&
			       info.entry.nr < POLICY_SYSCALL_MAX;
		if (task->inside)
			entry(task, &info);
		/* What ends its caller has no end. */
		if (task->inside && watch->started &&
		    (task->call.number == SYS_exit ||
		     task->call.number == SYS_exit_group))
			calls_take(watch->log, &task->call);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && task->inside) {
		task->inside = false;
		task->call.result = info.exit.rval;
		if (task->call.number == SYS_execve && !task->call.result)
			watch->started = true;
		if (watch->started)
			calls_take(watch->log, &task->call);
	}
}

/* What the task is told to go on with: a signal, or 0. */
static void stopped(struct watch *watch, pid_t pid, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16, pass = 0;
	struct task *task = task_of(watch, pid);

	if (signal == (SIGTRAP | 0x80))
		at_call(watch, task);
	else if (event == PTRACE_EVENT_STOP && (signal == SIGSTOP || signal == SIGTSTP ||
						signal == SIGTTIN || signal == SIGTTOU)) {
		(void)ptrace(PTRACE_LISTEN, pid, 0, 0);
		return;
	} else if (!event) {
		pass = signal;
	}
	(void)ptrace(PTRACE_SYSCALL, pid, 0, (void *)(uintptr_t)pass);
}

static void watch_all(struct watch *watch)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid <= 0 || pid == watch->relays[0] || pid == watch->relays[1])
			continue;
		if (WIFSTOPPED(status)) {
			stopped(watch, pid, status);
			continue;
		}
		task_end(watch, pid);
		if (pid == watch->first)
			watch->log->status = status;
	}
}

/* Copies a pipe to a descriptor, in a process of its own. */
static pid_t relay(int from, int to, int other)
{
	pid_t pid = fork();
	char bytes[65536];
	ssize_t n;

	if (pid < 0)
		err(BEE_SOFTWARE, "fork");
	if (pid) {
		close(from);
		return pid;
	}
	close(other);
	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (write_all(to, bytes, (size_t)n))
			break;
	_exit(0);
}

/* It holds the other end of `go`, too: who started it may end without a word on it, and takes it along,
 * as PTRACE_O_EXITKILL does later. */
static _Noreturn void child(char *const *argv, pid_t parent, int go, int out, int errors)
{
	char *const environment[] = {
		(char[]){ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin" },
		(char[]){ "LC_ALL=C" }, (char[]){ "HOME=/" }, NULL
	};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char byte;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent || setsid() < 0 ||
	    null < 0 || chdir("/") || read(go, &byte, 1) != 1 || dup2(null, 0) < 0 ||
	    dup2(out, 1) < 0 || dup2(errors, 2) < 0)
		_exit(127);
	execve(argv[0], argv, environment);
	_exit(127);
}

bool watch_run(char *const *argv, int out, struct run_log *log)
{
	static struct watch watch;
	int pipes[3][2];
	nsec_t start = clock_now();
	pid_t self = getpid();

	watch.log = log;
	for (size_t i = 0; i < ARRAY_LEN(pipes); i++)
		if (pipe2(pipes[i], O_CLOEXEC))
			err(BEE_SOFTWARE, "pipe");
	watch.first = fork();
	if (watch.first < 0)
		err(BEE_SOFTWARE, "fork");
	if (!watch.first)
		child(argv, self, pipes[0][0], pipes[1][1], pipes[2][1]);
	close(pipes[1][1]);
	close(pipes[2][1]);
	watch.relays[0] = relay(pipes[1][0], out, pipes[2][0]);
	watch.relays[1] = relay(pipes[2][0], STDERR_FILENO, -1);
	(void)task_of(&watch, watch.first);
	if (ptrace(PTRACE_SEIZE, watch.first, 0, OPTIONS) ||
	    ptrace(PTRACE_INTERRUPT, watch.first, 0, 0) ||
	    write(pipes[0][1], "", 1) != 1) {
		warn("ptrace");
		(void)kill(watch.first, SIGKILL);
		return false;
	}
	watch_all(&watch);
	log->took = clock_now() - start;
	if (watch.foreign)
		log_lost(log, "?", "calls of another architecture, which end a tool");
	if (!watch.started)
		warnx("%s could not be started", argv[0]);
	return watch.started;
}
