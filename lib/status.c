/* The words for how a job ended. */
#include "status.h"

const char *const job_status_names[JOB_STATUS_COUNT] = {
	[JOB_OK] = "ok",           [JOB_PARTIAL] = "partial",
	[JOB_ABSENT] = "absent",   [JOB_UNAVAILABLE] = "unavailable",
	[JOB_DENIED] = "denied",   [JOB_FAILED] = "failed",
	[JOB_CRASHED] = "crashed", [JOB_TIMEOUT] = "timeout",
	[JOB_STUCK] = "stuck",     [JOB_TRUNCATED] = "truncated",
	[JOB_SETUP] = "setup",     [JOB_SKIPPED] = "skipped",
	[JOB_STARVED] = "starved",
};
