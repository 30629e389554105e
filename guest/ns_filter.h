/* The system calls that nobody in a guest makes: those that are of the machine alone. */
#ifndef BEE_GUEST_NS_FILTER_H
#define BEE_GUEST_NS_FILTER_H

#include "util.h"

#include <linux/filter.h>

/* A static filter: what must outlive its supervisor has no listener. The program is of
 * malloc. 0 or -errno. */
MUST_CHECK int filter_make(struct sock_fprog *out);

#endif
