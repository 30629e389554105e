/* Pid 1 of a job: builds the root, starts tool and collector, moves bytes, answers refused calls. */
#include "stub.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ON_CONTROL,
	ON_SIGNALS,
	ON_SYNC,
	ON_LISTENER,
	ON_OUT,
	ON_FEED,
	ON_ERR,
	ON_ERR_OUT,
	ON_COUNT
};

static _Noreturn void setup_failed(const struct stub *stub, enum job_stage stage)
{
	job_fail(stub->ctx->control, JOB_MSG_SETUP,
		 (struct job_failure){ stage, errno, -1 });
}

/* What the tool's child tells the stub before its exec: a listener, or a failure. */
struct sync_msg {
	struct job_failure failure; /* error 0: `listener` is valid */
	int listener;
};

static _Noreturn void tool_child(const struct stub *stub,
				 const struct job_program *program, int sync)
{
	char *env[] = {
		(char[]){ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin" },
		(char[]){ "LC_ALL=C" }, (char[]){ "HOME=/" }, NULL
	};
	const struct job_context *ctx = stub->ctx;
	struct sync_msg msg = { .listener = -1 };
	char *argv[POLICY_ARGS_MAX + 1] = { NULL };

	for (size_t i = 0; ctx->step->argv[i]; i++)
		argv[i] = policy_expand(ctx->step->argv[i], ctx->instance);
	if (confine_tool(ctx, program, &msg.listener, &msg.failure)) {
		(void)!write(sync, &msg, sizeof(msg));
		_exit(127);
	}
	(void)!write(sync, &msg, sizeof(msg));
	if (program->path[0])
		execve(program->path, argv, env);
	else
		own_exec(ctx, NULL);
	msg.failure = (struct job_failure){ STAGE_EXEC, errno, -1 };
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

static void set_nonblock(int fd)
{
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* Reads nothing before the tool writes: what it parses comes after the jail is sealed. */
static void collector_start(struct stub *stub, int input, int errors)
{
	struct job_failure failure;

	stub->collector = fork();
	if (stub->collector < 0)
		setup_failed(stub, STAGE_COLLECTOR);
	if (stub->collector > 0)
		return;
	place(stub, input, STDIN_FILENO);
	place(stub, stub->ctx->records, STDOUT_FILENO);
	place(stub, errors, STDERR_FILENO);
	if (confine_collector(stub->ctx->collector_uid, &failure))
		job_fail(stub->ctx->control, JOB_MSG_SETUP, failure);
	collector_exec(stub->ctx);
	setup_failed(stub, STAGE_COLLECTOR);
}

/*
 * The collector gets a plain fork. The tool is cloned with the stub's own descriptor table,
 * so that the listener its filter makes is the stub's as well, without CAP_SYS_PTRACE and
 * pidfd_getfd; the table is the tool's alone before it says so on the sync pipe.
 */
static void children_start(struct stub *stub, const struct job_program *program)
{
	int tool_out[2], tool_err[2], feed[2], sync[2];
	long pid;

	pipe_open(stub, tool_out, 0);
	pipe_open(stub, tool_err, 0);
	pipe_open(stub, feed, 0);
	collector_start(stub, feed[0], tool_err[1]);
	close(feed[0]);
	close(stub->ctx->records);
	pipe_open(stub, sync, 0);
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
	set_nonblock(stub->ctx->errors);
	stub->out.in = tool_out[0];
	stub->out.out = feed[1];
	stub->err.in = tool_err[0];
	stub->err.out = stub->ctx->errors;
}

static void sync_read(struct stub *stub, const struct job_program *program)
{
	struct job_msg started = { .type = JOB_MSG_STARTED };
	struct sync_msg msg;
	ssize_t n = read(stub->sync, &msg, sizeof(msg));

	if (n == sizeof(msg) && msg.failure.error)
		job_fail(stub->ctx->control, JOB_MSG_SETUP, msg.failure);
	if (n == sizeof(msg)) {
		stub->listener = msg.listener;
		close(stub->sync_write);
		stub->sync_write = -1;
		for (int fd = 0; fd <= 2; fd++)
			place(stub, stub->null, fd);
		if (confine_stub())
			setup_failed(stub, STAGE_CAPS);
		return;
	}
	/* End of file: the exec closed the tool's end, or the tool died before it. */
	close(stub->sync);
	stub->sync = -1;
	if (stub->listener < 0) {
		errno = ECHILD;
		setup_failed(stub, STAGE_TOOL);
	}
	memcpy(started.path, program->path, sizeof(started.path));
	job_send(stub->ctx->control, &started);
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
	flow_drain(stub, &stub->out);
	feed_close(stub);
	if (stub->tool > 0 && !stub->tool_done) {
		kill(-stub->tool, SIGTERM);
		kill(stub->tool, SIGTERM);
	}
}

/* The stub ends the job by itself: a cap was reached, or nobody reads the output any more. */
static void end_early(struct stub *stub)
{
	struct job_msg msg = { .type = JOB_MSG_ENDING };

	if (stub->terminating)
		return;
	terminate(stub);
	job_send(stub->ctx->control, &msg);
}

static void control_read(struct stub *stub)
{
	struct job_msg msg;
	ssize_t n = recv(stub->ctx->control, &msg, sizeof(msg), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof(msg))
		_exit(0); /* the monitor is gone: with pid 1 goes the namespace */
	if (msg.type == JOB_MSG_TERM)
		terminate(stub);
	if (msg.type == JOB_MSG_KILL) {
		terminate(stub);
		if (stub->tool > 0 && !stub->tool_done) {
			kill(-stub->tool, SIGKILL);
			kill(stub->tool, SIGKILL);
		}
		if (stub->collector > 0 && !stub->collector_done)
			kill(stub->collector, SIGKILL);
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
			stub->done.tool_status = status;
		} else if (pid == stub->collector) {
			stub->collector_done = true;
			stub->done.collector_status = status;
		}
	}
}

/*
 * What follows from who has ended. A grandchild may hold the tool's pipe for ever: what
 * is in it when the tool ends is all there is.
 */
static bool settled(struct stub *stub)
{
	if (stub->tool_done && stub->out.out >= 0) {
		flow_drain(stub, &stub->out);
		if (stub->collector_done || !stub->out.blocked || stub->out.in < 0)
			feed_close(stub);
	}
	if (stub->out.in < 0)
		feed_close(stub);
	if (stub->collector_done && !stub->tool_done && stub->out.in >= 0)
		end_early(stub);
	return stub->tool_done && stub->collector_done;
}

static _Noreturn void finish(struct stub *stub)
{
	struct job_msg msg = { .type = JOB_MSG_DONE };

	flow_drain(stub, &stub->err);
	refused_report(stub);
	stub->done.stdout_bytes = stub->out.moved;
	stub->done.stderr_bytes = stub->err.moved;
	stub->done.truncated = stub->out.capped | (unsigned)stub->err.capped << 1;
	stub->done.capture_lost = stub->out.file_lost || stub->err.file_lost;
	msg.done = stub->done;
	capture_status(stub);
	job_send(stub->ctx->control, &msg);
	_exit(0);
}

static void loop_once(struct stub *stub, const struct job_program *program)
{
	struct pollfd polls[ON_COUNT] = {
		[ON_CONTROL] = { stub->ctx->control, POLLIN, 0 },
		[ON_SIGNALS] = { stub->signals, POLLIN, 0 },
		[ON_SYNC] = { stub->sync, POLLIN, 0 },
		[ON_LISTENER] = { stub->listener_gone ? -1 : stub->listener, POLLIN, 0 },
		[ON_OUT] = { -1, 0, 0 },
		[ON_FEED] = { -1, 0, 0 },
		[ON_ERR] = { -1, 0, 0 },
		[ON_ERR_OUT] = { -1, 0, 0 },
	};

	/* Bytes wait until the tool has its own descriptor table: moving may close one. */
	if (stub->listener >= 0) {
		flow_poll(&stub->out, &polls[ON_OUT], &polls[ON_FEED]);
		flow_poll(&stub->err, &polls[ON_ERR], &polls[ON_ERR_OUT]);
	}
	if (poll(polls, ON_COUNT, -1) < 0 && errno != EINTR)
		setup_failed(stub, STAGE_PIPES);
	if (polls[ON_SYNC].revents)
		sync_read(stub, program);
	if (polls[ON_LISTENER].revents & POLLIN)
		refused_answer(stub);
	else if (polls[ON_LISTENER].revents)
		stub->listener_gone = true;
	if (polls[ON_OUT].revents || polls[ON_FEED].revents)
		if (!flow_move(stub, &stub->out))
			end_early(stub);
	if (polls[ON_ERR].revents || polls[ON_ERR_OUT].revents)
		(void)flow_move(stub, &stub->err);
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
	if (fd >= 0)
		(void)!write(fd, "500", 3);
}

_Noreturn void stub_main(const struct job_context *ctx)
{
	int keep[] = { ctx->control, ctx->records, ctx->errors, ctx->collect_fd,
		       ctx->step->own_fd };
	struct stub stub = {
		.ctx = ctx,
		.listener = -1,
		.out = { .cap = ctx->step->limits.stdout_bytes, .file = -1 },
		.err = { .cap = ctx->step->limits.stderr_bytes,
			 .file = -1,
			 .discard = true },
		.done = { .tool_status = -1, .collector_status = -1 },
	};
	struct job_program program;
	struct job_failure failure;
	enum job_msg_type built;

	descriptors_keep(keep, ARRAY_LEN(keep));
	signals_open(&stub);
	umask(022);
	yield_to_machine();
	stub.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (stub.null < 0)
		setup_failed(&stub, STAGE_PIPES);
	for (int fd = 0; fd <= 2; fd++)
		place(&stub, stub.null, fd);
	if (ctx->capture)
		capture_open(&stub);
	built = jail_build(ctx, &program, &failure);
	if (built == JOB_MSG_ABSENT || built == JOB_MSG_UNAVAILABLE)
		capture_nothing(&stub,
				built == JOB_MSG_ABSENT ? "absent" : "unavailable");
	if (built != JOB_MSG_STARTED)
		job_fail(ctx->control, built, failure);
	children_start(&stub, &program);
	while (!settled(&stub) || stub.sync_write >= 0)
		loop_once(&stub, &program);
	finish(&stub);
}
