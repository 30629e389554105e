/* Programs of the machine that are run to their end: systemctl, mksquashfs, xorriso. */
#ifndef BEE_REMOTE_OUTSIDE_H
#define BEE_REMOTE_OUTSIDE_H

#include "said.h"

#include <sys/types.h>

/*
 * Looked up in /usr/sbin, /usr/bin, /sbin and /bin alone. Its outputs go to `out`; -1: to stderr. At `deadline` it is
 * killed, and as soon as `stop` can be read (-1: there is none). Its exit code, or -1 with words: it is not installed, was
 * killed by a signal or by us.
 */
MUST_CHECK int outside_run(char *const *argv, int out, int stop, nsec_t deadline,
			   struct said *said);

#endif
