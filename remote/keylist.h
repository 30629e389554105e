/*
 * Key lists: whose signatures are believed from now on, in the place of those of TRUST. Each is the last one's version
 * plus one, signed by the threshold of the keys before it and by its own. They are in memory alone.
 */
#ifndef BEE_REMOTE_KEYLIST_H
#define BEE_REMOTE_KEYLIST_H

#include "checks.h"
#include "config.h"

#define KEYLIST_MAX (MINISIG_ALL_MAX + 8192) /* one, with its signatures */
#define KEYLIST_STEPS 64                     /* above the image's own */

/* Puts the list's keys in the place of those in *config. 0, or -1 with words, and *config is as it was. */
MUST_CHECK int keylist_apply(struct config *config, struct bytes list, struct said *said);
/* The same for all of a chain as bee-remote has it: each with its length before it, 4 bytes, least first. */
MUST_CHECK int keylist_chain(struct config *config, struct bytes chain,
			     struct said *said);
#define KEYLIST_CHAIN_MAX (KEYLIST_STEPS * (KEYLIST_MAX + 4))

/* Whether the list in use holds at `now`, and the ticket key that it lends. 0 or -1 with words. */
MUST_CHECK int keylist_now(const struct config *config, int64_t now, struct said *said);
MUST_CHECK int keylist_ticket_now(const struct config *config, int64_t now,
				  struct said *said);
/* Now, as far as this machine knows: its clock, but not before this program was made. */
int64_t keylist_clock(void);

#endif
