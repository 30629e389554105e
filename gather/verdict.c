/* How a job ended: the monitor's word, made worse by what its records show. */
#include "verdict.h"
#include "collectors.h"

#include <string.h>

bool verdict_incomplete(enum job_status status)
{
	return status != JOB_OK && status != JOB_ABSENT && status != JOB_UNAVAILABLE;
}

static struct verdict verdict(enum job_status status, const char *reason,
			      const char *more)
{
	const char *glue = *reason && *more ? "; " : "";

	return (struct verdict){ status, xasprintf("%s%s%s", reason, glue, more) };
}

/* Where a machine has no processor for what was killed, it does not die either: nothing of it hangs. */
static bool waits_for_processor(const struct gathered *job)
{
	AUTO_JSON json_t *processes = collectors_stuck(job);
	bool runnable = false, hangs = false;

	for (size_t i = 0; i < json_array_size(processes); i++) {
		const char *state = json_string_value(
			json_object_get(json_array_get(processes, i), "state"));

		runnable |= state && *state == 'R';
		hangs |= state && *state == 'D';
	}
	return runnable && !hangs;
}

struct verdict verdict_of(const struct gathered *job)
{
	const struct gather_end *end = job->end;
	enum job_status trouble = job->records > 0 ? JOB_PARTIAL : JOB_FAILED;
	enum job_status status;
	AUTO_FREE char *own = NULL;

	if (!end && !job->had_pipes)
		return verdict(JOB_SKIPPED, "the audit ended before its turn", "");
	if (!end)
		return verdict(job->records > 0 ? JOB_PARTIAL : JOB_SKIPPED,
			       "the audit ended before it was settled", "");
	status = end->status < JOB_STATUS_COUNT ? (enum job_status)end->status
						: JOB_FAILED;
	if (status == JOB_FAILED || status == JOB_PARTIAL)
		status = trouble;
	if (job->dropped)
		return verdict(status == JOB_OK || status == JOB_PARTIAL ? JOB_TRUNCATED
									 : status,
			       end->reason,
			       "its records were left out: the document was too large");
	if (status == JOB_STUCK && waits_for_processor(job))
		return verdict(JOB_STARVED, end->reason, "it waits for a processor");
	if (status != JOB_OK)
		return verdict(status, end->reason, "");
	if (end->collector_signal) {
		const char *name = sigabbrev_np(end->collector_signal);

		own = xasprintf("the collector died of SIG%s", name ? name : "?");
		return verdict(JOB_CRASHED, end->reason, own);
	}
	if (end->collector_exit == BEE_DATAERR)
		return verdict(
			trouble, end->reason,
			"the collector could not understand all of the tool's output");
	if (end->collector_exit > 0) {
		own = xasprintf("the collector ended with status %d",
				end->collector_exit);
		return verdict(trouble, end->reason, own);
	}
	if (job->refused)
		return verdict(trouble, end->reason, "records were refused");
	if (job->lost)
		return verdict(trouble, end->reason,
			       "the tool says that it could not tell all");
	return verdict(JOB_OK, end->reason, "");
}
