/* What an audit would do, in words. */
#ifndef BEE_RUNNER_DRY_RUN_H
#define BEE_RUNNER_DRY_RUN_H

#include "monitor.h"

/* On stdout: of this machine, each job and what it may do; of a captured folder, what each job
 * would be made of. Nothing is run. */
void dry_run(const struct monitor *monitor);

#endif
