/* What a jail and who started it say to each other. */
#include "message.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

const char *const jail_stage_names[STAGE_COUNT] = {
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
	[STAGE_BROKER] = "starting who performs device commands",
};

void message_send(int control, const struct jail_msg *msg)
{
	ssize_t n;

	do
		n = send(control, msg, sizeof(*msg), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(*msg))
		_exit(0);
}

_Noreturn void message_fail(int control, uint32_t type,
			    const struct jail_failure *failure)
{
	struct jail_msg msg = { .type = type, .failure = *failure };

	message_send(control, &msg);
	_exit(0);
}

_Noreturn void message_fail_errno(int control, enum jail_stage stage)
{
	struct jail_failure failure = { .stage = stage, .error = errno };

	message_fail(control, JAIL_MSG_SETUP, &failure);
}
