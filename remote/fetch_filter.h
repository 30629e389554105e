/* The filter of bee-fetch. */
#ifndef BEE_REMOTE_FETCH_FILTER_H
#define BEE_REMOTE_FETCH_FILTER_H

#include "util.h"

/* Loads it for good, with no_new_privs. 0 or -errno. */
MUST_CHECK int fetch_filter(void);

#endif
