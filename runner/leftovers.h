/* Control groups of jobs that an earlier audit, or bee run, left behind. */
#ifndef BEE_RUNNER_LEFTOVERS_H
#define BEE_RUNNER_LEFTOVERS_H

#include "cgroup.h"
#include "tell.h"

/*
 * Kills what is in them and removes them, in TIDY_TIME in all. One that stays, as a process in
 * it does not die, has a line, in each audit. Groups of who still runs are left alone.
 */
void leftovers_tidy(const struct cgroup *cgroup, struct tell *tell);

#endif
