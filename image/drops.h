/* What is left out of an image: globs, of a folder all below it too. */
#ifndef BEE_IMAGE_DROPS_H
#define BEE_IMAGE_DROPS_H

#include "util.h"

/* The last answer of a folder: the next name is in the same one, mostly. */
struct drops {
	char *folder; /* owned; NULL: none was given */
	bool dropped;
};

/* Whether one of the globs, ended by NULL, matches the path or a folder above it. */
bool drops_have(char *const *globs, struct drops *last, const char *path);
void drops_done(struct drops *last);

#endif
