/* Whether a machine is the one that was ordered. */
#ifndef BEE_VIEWS_VERIFY_H
#define BEE_VIEWS_VERIFY_H

#include "spec.h"

struct verdicts {
	/* {"line", "kind", "part", "property", "wanted", "found", "src", "what", "unlearned"}: what
	 * differs, in the order of the spec. */
	json_t *deviations;
	unsigned checks;    /* that were made */
	unsigned unlearned; /* deviations that say no more than that nobody looked */
};

void verify(struct verdicts *verdicts, const struct spec *spec, const json_t *document);
void verify_done(struct verdicts *verdicts);

#endif
