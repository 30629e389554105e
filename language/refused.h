/* What the steps of a policy were refused in an audit, as its document tells. */
#ifndef BEE_LANGUAGE_REFUSED_H
#define BEE_LANGUAGE_REFUSED_H

#include "policy.h"

#include <jansson.h>

/*
 * The line of a policy that would grant the step what a document names `call` and `detail` ("" for none),
 * or why there is none. The document may say anything: nothing of its text is in the answer, but numbers
 * that were read from it. Owned by the caller.
 */
char *refused_line(const struct step *step, const char *call, const char *detail);

/* A look at the machine, which has to come before the rights go: bit N of a step's entry is its grant N,
 * which is optional and not there now. Of POLICY_STEPS_MAX. */
void refused_look(const struct policy *policy, uint64_t missing[POLICY_STEPS_MAX]);

/* Tells of each step of the policy what the document has of it, and of the grants in `missing`, which may
 * be NULL. How many refusals there were. */
size_t refused_print(const struct policy *policy, const json_t *document,
		     const uint64_t *missing, FILE *out);

#endif
