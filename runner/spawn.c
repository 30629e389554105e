/* Starts the monitor's children: jobs in namespaces of their own, and plain helpers. */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The stub makes the others for itself, once it knows that it needs them. */
#define JOB_NAMESPACES ((uint64_t)(CLONE_NEWNS | CLONE_NEWPID))

void spawn_prepare(const struct monitor *monitor)
{
	uint64_t caps = 0;

	for (unsigned p = 0; p < monitor->policy_count; p++)
		for (unsigned s = 0; s < monitor->policies[p]->step_count; s++)
			caps |= monitor->policies[p]->steps[s].caps;
	/* Where this fails, every job tries for itself and says what failed. */
	(void)!confine_bounding(caps);
}

static pid_t clone_child(uint64_t flags, int cgroup, int *pidfd)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)cgroup;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/*
 * A helper inherits every descriptor; it must leave at once what it does not use, and it
 * ends with the monitor unless it hangs in the kernel.
 */
pid_t spawn_helper(int *pidfd)
{
	pid_t parent = getpid();
	pid_t pid = clone_child(0, -1, pidfd);
	sigset_t none;

	if (pid != 0)
		return pid;
	sigemptyset(&none);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != parent ||
	    setsid() < 0 || sigprocmask(SIG_SETMASK, &none, NULL))
		_exit(BEE_SOFTWARE);
	return 0;
}

void slot_hold(struct monitor *monitor, unsigned slot)
{
	if (slot >= monitor->slot_count) {
		monitor->slots =
			xrealloc_array(monitor->slots, slot + 1, sizeof(*monitor->slots));
		memset(monitor->slots + monitor->slot_count, 0,
		       (slot + 1 - monitor->slot_count) * sizeof(*monitor->slots));
		monitor->slot_count = slot + 1;
	}
	monitor->slots[slot] = true;
}

/* Stuck jobs hold theirs: there is always one more uid. */
static unsigned slot_take(struct monitor *monitor)
{
	unsigned slot = 0;

	while (slot < monitor->slot_count && monitor->slots[slot])
		slot++;
	slot_hold(monitor, slot);
	return slot;
}

/* Pipes to the gatherer; the job gets the write ends. */
struct job_pipes {
	int records[2], errors[2];
};

static int pipes_open(struct job_pipes *pipes)
{
	if (pipe2(pipes->records, O_CLOEXEC))
		return -errno;
	if (pipe2(pipes->errors, O_CLOEXEC)) {
		int error = -errno;

		close(pipes->records[0]);
		close(pipes->records[1]);
		return error;
	}
	return 0;
}

static _Noreturn void job_child(const struct monitor *monitor, const struct job *job,
				struct job_context *ctx)
{
	if (job->lister)
		lister_main(ctx);
	if (monitor->options->replay)
		replay_main(ctx);
	stub_main(ctx);
}

int spawn_job(struct monitor *monitor, struct job *job)
{
	bool jailed = !job->lister && !monitor->options->replay;
	uint64_t namespaces = jailed ? JOB_NAMESPACES : 0;
	struct job_pipes pipes = { { -1, -1 }, { -1, -1 } };
	struct job_context ctx;
	int control[2], cgroup = -1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control))
		return -errno;
	if (!job->lister && pipes_open(&pipes)) {
		close(control[0]);
		close(control[1]);
		return -EMFILE;
	}
	job->slot = slot_take(monitor);
	if (jailed)
		cgroup = cgroup_make(&monitor->cgroup, job->number, job->step,
				     &job->enforced);
	ctx = (struct job_context){
		.policy = job->policy,
		.step = job->step,
		.instance = job->instance,
		.control = control[1],
		.records = pipes.records[1],
		.errors = pipes.errors[1],
		.collect_fd = monitor->collect_fd,
		.tool_uid = UID_TOOL(job->slot),
		.collector_uid = UID_COLLECTOR(job->slot),
		.landlock_abi = monitor->landlock_abi,
		.cgroup = &monitor->cgroup,
		.number = job->number,
		.enter_v1 = !monitor->cgroup.controllers && job->step->limits.tasks > 1,
		.capture = monitor->options->capture,
		.replay = monitor->options->replay,
	};
	job->pid = clone_child(namespaces, cgroup, &job->pidfd);
	if (job->pid < 0 && cgroup >= 0) { /* the group is a help, not a wall */
		job->enforced = 0;
		job->pid = clone_child(namespaces, -1, &job->pidfd);
	}
	if (job->pid == 0)
		job_child(monitor, job, &ctx);
	if (cgroup >= 0)
		close(cgroup);
	close(control[1]);
	if (!job->lister) {
		close(pipes.records[1]);
		close(pipes.errors[1]);
	}
	if (job->pid < 0) {
		int error = -errno;

		close(control[0]);
		if (!job->lister) {
			close(pipes.records[0]);
			close(pipes.errors[0]);
		}
		monitor->slots[job->slot] = false;
		if (jailed)
			cgroup_remove(&monitor->cgroup, job->number);
		return error;
	}
	job->control = control[0];
	if (!job->lister) {
		struct gather_msg msg = { .type = GATHER_PIPES, .job = job->number };

		gatherer_send(monitor, &msg, pipes.records[0], pipes.errors[0]);
	}
	return 0;
}
