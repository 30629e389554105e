/* One jail of bee-order's: started, waited for with a deadline, and what became of it. */
#ifndef BEE_REMOTE_JAIL_RUN_H
#define BEE_REMOTE_JAIL_RUN_H

#include "run.h"
#include "said.h"

/*
 * What every jail of bee-order's is; trees, nodes, streams and filter are the caller's to fill in.
 * A number of the limits that is 0 is usual: those of a tool that reads one thing and says another.
 */
void jail_run_fill(struct jail_run *run, char **argv, const struct jail_limits *limits);
/* Until it has ended, or is stuck. 0, or -1 with words: it could not be started. */
MUST_CHECK int jail_run(struct jail_run *run, struct said *said);
/* Says why not all of its output is there, where it is not: true. */
MUST_CHECK bool jail_run_cut(const struct jail_run *run, struct said *said);
/*
 * The tool's wait status; -1 with words where it was not built, did not end, was ended by its limits
 * or lost output.
 */
MUST_CHECK int jail_run_status(const struct jail_run *run, struct said *said);

#endif
