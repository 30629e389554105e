/* The seccomp filter of programs that only turn standard input into standard output. */
#ifndef BEE_LIB_STDIO_FILTER_H
#define BEE_LIB_STDIO_FILTER_H

#include "util.h"

enum stdio_filter_extra {
	STDIO_ONLY = 0,       /* read, write, memory, exit */
	STDIO_AND_SOCKET = 1, /* also messages, poll, sleep, close, fcntl: the gatherer */
	STDIO_AND_DISK =
		2, /* also what libext2fs and libblkid need of a descriptor that it is given */
};

/*
 * Loads the filter for good (no_new_privs is set too). Whatever is not listed kills the
 * process, so a parser that is taken over can only write to descriptors it has. A build
 * with sanitizers loads none: they need calls it has no place for. 0 or -errno.
 */
MUST_CHECK int stdio_filter_load(enum stdio_filter_extra extra);

#endif
