/* What a step grants that one run of its program did not need. */
#ifndef BEE_LANGUAGE_WIDER_H
#define BEE_LANGUAGE_WIDER_H

#include "policy.h"

/* `run` is the step that bee-learn(1) has written of it. Each grant is written to `out` as
 * "file:line:1: step: that run did not need ...". Returns how many. */
unsigned policy_wider(const struct policy *policy, const struct step *step,
		      const struct step *run, FILE *out);
bool policy_same_program(const struct step *a, const struct step *b);

#endif
