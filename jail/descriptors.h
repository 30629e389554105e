/* What a child does with the descriptors it has inherited, before anything else. */
#ifndef BEE_JAIL_DESCRIPTORS_H
#define BEE_JAIL_DESCRIPTORS_H

#include "util.h"

/* Closes every descriptor from 3 up but these (-1 entries are skipped); sorts `keep`. 0 or -1. */
MUST_CHECK int descriptors_keep(int *keep, size_t count);
#endif
