/* What every kind of job child shares: messages, descriptors, becoming our own programs. */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *const job_stage_names[STAGE_COUNT] = {
	[STAGE_CLONE] = "clone3",
	[STAGE_SIGNALS] = "signals",
	[STAGE_PROGRAM] = "opening the program",
	[STAGE_NAMESPACES] = "unshare",
	[STAGE_PRIVATE] = "making mounts private",
	[STAGE_OPEN_TREE] = "opening what the policy lists",
	[STAGE_MOUNT_ROOT] = "mounting the new root",
	[STAGE_MOUNT_TREE] = "binding what the policy lists",
	[STAGE_MOUNT_PROC] = "mounting /proc",
	[STAGE_DEVICE] = "making a device node",
	[STAGE_PIVOT] = "pivot_root",
	[STAGE_SEAL] = "sealing the root",
	[STAGE_HOSTNAME] = "sethostname",
	[STAGE_CAPTURE] = "opening the capture folder",
	[STAGE_PIPES] = "pipes",
	[STAGE_COLLECTOR] = "starting the collector",
	[STAGE_TOOL] = "starting the tool",
	[STAGE_CGROUP] = "the job's cgroup",
	[STAGE_RLIMIT] = "resource limits",
	[STAGE_CAPS] = "capabilities",
	[STAGE_UID] = "changing the uid",
	[STAGE_LANDLOCK] = "Landlock",
	[STAGE_SECCOMP] = "the seccomp filter",
	[STAGE_DESCRIPTORS] = "closing descriptors",
	[STAGE_EXEC] = "exec",
	[STAGE_LIST] = "listing the instances",
};

bool instance_is_good(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789._:-");

	return len > 0 && !name[len] && len <= POLICY_INSTANCE_MAX && name[0] != '.';
}

void job_send(int control, const struct job_msg *msg)
{
	ssize_t n;

	do
		n = send(control, msg, sizeof(*msg), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(*msg))
		_exit(0);
}

_Noreturn void job_fail(int control, enum job_msg_type type, struct job_failure failure)
{
	struct job_msg msg = { .type = type, .failure = failure };

	job_send(control, &msg);
	_exit(0);
}

void collector_exec(const struct job_context *ctx)
{
	char *argv[] = { (char[]){ "bee-collect" }, ctx->policy->collector,
			 ctx->step->name, xstrdup(ctx->instance), NULL };
	char *env[] = { (char[]){ "LC_ALL=C" }, NULL };

	execveat(ctx->collect_fd, "", argv, env, AT_EMPTY_PATH);
}

void own_exec(const struct job_context *ctx, const char *root)
{
	char *argv[POLICY_GRANTS_MAX + POLICY_ARGS_MAX + 4] = { NULL };
	char *env[] = { (char[]){ "LC_ALL=C" }, NULL };
	const struct step *step = ctx->step;
	size_t argc = 0;

	argv[argc++] = xstrdup(policy_own_program(step));
	for (size_t i = 1; step->argv[0] && step->argv[i]; i++)
		argv[argc++] = policy_expand(step->argv[i], ctx->instance);
	if (root) {
		argv[argc++] = (char[]){ "--root" };
		argv[argc++] = xstrdup(root);
	}
	for (unsigned i = 0; i < step->grant_count; i++)
		if (step->grants[i].kind == GRANT_READ)
			argv[argc++] = policy_expand(step->grants[i].path, ctx->instance);
	execveat(step->own_fd, "", argv, env, AT_EMPTY_PATH);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void descriptors_keep(int *keep, size_t count)
{
	unsigned from = 3;

	qsort(keep, count, sizeof(*keep), by_number);
	for (size_t i = 0; i < count; i++) {
		if (keep[i] < 0 || (unsigned)keep[i] < from)
			continue;
		if ((unsigned)keep[i] > from)
			(void)close_range(from, (unsigned)keep[i] - 1, 0);
		from = (unsigned)keep[i] + 1;
	}
	(void)close_range(from, ~0U, 0);
}

void descriptors_null(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (null > 2)
		close(null);
}
