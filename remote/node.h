/* A state object: what this one machine is to be, for an order that is for many. Signed as orders are. */
#ifndef BEE_REMOTE_NODE_H
#define BEE_REMOTE_NODE_H

#include "order.h"
#include "words.h"

#define NODE_FILE "state" /* its name beside the order's files */

struct node_state {
	uint64_t sequence;
	int64_t not_after;
	struct order_target target; /* the only one; TARGET_ANY: every machine */
	size_t body;                /* where its own text begins */
};

extern const struct line_word
	node_words[]; /* its lines, in this order; there are no others */

/* Reads the lines up to "end". 0, or -1 with words. */
MUST_CHECK int node_read(const char *text, size_t len, struct node_state *out,
			 struct said *said);
/* Whether it is of this machine. */
bool node_is_of(const struct node_state *state, const struct identity *identity);

#endif
