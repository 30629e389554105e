/* --capture: a job's raw output as DIR/COLLECTOR/STEP[@INSTANCE]/{argv,stdout,stderr,status}. */
#include "stub.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int file_new(int folder, const char *name)
{
	return openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		      0640);
}

static int folder_new(int at, const char *name)
{
	if (mkdirat(at, name, 0750) && errno != EEXIST)
		return -1;
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int argv_write(const struct stub *stub)
{
	const struct job_context *ctx = stub->ctx;
	AUTO_CLOSE int fd = file_new(stub->capture_folder, "argv");

	for (size_t i = 0; fd >= 0 && ctx->step->argv[i]; i++) {
		AUTO_FREE char *word = policy_expand(ctx->step->argv[i], ctx->instance);

		if (write_all(fd, word, strlen(word)) || write_all(fd, "\n", 1))
			return -1;
	}
	return fd < 0 ? -1 : 0;
}

/* -1 when there is no file; an empty one, for want of room, says "incomplete" as well. */
static int status_write(const struct stub *stub, const char *text)
{
	AUTO_CLOSE int fd = file_new(stub->capture_folder, "status");

	if (fd >= 0)
		(void)!dprintf(fd, "%s\n", text);
	return fd < 0 ? -1 : 0;
}

/*
 * Runs before the new root covers the folder; the files stay open. Until the tool's end is
 * known the status says so: who kills this process leaves half an output.
 */
void capture_open(struct stub *stub)
{
	const struct job_context *ctx = stub->ctx;
	AUTO_CLOSE int top = open(ctx->capture, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int collector = top < 0 ? -1 : folder_new(top, ctx->policy->collector);
	AUTO_FREE char *name = xasprintf("%s%s%s", ctx->step->name,
					 ctx->instance[0] ? "@" : "", ctx->instance);

	stub->capture_folder = collector < 0 ? -1 : folder_new(collector, name);
	if (stub->capture_folder >= 0)
		stub->out.file = file_new(stub->capture_folder, "stdout");
	if (stub->out.file >= 0)
		stub->err.file = file_new(stub->capture_folder, "stderr");
	if (stub->err.file < 0 || argv_write(stub) || status_write(stub, "incomplete"))
		job_fail(ctx->control, JOB_MSG_SETUP,
			 (struct job_failure){ STAGE_CAPTURE, errno, -1 });
}

/* Nothing ran: a replay must say so too, and not find an empty output. */
void capture_nothing(const struct stub *stub, const char *word)
{
	if (stub->out.file < 0)
		return;
	(void)unlinkat(stub->capture_folder, "stdout", 0);
	(void)status_write(stub, word);
}

/* A shell's 128 and the signal would be an exit code of smartctl, whose codes are masks. */
void capture_status(const struct stub *stub)
{
	int status = stub->done.tool_status;
	AUTO_FREE char *text = WIFEXITED(status)
				       ? xasprintf("%d", WEXITSTATUS(status))
				       : xasprintf("signal %d", WTERMSIG(status));

	if (!stub->ctx->capture)
		return;
	/* It stays incomplete. */
	if (stub->out.file_lost || stub->err.file_lost)
		(void)unlinkat(stub->capture_folder, "stdout", 0);
	else
		(void)status_write(stub, text);
}
