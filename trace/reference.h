/* The reference tree, looked at from outside as by a process whose root it is. */
#ifndef BEE_TRACE_REFERENCE_H
#define BEE_TRACE_REFERENCE_H

#include "util.h"

/*
 * Opens what `path` is in the tree; links lead nowhere outside, and what is mounted in it, which
 * may hang, is none of it. Access times stay where the
 * caller may keep them. -1: errno.
 */
MUST_CHECK int reference_open(int top, const char *path, int flags);

#endif
