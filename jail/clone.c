/* clone3(2) with a pidfd: the only way a child is made that may have to be abandoned. */
#include "clone.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t clone_child(uint64_t flags, int cgroup, int *pidfd)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		/* With CLONE_PARENT the child ends as the caller would, and clone3(2) takes no signal. */
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
	};

	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)cgroup;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}
