/*
 * The ladder: TERM, KILL, KILL of the jail's pid 1, stuck. For a child that nobody may wait
 * for, as it can hang where no signal reaches it.
 */
#ifndef BEE_JAIL_CHILD_H
#define BEE_JAIL_CHILD_H

#include "util.h"

#include <sys/types.h>

struct cgroup;

enum child_state {
	CHILD_RUNNING,     /* next deadline: TERM */
	CHILD_TERMED,      /* next: KILL to tool and reader */
	CHILD_KILLED,      /* next: KILL to pid 1 of the jail, and to the cgroup leaf */
	CHILD_INIT_KILLED, /* next: stuck */
	CHILD_STUCK,       /* it is left behind */
};

struct jail_child {
	pid_t pid;
	int pidfd, control;
	enum child_state state;
	nsec_t deadline;
	nsec_t term, kill; /* grace after TERM, after the first KILL */
	bool term_sent;
	const struct cgroup *cgroup; /* borrowed; NULL: it has no leaf */
	unsigned number;             /* of that leaf */
};

/*
 * One rung up, at its deadline or before it. The next deadline comes after this rung's grace,
 * but early enough that the rungs left fit before `last`.
 */
void child_climb(struct jail_child *child, nsec_t last);
/* It ends by itself, or has sent TERM itself: what follows has the usual grace. */
void child_ending(struct jail_child *child, nsec_t last);
/* Takes the child from the kernel: true when it is gone. Never waits. */
bool child_reaped(const struct jail_child *child);

#endif
