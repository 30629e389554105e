/* A verified order, run in a jail. */
#ifndef BEE_REMOTE_ORDER_JAIL_H
#define BEE_REMOTE_ORDER_JAIL_H

#include "answer.h"
#include "grants.h"

/*
 * Runs it: `script` is a sealed memfd, `files` a folder with the order's files or NULL, `mounts` what it sees
 * besides, `log` gets what it says. Its end is in the answer's status, with words where there is something to say.
 */
void order_jail_run(const struct order *order, const struct grants *grants, int script,
		    const char *files, char *const *mounts, unsigned mount_count, int log,
		    struct answer *answer);

#endif
