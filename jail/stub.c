/* Pid 1 of a jail: builds the root, starts tool and reader, moves bytes, answers refused calls. */
#include "stub.h"
#include "confine.h"
#include "descriptors.h"
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64) /* Linux 6.6 */

enum {
	ON_CONTROL,
	ON_SIGNALS,
	ON_SYNC,
	ON_LISTENER,
	ON_ASKED,
	ON_OUT,
	ON_FEED,
	ON_ERR,
	ON_ERR_OUT,
	ON_COUNT
};

_Noreturn void setup_failed(const struct stub *stub, enum jail_stage stage)
{
	message_fail_errno(stub->jail->control, stage);
}

/* Becomes the program; only the failure returns. */
static void program_exec(const struct jail_exec *exec, const char *path)
{
	char *tool_env[] = {
		(char[]){ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin" },
		(char[]){ "LC_ALL=C" }, (char[]){ "HOME=/" }, NULL
	};
	char *own_env[] = { (char[]){ "LC_ALL=C" }, NULL };

	if (exec->fd < 0)
		execve(path, exec->argv, tool_env);
	else
		execveat(exec->fd, "", exec->argv, own_env, AT_EMPTY_PATH);
}

/* What the tool's child tells the stub before its exec: a listener, or a failure. */
struct sync_msg {
	struct jail_failure failure; /* error 0: `confined` is valid */
	struct confined confined;
};

static _Noreturn void tool_child(const struct stub *stub,
				 const struct jail_program *program, int sync)
{
	struct sync_msg msg = { .confined.listener = -1 };

	/* Where Yama is in force nobody may read this process but the copier, once it has executed the
	 * tool. Without Yama this call fails with EINVAL, and is not needed. */
	if (stub->asked.copier) {
		(void)sched_setaffinity(0, sizeof(cpu_set_t), &stub->asked.anywhere);
		(void)prctl(PR_SET_PTRACER, stub->asked.copier, 0, 0, 0);
	}
	if (!confine_tool(stub->jail, program, stub->null, &msg.confined, &msg.failure)) {
		(void)!write(sync, &msg, sizeof(msg));
		program_exec(&stub->jail->tool, program->path);
		msg.failure = (struct jail_failure){ STAGE_EXEC, errno, "" };
	}
	(void)!write(sync, &msg, sizeof(msg));
	_exit(127);
}

static void pipe_open(const struct stub *stub, int ends[2], int flags)
{
	if (pipe2(ends, O_CLOEXEC | flags))
		setup_failed(stub, STAGE_PIPES);
}

static void place(const struct stub *stub, int fd, int at)
{
	if (dup2(fd, at) < 0)
		setup_failed(stub, STAGE_PIPES);
}

/* The same by an open file of its own: who shares one can set its flags, as O_NONBLOCK, for both. */
static void place_again(const struct stub *stub, int fd, int flags, int at)
{
	char path[FD_PATH_SIZE];
	AUTO_CLOSE int again = open(fd_path(path, fd), flags | O_CLOEXEC);
	place(stub, again, at);
}

static void set_nonblock(int fd)
{
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* Before the jail is sealed: it has nothing to parse until the tool writes, which comes after that. */
static void reader_start(struct stub *stub, int input, int errors)
{
	const struct jail *jail = stub->jail;
	struct jail_failure failure;

	stub->reader = fork();
	if (stub->reader < 0)
		setup_failed(stub, STAGE_COLLECTOR);
	if (stub->reader > 0)
		return;
	place(stub, input, STDIN_FILENO);
	place(stub, jail->out, STDOUT_FILENO);
	place_again(stub, errors, O_WRONLY, STDERR_FILENO);
	if (confine_reader(jail->reader.uid, 0, &failure))
		message_fail(jail->control, JAIL_MSG_SETUP, &failure);
	program_exec(&jail->reader, NULL);
	setup_failed(stub, STAGE_COLLECTOR);
}

/*
 * The reader gets a plain fork. The tool is cloned with the stub's own descriptor table,
 * so that the listener its filter makes is the stub's as well, without CAP_SYS_PTRACE and
 * pidfd_getfd; the table is the tool's alone before it says so on the sync pipe.
 */
static void children_start(struct stub *stub, const struct jail_program *program)
{
	int tool_out[2], tool_err[2], feed[2] = { -1, stub->jail->out }, sync[2];
	long pid;

	pipe_open(stub, tool_out, 0);
	pipe_open(stub, tool_err, 0);
	if (stub->has_reader) {
		pipe_open(stub, feed, 0);
		reader_start(stub, feed[0], tool_err[1]);
		close(feed[0]);
		close(stub->jail->out);
	}
	if (stub->jail->broker.request_count)
		asked_start(stub, program->device);
	pipe_open(stub, sync, 0);
	place_again(stub, stub->jail->input ?: stub->null, O_RDONLY, STDIN_FILENO);
	place(stub, tool_out[1], STDOUT_FILENO);
	place(stub, tool_err[1], STDERR_FILENO);
	close(tool_out[1]);
	close(tool_err[1]);

	pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid < 0)
		setup_failed(stub, STAGE_TOOL);
	if (pid == 0)
		tool_child(stub, program, sync[1]);
	stub->tool = (pid_t)pid;
	stub->sync = sync[0];
	stub->sync_write = sync[1];
	/* The table is still shared: nothing is closed before the tool's first message. The
	 * flags of the stub's ends of the pipes are not the tool's business. */
	set_nonblock(tool_out[0]);
	set_nonblock(tool_err[0]);
	set_nonblock(feed[1]);
	set_nonblock(stub->jail->errors);
	stub->out.in = tool_out[0];
	stub->out.out = feed[1];
	stub->err.in = tool_err[0];
	stub->err.out = stub->jail->errors;
}

static void sync_read(struct stub *stub, const struct jail_program *program)
{
	struct jail_msg started = { .type = JAIL_MSG_STARTED };
	struct sync_msg msg;
	ssize_t n = read(stub->sync, &msg, sizeof(msg));

	if (n == sizeof(msg) && msg.failure.error)
		message_fail(stub->jail->control, JAIL_MSG_SETUP, &msg.failure);
	if (n == sizeof(msg)) {
		stub->listener = msg.confined.listener;
		stub->enforced = msg.confined.enforced;
		/* SYNC_WAKE_UP: a tool that waits for its answer leaves its processor to the stub. */
		if (stub->asked.copier)
			(void)ioctl(stub->listener, NOTIF_SET_FLAGS, 1UL);
		close(stub->sync_write);
		stub->sync_write = -1;
		for (int fd = 0; fd <= 2; fd++)
			place(stub, stub->null, fd);
		if (confine_stub(stub->jail->stub_uid))
			setup_failed(stub, STAGE_CAPS);
		return;
	}
	/* End of file: the exec closed the tool's end, or the tool died before it. */
	close(stub->sync);
	stub->sync = -1;
	if (stub->listener >= 0) {
		started.started.enforced = stub->enforced | program->enforced;
		memcpy(started.started.path, program->path, sizeof(program->path));
		message_send(stub->jail->control, &started);
		return;
	}
	close(stub->sync_write);
	stub->sync_write = -1;
	errno = ECHILD;
	if (!stub->terminating) /* else we have ended it ourselves */
		setup_failed(stub, STAGE_TOOL);
}

static void feed_close(struct stub *stub)
{
	if (stub->out.out >= 0)
		close(stub->out.out);
	stub->out.out = -1;
}

/* Sends TERM and end of file, once. */
static void terminate(struct stub *stub)
{
	if (stub->terminating)
		return;
	stub->terminating = true;
	asked_tell(stub);
	relay_drain(stub, &stub->out);
	if (stub->has_reader)
		feed_close(stub);
	if (stub->tool > 0 && !stub->tool_done) {
		kill(-stub->tool, SIGTERM);
		kill(stub->tool, SIGTERM);
	}
}

/* The stub ends the job by itself: a cap was reached, or nobody reads the output any more. */
static void end_early(struct stub *stub)
{
	struct jail_msg msg = { .type = JAIL_MSG_ENDING };

	if (stub->terminating)
		return;
	terminate(stub);
	message_send(stub->jail->control, &msg);
}

static void control_read(struct stub *stub)
{
	struct jail_msg msg;
	ssize_t n = recv(stub->jail->control, &msg, sizeof(msg), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof(msg))
		_exit(0); /* the monitor is gone: with pid 1 goes the namespace */
	if (msg.type == JAIL_MSG_TERM)
		terminate(stub);
	if (msg.type == JAIL_MSG_KILL) {
		terminate(stub);
		if (stub->tool > 0 && !stub->tool_done) {
			kill(-stub->tool, SIGKILL);
			kill(stub->tool, SIGKILL);
		}
		if (stub->reader > 0 && !stub->reader_done)
			kill(stub->reader, SIGKILL);
	}
}

/* Every dead process of the namespace is ours to reap; two of them have a name. */
static void reap(struct stub *stub)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)!read(stub->signals, &info, sizeof(info));
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == stub->tool) {
			stub->tool_done = true;
			stub->result.tool_status = status;
		} else if (pid == stub->reader) {
			stub->reader_done = true;
			stub->result.reader_status = status;
			/* It ended before its input did. */
			stub->out.broken |= stub->out.out >= 0;
		}
	}
}

/*
 * What follows from who has ended. A grandchild may hold the tool's pipe for ever: what
 * is in it when the tool ends is all there is.
 */
static bool settled(struct stub *stub)
{
	bool reader_gone = stub->has_reader && stub->reader_done;

	if (stub->tool_done && stub->out.out >= 0) {
		relay_drain(stub, &stub->out);
		if (reader_gone || !stub->out.blocked || stub->out.in < 0)
			feed_close(stub);
	}
	if (stub->out.in < 0)
		feed_close(stub);
	if (reader_gone && !stub->tool_done && stub->out.in >= 0)
		end_early(stub);
	if (stub->tool_done)
		relay_drain(stub, &stub->err);
	return stub->tool_done && stub->out.out < 0 && !stub->err.blocked &&
	       (stub->reader_done || !stub->has_reader);
}

/* The status file of the copy, if there is one, without what it says now. */
static int status_file(const struct jail *jail)
{
	int fd = jail->copy_status;

	return fd < 0 || ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) < 0 ? -1 : fd;
}

static _Noreturn void finish(struct stub *stub)
{
	struct jail_msg msg = { .type = JAIL_MSG_RESULT };
	int status = stub->result.tool_status;

	refused_report(stub);
	stub->result.stdout_bytes = stub->out.moved;
	stub->result.stderr_bytes = stub->err.moved;
	stub->result.reader_first = stub->out.broken;
	stub->result.truncated = stub->out.capped | (unsigned)stub->err.capped << 1;
	stub->result.copy_lost = stub->out.file_lost || stub->err.file_lost;
	msg.result = stub->result;
	/* A shell's 128 and the signal would be an exit code of smartctl, whose codes are masks.
	 * Half an output has no status: it stays "incomplete". */
	if (!stub->result.copy_lost && WIFEXITED(status))
		(void)dprintf(status_file(stub->jail), "%d\n", WEXITSTATUS(status));
	else if (!stub->result.copy_lost)
		(void)dprintf(status_file(stub->jail), "signal %d\n", WTERMSIG(status));
	message_send(stub->jail->control, &msg);
	_exit(0);
}

static void loop_once(struct stub *stub, const struct jail_program *program)
{
	struct pollfd polls[ON_COUNT] = {
		[ON_CONTROL] = { stub->jail->control, POLLIN, 0 },
		[ON_SIGNALS] = { stub->signals, POLLIN, 0 },
		[ON_SYNC] = { stub->sync, POLLIN, 0 },
		[ON_LISTENER] = { stub->listener_gone || !asked_idle(stub)
					  ? -1
					  : stub->listener,
				  POLLIN, 0 },
		[ON_ASKED] = { stub->asked.copier ? stub->asked.socket : -1, POLLIN, 0 },
		[ON_OUT... ON_ERR_OUT] = { -1, 0, 0 },
	};

	/* Bytes wait until the tool has its own descriptor table: moving may close one. */
	if (stub->listener >= 0) {
		relay_poll(&stub->out, &polls[ON_OUT], &polls[ON_FEED]);
		relay_poll(&stub->err, &polls[ON_ERR], &polls[ON_ERR_OUT]);
	}
	if (poll(polls, ON_COUNT, -1) < 0 && errno != EINTR)
		setup_failed(stub, STAGE_PIPES);
	if (polls[ON_SYNC].revents)
		sync_read(stub, program);
	if (polls[ON_ASKED].revents)
		asked_read(stub);
	if (polls[ON_LISTENER].revents & POLLIN)
		refused_answer(stub);
	else if (polls[ON_LISTENER].revents)
		stub->listener_gone = true;
	if (polls[ON_OUT].revents || polls[ON_FEED].revents)
		if (!relay_move(stub, &stub->out))
			end_early(stub);
	if (polls[ON_ERR].revents || polls[ON_ERR_OUT].revents)
		(void)relay_move(stub, &stub->err);
	if (polls[ON_SIGNALS].revents)
		reap(stub);
	if (stub->tool_done && stub->sync_write >= 0) {
		set_nonblock(stub->sync); /* its last word, if there was one */
		sync_read(stub, program);
	}
	if (polls[ON_CONTROL].revents)
		control_read(stub);
}

static void signals_open(struct stub *stub)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || setsid() < 0)
		setup_failed(stub, STAGE_SIGNALS);
	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	stub->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (stub->signals < 0)
		setup_failed(stub, STAGE_SIGNALS);
}

/*
 * The monitor runs ahead of tools that spin; its jobs do not. When memory runs out it is a
 * job's that goes first, not the machine's. Failure costs only that.
 */
static void yield_to_machine(void)
{
	AUTO_CLOSE int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	(void)setpriority(PRIO_PROCESS, 0, 0);
	(void)!write(fd, "500", 3);
}

_Noreturn void jail_main(const struct jail *jail)
{
	bool broker = jail->broker.request_count > 0;
	int keep[] = { jail->control,
		       jail->out,
		       jail->errors,
		       jail->reader.fd,
		       jail->tool.fd,
		       jail->copy_out,
		       jail->copy_err,
		       jail->copy_status,
		       jail->input,
		       jail->base,
		       jail->network,
		       broker ? jail->broker.copier : -1,
		       broker ? jail->broker.performer : -1 };
	struct stub stub = {
		.jail = jail,
		.has_reader = jail->reader.fd >= 0,
		.listener = -1,
		.asked = { .socket = -1 },
		.out = { .cap = jail->limits.stdout_bytes, .file = jail->copy_out },
		.err = { .cap = jail->limits.stderr_bytes,
			 .file = jail->copy_err,
			 .discard = true },
		.result = { .tool_status = -1, .reader_status = -1 },
	};
	struct jail_program program;
	struct jail_failure failure = { .error = 0 };
	enum jail_msg_type built;

	if (descriptors_keep(keep, ARRAY_LEN(keep)))
		setup_failed(&stub, STAGE_DESCRIPTORS);
	signals_open(&stub);
	umask(022);
	yield_to_machine();
	stub.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (stub.null < 0)
		setup_failed(&stub, STAGE_PIPES);
	for (int fd = 0; fd <= 2; fd++)
		place(&stub, stub.null, fd);
	built = root_build(jail, &program, &failure);
	/* No tool will run. A replay of this capture has to say the same, and reads it here. */
	if (built == JAIL_MSG_ABSENT || built == JAIL_MSG_UNAVAILABLE)
		(void)dprintf(status_file(jail), "%s\n",
			      built == JAIL_MSG_ABSENT ? "absent" : "unavailable");
	if (built != JAIL_MSG_STARTED)
		message_fail(jail->control, built, &failure);
	children_start(&stub, &program);
	while (!settled(&stub) || stub.sync_write >= 0)
		loop_once(&stub, &program);
	finish(&stub);
}
