/* Lists the instances of a step, in a child that may be abandoned: a folder can hang too. */
#ifndef BEE_RUNNER_LISTER_H
#define BEE_RUNNER_LISTER_H

#include "job.h"

/*
 * Where the instances of a step are, and `*pattern` what their names match; both are the
 * caller's. From a captured folder, `replay` (else NULL): the STEP@INSTANCE folders below
 * DIR/COLLECTOR. From the machine: the entries of the pattern's folder that match its last
 * component. `*skip`: how many bytes stand before the instance in each such name.
 */
char *lister_folder(const char *replay, const struct policy *policy,
		    const struct step *step, char **pattern, size_t *skip);
/* For qsort(3) of names: nvme2 before nvme10, as a technician counts. */
int lister_natural(const void *a, const void *b);
/* Lists those of step->each (or of the captured folder), sends them, exits. */
_Noreturn void lister_main(const struct job_context *ctx);

#endif
