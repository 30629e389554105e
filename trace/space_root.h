/* The root file system of a run: the tree, or an overlay over it, with /proc, /sys and /dev. */
#ifndef BEE_TRACE_SPACE_ROOT_H
#define BEE_TRACE_SPACE_ROOT_H

#include "util.h"

struct space_root {
	const char *tree;
	bool in_place, user;
	/* What failed. */
	const char *what;
	int error;
};

/* In mount and pid namespaces that are new: afterwards "/" is it, and nothing else is to be
 * seen. 0 or -1. */
MUST_CHECK int space_root_enter(struct space_root *root);

/* A new terminal of the new root, of the size that `caller` has, on 0, 1, 2. Its master; -1. */
MUST_CHECK int space_terminal(int caller);
/* It controls this process, which begins a session. */
MUST_CHECK int space_terminal_take(void);

#endif
