/*
 * A folder that entries are written into, and none beside it: each name is looked up by the
 * kernel with the folder as its root (openat2(2), RESOLVE_IN_ROOT), as the kernel of the
 * image would, links on the way included.
 */
#ifndef BEE_IMAGE_TREE_H
#define BEE_IMAGE_TREE_H

#include "feed.h"

struct tree {
	int top;
	bool root;       /* owners are kept, devices made */
	void *links;     /* of tsearch(3): hard links by epoch and inode */
	void *late;      /* of tsearch(3): folders, whose mode and time come last */
	unsigned failed; /* entries that were not made */
};

/* `top` is borrowed. */
void tree_init(struct tree *tree, int top);
/* Makes the feed's entry. What cannot be made is told in one line and counted. */
void tree_make(struct tree *tree, struct feed *feed);
/* Modes and times of folders; frees. */
void tree_finish(struct tree *tree);

#endif
