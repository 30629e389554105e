/* A jail of bee-order's, from its start to its end. */
#include "jail_run.h"

#include "clone.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int jail_start(struct jail_run *run, struct said *said)
{
	int control[2], cgroup;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control))
		return say(said, "socketpair: %s", strerrordesc_np(errno) ?: "?");
	run->jail.control = control[1];
	run->child = (struct jail_child){ .control = control[0],
					  .term = run->jail.limits.term,
					  .kill = run->jail.limits.kill,
					  .cgroup = &run->cgroup };
	cgroup_init(&run->cgroup, NULL, 0);
	cgroup = cgroup_make(&run->cgroup, 0, &run->jail.limits);
	run->child.deadline = clock_now() + run->jail.limits.wall;
	run->child.pid =
		clone_child(CLONE_NEWNS | CLONE_NEWPID, cgroup, &run->child.pidfd);
	if (run->child.pid == 0)
		jail_main(&run->jail);
	if (cgroup >= 0)
		close(cgroup);
	close(control[1]);
	return run->child.pid < 0 ? say(said, "clone3: %s", strerrordesc_np(errno) ?: "?")
				  : 0;
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
			run->failure = msg.failure;
			run->failure.path[JAIL_TEXT_MAX - 1] = '\0';
			run->kind = msg.type;
		} else if (msg.type == JAIL_MSG_RESULT) {
			run->result = msg.result;
			run->result_seen = true;
		}
	}
}

static void jail_wait(struct jail_run *run)
{
	bool hung_up = false;

	while (run->child.state != CHILD_STUCK) {
		struct pollfd polls[] = {
			{ hung_up ? -1 : run->child.control, POLLIN, 0 },
			{ run->child.pidfd, POLLIN, 0 },
		};

		(void)poll(polls, ARRAY_LEN(polls), clock_poll_ms(run->child.deadline));
		messages_take(run);
		if (child_reaped(&run->child)) {
			messages_take(run);
			run->gone = true;
			return;
		}
		hung_up |= polls[0].revents & POLLHUP;
		if (hung_up || run->result_seen)
			child_ending(&run->child, INT64_MAX);
		if (clock_now() >= run->child.deadline)
			child_climb(&run->child, INT64_MAX);
	}
}

int jail_run(struct jail_run *run, struct said *said)
{
	run->jail.cgroup = &run->cgroup;
	if (jail_start(run, said))
		return -1;
	jail_wait(run);
	if (run->gone)
		cgroup_remove(&run->cgroup, 0);
	return 0;
}

int jail_run_status(const struct jail_run *run, struct said *said)
{
	if (run->child.state == CHILD_STUCK)
		return say(said, "its jail was not reaped after KILL");
	if (run->failure.error || run->kind)
		return say(said, "its jail: %.128s: %s", run->failure.path,
			   strerrordesc_np(run->failure.error) ?: "it is missing");
	if (run->child.term_sent)
		return say(said, "its time was over");
	if (!run->result_seen)
		return say(said, "its jail ended unexpectedly");
	return run->result.tool_status;
}
