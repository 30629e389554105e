/* A folder that is read without a trace of it. */
#ifndef BEE_LIB_QUIET_H
#define BEE_LIB_QUIET_H

#include "util.h"

/*
 * Opens a folder (O_PATH) so that nothing that is done below it sets an access time, not even
 * following a link, for which open(2) has no flag: by a mount of its own, which goes with the
 * descriptor. Who has no right to mount gets the folder itself. -1: errno.
 */
MUST_CHECK int quiet_open(const char *path);

#endif
