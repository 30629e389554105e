/* One jail of bee-order's: started, waited for with a deadline, and what became of it. */
#ifndef BEE_REMOTE_JAIL_RUN_H
#define BEE_REMOTE_JAIL_RUN_H

#include "said.h"

#include "cgroup.h"
#include "child.h"
#include "jail.h"
#include "message.h"

struct jail_run {
	struct jail jail; /* the caller's to fill in, but for cgroup and control */
	struct cgroup cgroup;
	struct jail_child child;
	struct jail_failure failure;
	struct jail_result result;
	uint32_t kind; /* of the failure: a message's type; 0: there was none */
	bool result_seen, gone;
};

/* Until it has ended, or is stuck. 0, or -1 with words: it could not be started. */
MUST_CHECK int jail_run(struct jail_run *run, struct said *said);
/* The tool's wait status; -1 with words where it was not built, did not end, or was ended by its limits. */
MUST_CHECK int jail_run_status(const struct jail_run *run, struct said *said);

#endif
