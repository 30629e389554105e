/* Why something was refused: one line of printable text that travels with the refusal. */
#ifndef BEE_REMOTE_SAID_H
#define BEE_REMOTE_SAID_H

#include "util.h"

#define SAID_MAX 240

struct said {
	char text[SAID_MAX]; /* "": nothing was said */
};

/* Writes it, with '?' for what is not printable ASCII; always -1, for `return say(...)`. */
PRINTF_LIKE(2, 3) int say(struct said *said, const char *fmt, ...);
/* Makes it fit for a terminal again, where it came from another process. */
void said_clean(struct said *said);

#endif
