/* How an order has ended: kept in the state folder until the server has signed that it has it. */
#ifndef BEE_REMOTE_RESULT_H
#define BEE_REMOTE_RESULT_H

#include "asker.h"

/* Before the order of `asker` runs: what it is, in case that nobody is left to tell. 0, or -1 with words. */
MUST_CHECK int result_begin(struct asker *asker, struct said *said);
/* It has not begun after all. */
void result_forget(struct asker *asker);
/* After it: its status and what it said, as one file; of result_begin nothing is left. 0 or -errno. */
MUST_CHECK int result_end(struct asker *asker);
/*
 * At the start: an order that was begun and has no result has been cut off, with the process that ran it; or it has ended,
 * and there was no room to say so. It becomes the one of `asker`, and its result a file like all others. 0, or -1 with words.
 */
MUST_CHECK int result_recover(struct asker *asker, struct said *said);
/* The oldest one that is not home; NULL: all are. Owned. */
char *result_next(const struct asker *asker);

#endif
