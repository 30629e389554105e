/* TRUST: whose signatures an image believes. */
#ifndef BEE_REMOTE_TRUST_H
#define BEE_REMOTE_TRUST_H

#include "config.h"

typedef void trust_error(void *arg, unsigned line, const char *words);
/* Into the keys, threshold, floor and cmdline_full of `out`. 0, or -1 after at least one error. */
MUST_CHECK int trust_read(const char *text, size_t len, struct config *out,
			  trust_error *error, void *arg);

#endif
