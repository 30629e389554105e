/* The policy that lets a run happen again, and no more. */
#ifndef BEE_LEARN_WRITE_H
#define BEE_LEARN_WRITE_H

#include "log.h"

/* Its text, of malloc. `name` is the collector's. *lost: how many things of the run it cannot grant. */
char *policy_write(const struct run_log *log, const char *name, char *const *argv,
		   unsigned *lost);

/* seen.h: the paths of a run as those of `see` lines. */
struct seen_path {
	char *path;     /* owned */
	const char *by; /* borrowed of the log */
	bool folded;    /* for several below it */
};

struct seen_paths {
	struct seen_path *list;
	size_t count, room;
};

/* Fills it from the log; what cannot be granted is told to `lost`, a stream of comment lines, and
 * counted. */
void seen_take(struct seen_paths *seen, const struct run_log *log, FILE *lost,
	       unsigned *lost_count);
void seen_done(struct seen_paths *seen);
/* Whether a policy's line can have it as one word. */
bool word_can_be(const char *text);

#endif
