/* What bee-remote remembers until the next boot, in a folder of /run that is root's. */
#ifndef BEE_REMOTE_STATE_H
#define BEE_REMOTE_STATE_H

#include "said.h"
#include "take.h"

#define STATE_DIR "/run/bee/remote"

struct state {
	const char *dir; /* borrowed */
	int lock;
};

/* Makes the folder and takes its lock, so that there is one that asks. 0, or -1 with words. */
MUST_CHECK int state_open(struct state *state, const char *dir, struct said *said);
/* Of the file "sequence", the last order that was run since the boot; of "state-sequence", the last state object: its
 * sequence is a floor; 0: there was none. */
struct state_last {
	uint64_t sequence;
	char order[SHA256_HEX + 1];
};
/* 0, or -1 with words. */
MUST_CHECK int state_last(const struct state *state, const char *name,
			  struct state_last *out, struct said *said);
/* It is on record before the order runs: what is cut off is not run again. 0 or -1 with words. */
MUST_CHECK int state_last_set(const struct state *state, const char *name,
			      const struct state_last *last, struct said *said);
/* Puts `text` in place of what `name` holds. 0 or -errno. */
MUST_CHECK int state_write(const struct state *state, const char *name, const char *text);
/* A new, empty file in place of what has the name; its descriptor or -1. */
int state_file(const struct state *state, const char *name);

#endif
