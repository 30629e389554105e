/* What an audit could not learn, by reason: one line for forty drives that hang alike. */
#ifndef BEE_LIB_UNLEARNED_H
#define BEE_LIB_UNLEARNED_H

#include "util.h"

#include <jansson.h>

/* A job's status counts as trouble: not ok, absent or unavailable. */
bool unlearned_incomplete(const char *status);

/*
 * The jobs of a document that are not ok or absent, the worst first: a new array of
 * {"status", "reason", "hangs_in", "count", "jobs": [names]}. Jobs of one status, kernel
 * function and reason are one row; of stuck and starved ones the reason, which has a pid or
 * times in it, is the first one's.
 */
json_t *unlearned_rows(const json_t *document);

/* "storage/smart@sda, @sdb, pcie/lspci and 3 more": at most `most` names (0: all of them), a
 * step only where it is another one's. Owned by the caller. */
char *unlearned_names(const json_t *jobs, size_t most);

#endif
