/* A job from a captured folder: the collector over a file, without tool, namespace or rights. */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void failed(const struct job_context *ctx, enum job_stage stage)
{
	job_fail(ctx->control, JOB_MSG_SETUP, (struct job_failure){ stage, errno, -1 });
}

static char *file_of(const struct job_context *ctx, const char *name)
{
	return xasprintf("%s/%s/%s%s%s/%s", ctx->replay, ctx->policy->collector, ctx->step->name,
			 ctx->instance[0] ? "@" : "", ctx->instance, name);
}

/* O_NONBLOCK: a FIFO in someone's folder must not stop us. */
static int file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = ENOENT;
		return -1;
	}
	return fd;
}

/* The captured tool's wait status: exit code, or 128 and more for a signal; default 0. */
static int status_read(int fd)
{
	char text[16] = "";
	uint64_t code = 0;

	if (fd < 0 || read_full(fd, text, sizeof(text) - 1) < 0)
		return 0;
	text[strcspn(text, "\r\n")] = '\0';
	if (parse_u64(text, 255, &code))
		return 1 << 8;
	return code > 128 ? (int)code - 128 : (int)code << 8;
}

/* bee-read over DIR/sys, for a read step whose output was not captured. */
static pid_t reader_start(const struct job_context *ctx, int *out)
{
	AUTO_FREE char *sys = xasprintf("%s/sys", ctx->replay);
	int ends[2];
	pid_t pid;

	if (access(sys, X_OK))
		return 0;
	if (pipe2(ends, O_CLOEXEC))
		failed(ctx, STAGE_PIPES);
	pid = fork();
	if (pid < 0)
		failed(ctx, STAGE_TOOL);
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || dup2(ends[1], STDOUT_FILENO) < 0)
			_exit(127);
		own_exec(ctx, ctx->replay);
		_exit(127);
	}
	close(ends[1]);
	*out = ends[0];
	return pid;
}

/* The input of the step: its captured stdout, DIR/dmidecode.txt, or DIR/sys read now. */
static int input_open(const struct job_context *ctx, pid_t *reader)
{
	AUTO_FREE char *captured = file_of(ctx, "stdout");
	AUTO_FREE char *dmidecode = xasprintf("%s/dmidecode.txt", ctx->replay);
	int fd = file_open(captured);

	*reader = 0;
	if (fd < 0 && ctx->step->argv[0] && !strcmp(ctx->step->argv[0], "dmidecode"))
		fd = file_open(dmidecode);
	if (fd < 0 && !ctx->step->argv[0])
		*reader = reader_start(ctx, &fd);
	return fd;
}

static pid_t collector_start(const struct job_context *ctx, int input)
{
	pid_t pid = fork();

	if (pid < 0)
		failed(ctx, STAGE_COLLECTOR);
	if (pid > 0)
		return pid;
	if (dup2(input, STDIN_FILENO) < 0 || dup2(ctx->records, STDOUT_FILENO) < 0 ||
	    dup2(ctx->errors, STDERR_FILENO) < 0)
		failed(ctx, STAGE_PIPES);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		failed(ctx, STAGE_SIGNALS);
	collector_exec(ctx);
	failed(ctx, STAGE_COLLECTOR);
}

/* Whatever the monitor says or its end mean the same: a file needs no grace. */
static void wait_for(const struct job_context *ctx, int signals, pid_t collector, pid_t reader,
		     struct job_done *done)
{
	bool reader_done = reader == 0, collector_done = false;

	for (;;) {
		struct pollfd polls[2] = { { ctx->control, POLLIN, 0 }, { signals, POLLIN, 0 } };
		struct signalfd_siginfo info;
		int status;
		pid_t pid;

		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid == collector) {
				collector_done = true;
				done->collector_status = status;
			} else if (pid == reader) {
				reader_done = true;
				done->tool_status = status;
			}
		}
		if (collector_done && reader_done)
			return;
		if (poll(polls, 2, -1) < 0 && errno != EINTR)
			failed(ctx, STAGE_SIGNALS);
		if (polls[0].revents)
			_exit(0); /* the children's PDEATHSIG does the rest */
		(void)!read(signals, &info, sizeof(info));
	}
}

_Noreturn void replay_main(const struct job_context *ctx)
{
	int keep[] = { ctx->control, ctx->records, ctx->errors, ctx->collect_fd,
		       ctx->step->own_fd };
	struct job_msg msg = { .type = JOB_MSG_STARTED };
	struct job_done done = { .tool_status = 0, .collector_status = -1 };
	AUTO_FREE char *status = file_of(ctx, "status");
	struct job_failure failure;
	pid_t collector, reader;
	struct stat st;
	sigset_t mask;
	int input, signals, status_fd;

	descriptors_keep(keep, ARRAY_LEN(keep));
	descriptors_null();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || setsid() < 0)
		failed(ctx, STAGE_SIGNALS);
	input = input_open(ctx, &reader);
	status_fd = file_open(status);
	/* From here on nothing of the folder is read with rights. */
	if (geteuid() == 0 && confine_collector(ctx->collector_uid, &failure))
		job_fail(ctx->control, JOB_MSG_SETUP, failure);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	if (sigprocmask(SIG_SETMASK, &mask, NULL))
		failed(ctx, STAGE_SIGNALS);
	signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		failed(ctx, STAGE_SIGNALS);
	if (input < 0) {
		msg.type = JOB_MSG_ABSENT;
		msg.failure = (struct job_failure){ STAGE_LIST, ENOENT, -1 };
		job_send(ctx->control, &msg);
		_exit(0);
	}
	job_send(ctx->control, &msg);
	if (!fstat(input, &st) && S_ISREG(st.st_mode))
		done.stdout_bytes = (uint64_t)st.st_size;
	if (!reader && status_fd >= 0)
		done.tool_status = status_read(status_fd);
	collector = collector_start(ctx, input);
	close(ctx->records);
	close(input);
	wait_for(ctx, signals, collector, reader, &done);
	msg = (struct job_msg){ .type = JOB_MSG_DONE, .done = done };
	job_send(ctx->control, &msg);
	_exit(0);
}
