/* One jail alone, from its start to its end. */
#include "run.h"
#include "clone.h"
#include "root.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

int jail_run_start(struct jail_run *run, int signals)
{
	const struct jail_limits *limits = &run->jail.limits;
	int control[2], cgroup, error = 0;

	run->started = clock_now();
	run->result = (struct jail_result){ .tool_status = -1, .reader_status = -1 };
	run->jail.network = -1;
	run->jail.base = root_base(run->started + limits->wall, signals);
	run->gone = run->child.term_sent = run->jail.base == -ECANCELED;
	if (run->gone)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control)) {
		error = -errno;
		goto out;
	}
	cgroup_init(&run->cgroup, &run->beside, run->beside > 0);
	run->jail.cgroup = &run->cgroup;
	run->jail.control = control[1];
	run->child = (struct jail_child){ .control = control[0],
					  .term = limits->term,
					  .kill = limits->kill,
					  .deadline = run->started + limits->wall,
					  .cgroup = &run->cgroup };
	cgroup = cgroup_make(&run->cgroup, 0, limits);
	run->child.pid = clone_child(CLONE_NEWPID, cgroup, &run->child.pidfd);
	if (run->child.pid == 0)
		jail_main(&run->jail);
	if (run->child.pid < 0)
		error = -errno;
	if (cgroup >= 0)
		close(cgroup);
	close(control[1]);
out:
	if (run->jail.base >= 0)
		close(run->jail.base);
	return error;
}

static void failed(struct jail_run *run, const struct jail_msg *msg)
{
	/* The first failure is the cause; those after it are what came of that. Of a program that runs
	 * nobody can say that it is not there. */
	if (run->kind && (run->kind != JAIL_MSG_STARTED || msg->type != JAIL_MSG_SETUP))
		return;
	run->kind = msg->type;
	run->failure = msg->failure;
	run->failure.path[JAIL_TEXT_MAX - 1] = '\0';
}

static void messages_take(struct jail_run *run)
{
	struct jail_msg msg;

	for (unsigned turn = 0; turn < JAIL_MSG_A_TURN; turn++) {
		if (recv(run->child.control, &msg, sizeof(msg), MSG_DONTWAIT) !=
		    sizeof(msg))
			return;
		if (msg.type == JAIL_MSG_SETUP || msg.type == JAIL_MSG_ABSENT ||
		    msg.type == JAIL_MSG_UNAVAILABLE) {
			failed(run, &msg);
		} else if (msg.type == JAIL_MSG_STARTED) {
			run->kind = msg.type;
			memcpy(run->path, msg.started.path, sizeof(run->path) - 1);
		} else if (msg.type == JAIL_MSG_DENIED && run->denied) {
			run->denied(run->context, &msg);
		} else if (msg.type == JAIL_MSG_ENDING) {
			run->ending = true;
		} else if (msg.type == JAIL_MSG_RESULT) {
			run->result = msg.result;
			run->result_seen = true;
		}
	}
}

/* Waits for the next thing that happens, and acts on it. False: the jail's pid 1 was reaped. */
static bool turn(struct jail_run *run, int signals, bool *hung_up)
{
	struct pollfd polls[] = { { *hung_up ? -1 : run->child.control, POLLIN, 0 },
				  { run->child.pidfd, POLLIN, 0 },
				  { signals, POLLIN, 0 } };
	struct signalfd_siginfo info;

	(void)poll(polls, ARRAY_LEN(polls), clock_poll_ms(run->child.deadline));
	messages_take(run);
	if (child_reaped(&run->child)) {
		messages_take(run);
		return false;
	}
	/* It sends nothing more: the kernel takes down what is left of it. */
	*hung_up |= polls[0].revents & POLLHUP;
	if (*hung_up || run->result_seen || run->ending)
		child_ending(&run->child, INT64_MAX);
	/* The first signal ends it; a second one does not hurry that. */
	if (polls[2].revents & POLLIN &&
	    read(signals, &info, sizeof(info)) == sizeof(info) &&
	    run->child.state == CHILD_RUNNING)
		child_climb(&run->child, INT64_MAX);
	else if (clock_now() >= run->child.deadline)
		child_climb(&run->child, INT64_MAX);
	return true;
}

void jail_run_wait(struct jail_run *run, int signals)
{
	bool hung_up = false;

	while (!run->gone && run->child.state != CHILD_STUCK)
		run->gone = !turn(run, signals, &hung_up);
	if (run->gone)
		cgroup_remove(&run->cgroup, 0);
	cgroup_end(&run->cgroup);
}
