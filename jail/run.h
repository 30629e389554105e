/* One jail alone, for who starts it and does nothing else until it has ended. */
#ifndef BEE_JAIL_RUN_H
#define BEE_JAIL_RUN_H

#include "cgroup.h"
#include "child.h"
#include "jail.h"
#include "message.h"

struct jail_run {
	struct jail jail; /* the caller's to fill in, but for cgroup and control */
	/* Of each refused call that is told, when it ends; NULL: nobody asks. */
	void (*denied)(void *context, const struct jail_msg *msg);
	void *context;
	pid_t beside; /* the caller's helper, which leaves its cgroup with it; 0: none */
	/* From here on what became of it. */
	struct cgroup cgroup;
	struct jail_child child;
	nsec_t started;
	uint32_t kind; /* the type of the message that says how far it came; 0: none */
	struct jail_failure failure; /* the first; error 0: none */
	char path[JAIL_TEXT_MAX];    /* the program's, once it runs */
	struct jail_result result;
	bool result_seen;
	bool ending; /* it has sent TERM itself: result.truncated, .reader_first say why */
	bool gone;   /* reaped; else it is stuck, and left behind */
};

/*
 * Its wall is jail.limits'. 0 or -errno. `signals`: a signalfd, whose first signal is the end of its time,
 * also where that comes before there is a jail; -1: none.
 */
MUST_CHECK int jail_run_start(struct jail_run *run, int signals);
/* Until it has ended, or is stuck. */
void jail_run_wait(struct jail_run *run, int signals);

#endif
