/* A file that has its name only when it is whole. */
#ifndef BEE_LIB_WHOLE_H
#define BEE_LIB_WHOLE_H

#include "util.h"

struct whole {
	const char *path; /* borrowed; "-" is standard output */
	int folder;       /* -1: it is written to as it is: standard output, a pipe */
	int fd;
	bool owned;      /* set by the caller: its owner is as it should be */
	char *name;      /* owned; in the folder */
	char *temporary; /* owned; NULL while it has no name at all */
};

/* Opens it for writing. Ends the program (73) where that cannot be. */
void whole_open(struct whole *whole, const char *path);
/* On the disk, then in place of what has its name; under sudo it is the caller's. Ends the
 * program (74) where that fails, and what was there before stays. */
void whole_end(struct whole *whole);

#endif
