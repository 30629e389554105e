/* An order that has been verified: once more for who acts on it, by a child without rights. */
#ifndef BEE_REMOTE_CHECKED_H
#define BEE_REMOTE_CHECKED_H

#include "answer.h"
#include "checks.h"
#include "gpg.h"

/* What comes of it, each number within its range. */
struct checked {
	uint32_t good, has_state;
	uint32_t state_from, state_to; /* where the state object's own text is */
	struct order order;
	struct said said;
};

struct checking {
	struct check_order order, state;
	struct identity identity;
	unsigned char sums[2][SHA256_BYTES]; /* of the order, of the state object */
	struct config config; /* with the key lists, which are read in the child */
	bool has_state, has_keys;
	struct gpg gpg;
};

/*
 * Of "DIR SHA256 TIME FLOOR STATE STATE-SHA256|none STATE-FLOOR signed|unsigned", behind the step's name, and of what answer.h's descriptors
 * have. BEE_OK, and out->good or out->said tells whether the order holds; or what the step is to exit with.
 */
MUST_CHECK int checked_read(char **argv, struct checking *checking, struct checked *out);

#endif
