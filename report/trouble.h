/* What is wrong with a machine and what could not be learned, put together by likeness. */
#ifndef BEE_REPORT_TROUBLE_H
#define BEE_REPORT_TROUBLE_H

#include "util.h"

#include <jansson.h>

struct found { /* findings that share a line */
	const json_t *first;
	json_t *parts; /* what they are about; an array of strings */
	unsigned count;
};

struct found_list {
	struct found *groups; /* owned */
	unsigned count;
};

struct trouble {
	unsigned findings;       /* that have a line */
	struct found_list whole; /* of one rule with one message */
	struct found_list rules; /* of one rule */
	json_t *unlearned;       /* lib/unlearned.h */
	unsigned jobs;           /* in it */
	bool all;                /* no name is left out: nothing is too long */
};

/* The worst stand first in a document, and here. `notes`: also findings that are information. The
 * document must live as long. */
void trouble_collect(struct trouble *trouble, const json_t *document, bool notes);
void trouble_done(struct trouble *trouble);

#endif
