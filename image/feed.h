/*
 * An archive's entries from the process that parses them to one that has rights: fixed-size
 * heads and counted bytes through a pipe, so that nothing is left to be parsed.
 */
#ifndef BEE_IMAGE_FEED_H
#define BEE_IMAGE_FEED_H

#include "newc.h"

#include <sys/types.h>

struct feed {
	pid_t child; /* parses, without rights; what is wrong with the archive it says itself */
	FILE *from;
	struct newc_header header; /* of this entry */
	unsigned epoch;            /* hard links are of one */
	char name[NEWC_NAME_MAX];
	bool data; /* there may be more */
};

/* Starts the child on `file`. Ends the program where it cannot be opened. */
void feed_start(struct feed *feed, const char *file);
/* The next entry; what was not read of the last one is passed over. False: there is none. */
MUST_CHECK bool feed_next(struct feed *feed);
/* Its next piece of data: bytes, 0 at the end, -EBADMSG where the archive is broken there. */
#define FEED_PIECE (64u << 10)
MUST_CHECK ptrdiff_t feed_data(struct feed *feed, uint8_t piece[FEED_PIECE]);
/* Waits for the child. Its status: BEE_OK, or what is wrong with the archive. */
int feed_done(struct feed *feed);

#endif
