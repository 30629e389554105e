/* A job from a captured folder: the collector over a file, without tool, namespace or rights. */
#include "replay.h"
#include "compile.h"
#include "confine.h"
#include "descriptors.h"
#include "slots.h"

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

static _Noreturn void failed(const struct job_context *ctx, enum jail_stage stage)
{
	message_fail_errno(ctx->control, stage);
}

/* Where there is no /proc, as in a chroot: the name leads to the same file again, or nowhere. */
static int open_again(int top, const char *path, struct open_how *how,
		      const struct stat *st)
{
	struct stat now;
	int fd;

	how->flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	fd = open_within(top, path, how);
	if (fd < 0 ||
	    (!fstat(fd, &now) && now.st_dev == st->st_dev && now.st_ino == st->st_ino))
		return fd;
	(void)close(fd);
	return -1;
}

int replay_open(const char *folder, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int fd;
	AUTO_CLOSE int top = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char same[FD_PATH_SIZE];
	struct stat st;

	if (top < 0)
		return -1;
	AUTO_CLOSE int found = open_within(top, path, &how);
	if (found < 0 || fstat(found, &st) || !S_ISREG(st.st_mode))
		return -1;
	fd = open(fd_path(same, found), O_RDONLY | O_CLOEXEC);
	return fd < 0 && errno == ENOENT ? open_again(top, path, &how, &st) : fd;
}

/* The same for a file of this job. */
static int job_file_open(const struct job_context *ctx, const char *name)
{
	const struct job *job = ctx->job;
	AUTO_FREE char *folder = job_path(job->policy, job->step, job->instance);
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);

	return replay_open(ctx->replay, path);
}

/*
 * What is known of the captured tool's end: its exit code, its signal, or a word for why it
 * never ran or why nobody saw it end. Without the file it is 0.
 */
static uint32_t status_read(int fd, int *wait_status)
{
	static const char signal[] = "signal ";
	char text[16] = "";
	uint64_t code = 0;

	*wait_status = 0;
	if (fd < 0 || read_full(fd, text, sizeof(text) - 1) < 0)
		return JAIL_MSG_STARTED;
	text[strcspn(text, "\r\n")] = '\0';
	if (!strcmp(text, "absent"))
		return JAIL_MSG_ABSENT;
	if (!strcmp(text, "unavailable"))
		return JAIL_MSG_UNAVAILABLE;
	if (!*text || !strcmp(text, "incomplete"))
		return JOB_MSG_NOT_CAPTURED;
	if (!strncmp(text, signal, strlen(signal)) &&
	    !parse_u64(text + strlen(signal), 64, &code)) {
		*wait_status = (int)code;
		return JAIL_MSG_STARTED;
	}
	if (parse_u64(text, 255, &code))
		code = 1;
	*wait_status = (int)code << 8;
	return JAIL_MSG_STARTED;
}

/* bee-read --root DIR PATTERN... */
static _Noreturn void reader_exec(const struct job_context *ctx)
{
	char *argv[POLICY_GRANTS_MAX + 5] = { NULL, (char[]){ "--root" },
					      xstrdup(ctx->replay) };
	char *env[] = { (char[]){ "LC_ALL=C" }, NULL };
	struct jail jail;

	policy_jail(ctx->job->step, ctx->job->instance, &jail);
	argv[0] = jail.tool.argv[0];
	for (size_t i = 1; jail.tool.argv[i]; i++)
		argv[i + 2] = jail.tool.argv[i];
	execveat(jail.tool.fd, "", argv, env, AT_EMPTY_PATH);
	_exit(127);
}

/* The folder that a pattern looks into: "/sys/block" of "/sys/block/sd?/{size,ro}". The caller's. */
static char *root_of(const char *pattern)
{
	char *root = xasprintf("%.*s", (int)strcspn(pattern, "*?[{"), pattern);
	char *slash = strrchr(root, '/');

	if (slash)
		*slash = '\0';
	return root;
}

/*
 * Whether the folder has one of those that the step looks into. A tree that somebody copied a part
 * of tells nothing of what he left out, least of all that there is none.
 */
static bool has_root(const struct job_context *ctx)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	AUTO_CLOSE int top = open(ctx->replay, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct jail jail;
	bool any = false;

	policy_jail(ctx->job->step, ctx->job->instance, &jail);
	for (size_t i = 1; top >= 0 && !any && jail.tool.argv[i]; i++) {
		AUTO_FREE char *root = root_of(jail.tool.argv[i]);
		AUTO_CLOSE int found = -1;

		if (*root)
			found = open_within(top, root, &how);
		any = found >= 0;
	}
	policy_jail_done(&jail);
	return any;
}

/* bee-read over DIR/sys, for a read step whose output was not captured. */
static pid_t reader_start(const struct job_context *ctx, int *out)
{
	int ends[2];
	pid_t pid;

	if (!has_root(ctx))
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
		reader_exec(ctx);
	}
	close(ends[1]);
	*out = ends[0];
	return pid;
}

/* The input of the step: its captured stdout, the file of its `replay` line, or DIR/sys read now. */
static int input_open(const struct job_context *ctx, pid_t *reader)
{
	int fd = job_file_open(ctx, "stdout");

	*reader = 0;
	if (fd < 0 && ctx->job->step->replay)
		fd = replay_open(ctx->replay, ctx->job->step->replay);
	if (fd < 0 && !ctx->job->step->argv[0])
		*reader = reader_start(ctx, &fd);
	return fd;
}

char *replay_source(const struct job_context *ctx)
{
	const struct job *job = ctx->job;
	AUTO_FREE char *folder = job_path(job->policy, job->step, job->instance);
	AUTO_CLOSE int status = job_file_open(ctx, "status");
	AUTO_CLOSE int output = job_file_open(ctx, "stdout");
	AUTO_CLOSE int whole =
		job->step->replay ? replay_open(ctx->replay, job->step->replay) : -1;
	int ended;
	uint32_t was = status_read(status, &ended);

	if (was == JAIL_MSG_ABSENT || was == JAIL_MSG_UNAVAILABLE)
		return xasprintf("%s, as %s/status says",
				 was == JAIL_MSG_ABSENT ? "absent" : "unavailable",
				 folder);
	if (was == JOB_MSG_NOT_CAPTURED)
		return NULL;
	if (output >= 0)
		return xasprintf("from %s/stdout", folder);
	if (whole >= 0)
		return xasprintf("from %s", job->step->replay);
	if (!job->step->argv[0] && has_root(ctx))
		return xstrdup("from the files its policy names, below the folder");
	return NULL;
}

/* What the tool said beside its output, as far as the pipe takes it at once. */
static void words_give(const struct job_context *ctx, int fd)
{
	char words[16384];
	ptrdiff_t n = fd >= 0 ? read_full(fd, words, sizeof(words)) : 0;

	if (n > 0)
		(void)!write_all(ctx->errors, words, (size_t)n);
}

static pid_t collector_start(const struct job_context *ctx, int input)
{
	char *env[] = { (char[]){ "LC_ALL=C" }, NULL };
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
	execveat(ctx->collect_fd, "", job_collector_argv(ctx->job), env, AT_EMPTY_PATH);
	failed(ctx, STAGE_COLLECTOR);
}

/* Whatever the monitor says or its end mean the same: a file needs no grace. */
static void wait_for(const struct job_context *ctx, int signals, pid_t collector,
		     pid_t reader, struct jail_result *result)
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
				result->reader_status = status;
			} else if (pid == reader) {
				reader_done = true;
				result->tool_status = status;
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

static _Noreturn void nothing(const struct job_context *ctx, uint32_t type)
{
	struct jail_failure failure = { .stage = STAGE_LIST, .error = ENOENT };

	message_fail(ctx->control, type, &failure);
}

_Noreturn void replay_main(const struct job_context *ctx)
{
	int keep[] = { ctx->control, ctx->records, ctx->errors, ctx->collect_fd,
		       ctx->job->step->own_fd };
	struct jail_msg msg = { .type = JAIL_MSG_STARTED };
	struct jail_result result = { .tool_status = 0, .reader_status = -1 };
	struct jail_failure failure;
	uint32_t was;
	pid_t collector, reader = 0;
	struct stat st;
	sigset_t mask;
	int input, signals, status, words;

	if (descriptors_keep(keep, ARRAY_LEN(keep)))
		failed(ctx, STAGE_DESCRIPTORS);
	streams_null();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || setsid() < 0)
		failed(ctx, STAGE_SIGNALS);
	status = job_file_open(ctx, "status");
	words = job_file_open(ctx, "stderr");
	input = input_open(ctx, &reader);
	/* From here on nothing of the folder is read with rights. */
	if (geteuid() == 0 && confine_reader(UID_COLLECTOR(ctx->job->slot), 0, &failure))
		message_fail(ctx->control, JAIL_MSG_SETUP, &failure);
	was = status_read(status, &result.tool_status);
	if (input < 0 || was != JAIL_MSG_STARTED)
		nothing(ctx, was == JAIL_MSG_STARTED ? JOB_MSG_NOT_CAPTURED : was);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	if (sigprocmask(SIG_SETMASK, &mask, NULL))
		failed(ctx, STAGE_SIGNALS);
	signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		failed(ctx, STAGE_SIGNALS);
	message_send(ctx->control, &msg);
	words_give(ctx, words);
	if (!fstat(input, &st) && S_ISREG(st.st_mode))
		result.stdout_bytes = (uint64_t)st.st_size;
	collector = collector_start(ctx, input);
	close(ctx->records);
	close(input);
	wait_for(ctx, signals, collector, reader, &result);
	msg = (struct jail_msg){ .type = JAIL_MSG_RESULT, .result = result };
	message_send(ctx->control, &msg);
	_exit(0);
}
