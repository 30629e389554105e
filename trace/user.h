/* An ordinary user's root: a user namespace in which the caller is root (user_namespaces(7)). */
#ifndef BEE_TRACE_USER_H
#define BEE_TRACE_USER_H

#include "util.h"

#include <sys/types.h>

/*
 * Maps ids into the user namespace of `pid`: the ranges of /etc/subuid and /etc/subgid by
 * newuidmap(1) where both are there, else the caller alone, which is said. 0 or -errno.
 */
MUST_CHECK int user_map(pid_t pid);
/* Enters the user namespace of `pid`, with all rights there. 0 or -errno. */
MUST_CHECK int user_enter(pid_t pid);

#endif
