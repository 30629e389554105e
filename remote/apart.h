/* What must not harm, or may hang: done by a child, of which only one struct of fixed size comes back. */
#ifndef BEE_REMOTE_APART_H
#define BEE_REMOTE_APART_H

#include "util.h"

#include <signal.h>

#define APART_KEEP_MAX 32

struct apart {
	/* Gives up its rights by itself. What it leaves in `out` is the answer, if it returns. */
	void (*work)(void *arg, void *out);
	void *arg;
	int keep[APART_KEEP_MAX]; /* descriptors beside 0 to 2; -1: none */
	unsigned keep_count;
	nsec_t time;
};

/*
 * 0: `out` has all of its `size` bytes, each of which is to be doubted. -1: the child has ended without, or its time
 * was over. It is killed in any case, and one that does not die is left behind.
 */
MUST_CHECK int apart_run(struct apart *apart, void *out, size_t size);

#endif
