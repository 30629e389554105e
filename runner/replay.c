/* A job from a captured folder: the collector over a file, without tool, namespace or rights. */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void failed(const struct job_context *ctx, enum job_stage stage)
{
	job_fail(ctx->control, JOB_MSG_SETUP, (struct job_failure){ stage, errno, -1 });
}

/*
 * A file below the folder: no link leads out of it, whoever made it and whoever replays it.
 * O_NONBLOCK: a FIFO in someone's folder must not stop us.
 */
static int file_open(const struct job_context *ctx, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	AUTO_CLOSE int folder = open(ctx->replay, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	int fd;

	if (folder < 0)
		return -1;
	fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The same for a file of this job. */
static int job_file_open(const struct job_context *ctx, const char *name)
{
	AUTO_FREE char *path =
		xasprintf("%s/%s%s%s/%s", ctx->policy->collector, ctx->step->name,
			  ctx->instance[0] ? "@" : "", ctx->instance, name);

	return file_open(ctx, path);
}

/*
 * What is known of the captured tool's end: its exit code, its signal, or a word for why it
 * never ran or why nobody saw it end. Without the file it is 0.
 */
static enum job_msg_type status_read(int fd, int *wait_status)
{
	static const char signal[] = "signal ";
	char text[16] = "";
	uint64_t code = 0;

	*wait_status = 0;
	if (fd < 0 || read_full(fd, text, sizeof(text) - 1) < 0)
		return JOB_MSG_STARTED;
	text[strcspn(text, "\r\n")] = '\0';
	if (!strcmp(text, "absent"))
		return JOB_MSG_ABSENT;
	if (!strcmp(text, "unavailable"))
		return JOB_MSG_UNAVAILABLE;
	if (!*text || !strcmp(text, "incomplete"))
		return JOB_MSG_NOT_CAPTURED;
	if (!strncmp(text, signal, strlen(signal)) &&
	    !parse_u64(text + strlen(signal), 64, &code)) {
		*wait_status = (int)code;
		return JOB_MSG_STARTED;
	}
	if (parse_u64(text, 255, &code))
		code = 1;
	*wait_status = (int)code << 8;
	return JOB_MSG_STARTED;
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
		if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) ||
		    dup2(ends[1], STDOUT_FILENO) < 0)
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
	int fd = job_file_open(ctx, "stdout");

	*reader = 0;
	if (fd < 0 && ctx->step->argv[0] && !strcmp(ctx->step->argv[0], "dmidecode"))
		fd = file_open(ctx, "dmidecode.txt");
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
static void wait_for(const struct job_context *ctx, int signals, pid_t collector,
		     pid_t reader, struct job_done *done)
{
	bool reader_done = reader == 0, collector_done = false;

	for (;;) {
		struct pollfd polls[2] = { { ctx->control, POLLIN, 0 },
					   { signals, POLLIN, 0 } };
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

static _Noreturn void nothing(const struct job_context *ctx, enum job_msg_type type)
{
	job_fail(ctx->control, type, (struct job_failure){ STAGE_LIST, ENOENT, -1 });
}

_Noreturn void replay_main(const struct job_context *ctx)
{
	int keep[] = { ctx->control, ctx->records, ctx->errors, ctx->collect_fd,
		       ctx->step->own_fd };
	struct job_msg msg = { .type = JOB_MSG_STARTED };
	struct job_done done = { .tool_status = 0, .collector_status = -1 };
	struct job_failure failure;
	enum job_msg_type was;
	pid_t collector, reader = 0;
	struct stat st;
	sigset_t mask;
	int input, signals, status;

	descriptors_keep(keep, ARRAY_LEN(keep));
	descriptors_null();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || setsid() < 0)
		failed(ctx, STAGE_SIGNALS);
	status = job_file_open(ctx, "status");
	input = input_open(ctx, &reader);
	/* From here on nothing of the folder is read with rights. */
	if (geteuid() == 0 && confine_collector(ctx->collector_uid, &failure))
		job_fail(ctx->control, JOB_MSG_SETUP, failure);
	was = status_read(status, &done.tool_status);
	if (input < 0 || was == JOB_MSG_NOT_CAPTURED)
		nothing(ctx, was == JOB_MSG_STARTED ? JOB_MSG_NOT_CAPTURED : was);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	if (sigprocmask(SIG_SETMASK, &mask, NULL))
		failed(ctx, STAGE_SIGNALS);
	signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		failed(ctx, STAGE_SIGNALS);
	job_send(ctx->control, &msg);
	if (!fstat(input, &st) && S_ISREG(st.st_mode))
		done.stdout_bytes = (uint64_t)st.st_size;
	collector = collector_start(ctx, input);
	close(ctx->records);
	close(input);
	wait_for(ctx, signals, collector, reader, &done);
	msg = (struct job_msg){ .type = JOB_MSG_DONE, .done = done };
	job_send(ctx->control, &msg);
	_exit(0);
}
