/* From policies to jobs: which there are, in which order, and when one may start. */
#ifndef BEE_RUNNER_PLAN_H
#define BEE_RUNNER_PLAN_H

#include "monitor.h"

void plan_make(struct monitor *monitor);
/* One more job, for an instance that a lister has found; the ledger may say it is stuck. */
void plan_add(struct monitor *monitor, unsigned policy, const struct step *step,
	      const char *instance);

enum plan_answer { PLAN_READY, PLAN_WAIT, PLAN_NEVER };
/* Whether `job` may start now; for PLAN_NEVER *why is owned by the caller. */
enum plan_answer plan_ready(const struct monitor *monitor, const struct job *job,
			    char **why);

#endif
