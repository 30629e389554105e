/*
 * The children that own the caller's descriptors with the first process: holders, that have closed
 * the low ones and stay, and streams, that write to its stdout and stderr.
 */
#ifndef BEE_RUNNER_HOLDERS_H
#define BEE_RUNNER_HOLDERS_H

#include "util.h"

#include <sys/types.h>

/*
 * The caller's descriptors are moved up to here, ours stay below: a table is copied from its
 * start, at least so many entries of it, and each copy of theirs would be one more to close.
 */
#define HOLDERS_OURS 64

/* In memory that all of them share; zero but for `self` and the words. */
struct holders {
	pid_t self; /* the first process: they live as long as it does */
	pid_t family[HOLDERS_OURS + 8];
	size_t family_count;
	int next;        /* the caller's descriptor that is closed next */
	uint32_t moved;  /* futex: the last one was */
	uint32_t state;  /* futex: of the words, where a start has failed */
	char words[320]; /* what is being done */
};

/* From now on 0, 1 and 2 are /dev/null, and the caller's 1 and 2 are *out and *errors; -1: none. */
void holders_move(struct holders *holders, int *out, int *errors);
/* A child that writes to the caller's `to`; in its place `fd` is a socket to that child. */
void holders_stream(struct holders *holders, int fd, int to);
/* Exits with `what` and errno's words, where this process has no stderr: a holder has the caller's. */
_Noreturn void holders_failed(struct holders *holders, const char *what);

#endif
