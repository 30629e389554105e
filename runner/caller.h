/*
 * What the caller handed us, and the process it waits for. A descriptor can hang whoever owns
 * it, even in exit(2), when its file system dies: so the first process owns none alone, opens
 * nothing, and ends in time whatever becomes of the monitor, its child.
 */
#ifndef BEE_RUNNER_CALLER_H
#define BEE_RUNNER_CALLER_H

#include "util.h"

#include <sys/types.h>

/*
 * Makes a child of this process the monitor, and returns in that child alone: 0 is /dev/null,
 * 1 and 2 are sockets to the children that hold the caller's (stream.h), there is no other
 * descriptor. The process itself exits with the child's status, or with one of its own.
 */
void caller_start(nsec_t start);

/* When the caller gets its process back at the latest; 0: it waits as long as it likes. */
void caller_deadline(nsec_t deadline);
/* What the monitor does next that may hang: the words and the status of an exit without it. */
PRINTF_LIKE(2, 3) void caller_doing(int status, const char *fmt, ...);
/* The first process and its other children: how many, and *pids, borrowed. */
size_t caller_family(const pid_t **pids);
/* The monitor's exit status, whatever becomes of it from here on. */
void caller_status(int status);
/* Everything has been said and written that was to be: only the monitor's end is waited for. */
void caller_done(void);
/* Stops the monitor as long as the process that the caller sees is stopped. */
void caller_follow(void);

#endif
