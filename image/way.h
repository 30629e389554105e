/*
 * A path walked name by name, links followed, as a kernel does it (path_resolution(7)). Ways differ in
 * the tree that they are walked in.
 */
#ifndef BEE_IMAGE_WAY_H
#define BEE_IMAGE_WAY_H

#include "util.h"

#include <limits.h>

#define WAY_LINKS_MAX 40 /* on one path: MAXSYMLINKS, linux/namei.h */

/* A place in a tree, and how it is left. */
struct way_tree {
	void (*top)(void *place);
	void (*up)(void *place); /* of the top it is the top */
	/* To a name in it, whatever that is. Its mode; 0: errno. */
	unsigned (*down)(void *place, const char *name, size_t len);
	/* What the link leads to that it is. Bytes, or -1: errno. */
	ssize_t (*target)(void *place, char target[PATH_MAX]);
};

struct way {
	const struct way_tree *tree;
	void *place;              /* borrowed */
	char names[2 * PATH_MAX]; /* what is to come is at their end */
	size_t from;              /* where that begins */
	size_t named; /* how much of it is of the path itself, and not of a link on it */
	bool linked;  /* the name that was taken last is of a link */
	unsigned links;
	uint64_t detours; /* names that links led through, of all paths so far */
};

/* At the top. False: errno, ENAMETOOLONG. */
MUST_CHECK bool way_begin(struct way *w, const char *path);
/*
 * As far as it goes, or up to the last name (without slashes behind), which is `names + from` then. The
 * mode of what is there, S_IFDIR of the top; 0: errno.
 */
MUST_CHECK unsigned way_go(struct way *w);
MUST_CHECK unsigned way_go_above(struct way *w);

#endif
