/* What an order may ask of the kernel. */
#ifndef BEE_REMOTE_ORDER_FILTER_H
#define BEE_REMOTE_ORDER_FILTER_H

#include "util.h"

#include <linux/filter.h>

/* Into *out, whose code is owned by the caller; `net`: with connections over IP; `disk`: with
 * what a tool asks of a disk, and what it waits with for its writes. 0 or -errno. */
MUST_CHECK int order_filter(bool net, bool disk, struct sock_fprog *out);

#endif
