/* Starting another program of bee with just the descriptors it is given, and its end. */
#ifndef BEE_REMOTE_COMPANION_H
#define BEE_REMOTE_COMPANION_H

#include "util.h"

#include <sys/types.h>

#define COMPANION_FDS 32

struct companion {
	const char *name; /* "bee-fetch", beside this program or installed */
	char **argv;
	int fds[COMPANION_FDS]; /* becomes descriptor N; -1: /dev/null up to 2, else none */
	unsigned fd_count;
	uid_t uid;           /* 0: as we are; else without any right */
	uint64_t file_bytes; /* the largest file that it may write; 0: any */
};

/*
 * Runs it until it ends, or until `deadline`, when it is killed; `stop`, a descriptor or -1, ends it
 * too once it is readable. Its exit code; -errno; -ETIMEDOUT, -EINTR; -ECHILD: by a signal.
 */
MUST_CHECK int companion_run(const struct companion *companion, nsec_t deadline,
			     int stop);

#endif
