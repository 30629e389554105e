/* A job's status from what its stub said and what the monitor did; told once to everybody. */
#ifndef BEE_RUNNER_SETTLE_H
#define BEE_RUNNER_SETTLE_H

#include "monitor.h"

/* Gives the job a number and an entry in the document. */
void settle_enter(struct monitor *monitor, struct job *job);
/* Gives the job its status, tells the gatherer and the user. */
void settle_job(struct monitor *monitor, struct job *job, enum job_status status,
		const char *reason);
/* The same from what the stub reported; the child has been reaped. */
void settle_ended(struct monitor *monitor, struct job *job);
/* No process could be made for it: a positive errno. */
void settle_unstarted(struct monitor *monitor, struct job *job, int error);
/* How many jobs are not complete, and the worst of them by name: "2 of 9 jobs: a stuck, b failed";
 * owned by the caller. */
char *settle_worst(const struct monitor *monitor);
/* Not reaped after KILL and grace. */
void settle_stuck(struct monitor *monitor, struct job *job);
/* What the gatherer, who has seen all records and processes, says of the jobs: for the word at the end, and the
 * exit code. */
void settle_reply(struct monitor *monitor, const struct gather_reply *reply);

#endif
