/* Stopping a guest. */
#ifndef BEE_GUEST_STOP_H
#define BEE_GUEST_STOP_H

#include "util.h"

/*
 * Asks the guest to end, waits, kills, and sees to it that nothing is left. `seconds` 0:
 * kills at once. With
 * `keep` its mounts and network stay. An exit status.
 */
int stop_guest(const char *name, unsigned seconds, bool keep);

/* Forgets one whose lock the caller has: what bee has written of it. 0 or -errno. */
MUST_CHECK int stop_record_remove(const char *name);

#endif
