/* The ladder for a child that nobody may wait for: TERM, KILL, KILL of pid 1, stuck. */
#include "child.h"
#include "cgroup.h"
#include "message.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* After `time`, but with `left` still to come before `last`, which an interrupt may have moved. */
static nsec_t deadline_of(nsec_t time, nsec_t left, nsec_t last)
{
	nsec_t at = clock_now() + time;

	return at < last - left ? at : last - left;
}

static void tell(const struct jail_child *child, enum jail_msg_type type)
{
	struct jail_msg msg = { .type = type };

	/* A stub that does not listen is killed at the next deadline. */
	(void)!send(child->control, &msg, sizeof(msg), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void init_kill(const struct jail_child *child)
{
	(void)syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
	if (child->cgroup)
		cgroup_kill(child->cgroup, child->number);
}

void child_climb(struct jail_child *child, nsec_t last)
{
	nsec_t half = child->kill / 2;

	switch (child->state) {
	case CHILD_RUNNING:
		child->term_sent = true;
		child->state = CHILD_TERMED;
		child->deadline = deadline_of(child->term, 2 * half, last);
		tell(child, JAIL_MSG_TERM);
		break;
	case CHILD_TERMED:
		child->state = CHILD_KILLED;
		child->deadline = deadline_of(half, half, last);
		tell(child, JAIL_MSG_KILL);
		break;
	case CHILD_KILLED:
		child->state = CHILD_INIT_KILLED;
		child->deadline = deadline_of(half, 0, last);
		init_kill(child);
		break;
	case CHILD_INIT_KILLED:
	case CHILD_STUCK:
		child->state = CHILD_STUCK;
		break;
	}
}

void child_ending(struct jail_child *child, nsec_t last)
{
	if (child->state != CHILD_RUNNING)
		return;
	child->state = CHILD_TERMED;
	child->deadline = deadline_of(child->term, child->kill, last);
}

bool child_reaped(const struct jail_child *child)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG) == 0 &&
	       info.si_pid != 0;
}
