/* What a policy lets its tools do, as items; diff.c compares them. */
#ifndef BEE_LANGUAGE_EXPLAIN_H
#define BEE_LANGUAGE_EXPLAIN_H

#include "page.h"
#include "policy.h"

/* Of the file as a whole, and of a step of it; each into an empty page, for page_done(). */
void policy_explain_file(const struct policy *policy, struct page *page);
void policy_explain_page(const struct step *step, const char *instance,
			 struct page *page);

/* Prints what `b` grants that `a` does not, and the other way round. True: they grant the same. */
bool policy_diff(const struct policy *a, const struct policy *b, FILE *out);
/* policy_explain() for a script; of one step, or of all with NULL. False: it could not be written. */
bool policy_explain_json(const struct policy *policy, const struct step *only, FILE *out);

#endif
