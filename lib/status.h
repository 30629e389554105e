/* How a job ended: said by the monitor, made worse by the gatherer, written in policies. */
#ifndef BEE_LIB_STATUS_H
#define BEE_LIB_STATUS_H

enum job_status {
	JOB_OK,
	JOB_PARTIAL,
	JOB_ABSENT,
	JOB_UNAVAILABLE,
	JOB_DENIED,
	JOB_FAILED,
	JOB_CRASHED,
	JOB_TIMEOUT,
	JOB_STUCK,
	JOB_TRUNCATED,
	JOB_SETUP,
	JOB_SKIPPED,
	JOB_STARVED, /* its processes could run and had no processor when its time was up */
	JOB_STATUS_COUNT,
};
extern const char *const job_status_names[JOB_STATUS_COUNT];

#endif
