/* TRUST: whose signatures an image believes. */
#ifndef BEE_REMOTE_TRUST_H
#define BEE_REMOTE_TRUST_H

#include "config.h"

typedef void trust_error(void *arg, unsigned line, const char *words);
/* Into the keys, threshold, floor, cmdline_full and spread of `out`. 0, or -1 after at least one error. */
MUST_CHECK int trust_read(const char *text, size_t len, struct config *out,
			  trust_error *error, void *arg);

/* One of its lines, for key lists too. NULL, or why not. */
struct trust_seen {
	bool scheme, threshold, floor, cmdline, freshness, until, version, seal, spread;
};
const char *trust_line(struct config *config, struct trust_seen *seen, const char *line);
/* The words that its lines may have, from 0 on; NULL: there are no more. */
const char *trust_word(size_t i);
/* Whether that is enough, and fits together. */
void trust_whole(const struct config *config, const struct trust_seen *seen,
		 trust_error *error, void *arg);
/* Nobody is believed any more. */
void trust_keys_none(struct config *config);

#endif
