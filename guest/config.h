/* The config file of a guest: assignments, in the form that a shell would also take. */
#ifndef BEE_GUEST_CONFIG_H
#define BEE_GUEST_CONFIG_H

#include "guest.h"

#define CONFIG_SIZE_MAX (64u << 10)

struct config_value {
	char *name; /* owned */
	unsigned line;
	bool list; /* NAME=( ... ), else one word */
	struct words words;
};

struct config {
	struct config_value *values;
	size_t count;
	char error[256]; /* why the text is refused, in words */
	unsigned line;   /* of that */
};

/*
 * Takes `len` bytes apart: lines that are empty, a comment, NAME=word or NAME=( word ... ),
 * which may go over lines. Nothing is expanded: what a shell would expand or run is refused.
 * 0, or -EINVAL with error and line.
 */
MUST_CHECK int config_parse(struct config *config, const char *text, size_t len);
void guest_config_done(struct config *config);

#endif
