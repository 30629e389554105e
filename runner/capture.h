/* --capture: a job's raw output as DIR/COLLECTOR/STEP[@INSTANCE]/{argv,stdout,stderr,status}. */
#ifndef BEE_RUNNER_CAPTURE_H
#define BEE_RUNNER_CAPTURE_H

#include "jail.h"
#include "job.h"

/*
 * Makes the job's files and gives them to *jail; its child's call, as the folder can hang.
 * Until the tool's end is known the status says "incomplete": who kills the child leaves half
 * an output. 0 or -errno.
 */
MUST_CHECK int capture_open(const struct job_context *ctx, struct jail *jail);

#endif
