/* How a job ended: the monitor's word, made worse by what its records show. */
#ifndef BEE_GATHER_VERDICT_H
#define BEE_GATHER_VERDICT_H

#include "jobs.h"
#include "status.h"

struct verdict {
	enum job_status status;
	char *reason; /* owned, never NULL */
};
struct verdict verdict_of(const struct gathered *job);

/* Not ok, absent or unavailable: such a job makes the audit incomplete. */
bool verdict_incomplete(enum job_status status);

#endif
