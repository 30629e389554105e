/* Where the groups of guests are, for those who make, end and count them. */
#ifndef BEE_GUEST_GROUP_FIND_H
#define BEE_GUEST_GROUP_FIND_H

#include "util.h"

/* Below the hierarchy's top: systemd's own groups are not touched. */
#define GROUP_ABOVE "bee"
/* Deeper than a guest may divide its own. */
#define GROUP_DEPTH_MAX 48
#define GROUP_HIERARCHIES 6

/* v2 first. Controllers of v1 that count or limit something. */
extern const char *const group_hierarchies[GROUP_HIERARCHIES];

/* Where it is mounted; "" is cgroup v2. NULL: not there. As it was when first asked. */
const char *group_top(const char *controller);
/* That of a guest. NULL: its hierarchy is not there. Owned. */
char *group_folder(const char *controller, const char *id);
/* The text of a small file, in `out`; false: not there. */
bool group_read(const char *folder, const char *name, char *out, size_t size);
/*
 * Calls `each` with a folder of groups below `dir`, the deepest first, and its name in the one above
 * it. By descriptors: a guest that divides its group could make paths that are too long to be named.
 * The first error of `each`, a negative number, or 0.
 */
int group_walk(int dir, unsigned depth,
	       int (*each)(int above, const char *name, void *data), void *data);

#endif
