/* Lists the instances of a step, in a child that may be abandoned: a folder can hang too. */
#ifndef BEE_RUNNER_LISTER_H
#define BEE_RUNNER_LISTER_H

#include "job.h"

/* Lists those of step->each (or of the captured folder), sends them, exits. */
_Noreturn void lister_main(const struct job_context *ctx);

#endif
