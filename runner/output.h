/* Where -o leads: the folder, opened, and the name in it. */
#ifndef BEE_RUNNER_OUTPUT_H
#define BEE_RUNNER_OUTPUT_H

#include "util.h"

#include <limits.h>
#include <sys/stat.h>

/* Names that lead somewhere else than to a file; the others are -errno. */
enum output_word {
	OUTPUT_STDOUT = 1, /* to what the caller has as stdout */
	OUTPUT_DESCRIPTOR, /* to another open descriptor */
	OUTPUT_PLANTED, /* to what another user has put into a folder that is everybody's */
};

struct output {
	int folder;
	char name[NAME_MAX + 1];
	bool in_place; /* a device, a FIFO: nothing to rename over */
};

/*
 * Follows `path` as open(2) does, but no link that protected_symlinks keeps root from, whatever
 * that is set to. `streams` are the caller's stdout and stderr; st_nlink 0: not known. 0, an
 * enum output_word or -errno. May hang.
 */
MUST_CHECK int output_find(const char *path, const struct stat streams[2],
			   struct output *output);
/* Writes all of it there or nothing: the old file, if there is one, stays till then. */
MUST_CHECK int output_write(const struct output *output, const char *bytes, size_t len);
/* Whether it can: 0 or -errno. */
MUST_CHECK int output_probe(const struct output *output);

#endif
