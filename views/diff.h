/* What has become of a machine between two documents, in an operator's words. */
#ifndef BEE_VIEWS_DIFF_H
#define BEE_VIEWS_DIFF_H

#include "util.h"

#include <jansson.h>

struct diff {
	/* {"change", "kind", "type", "part", "from", "to", "detail"}, in the order of the words:
	 * removed, unlearned, degraded, replaced, moved, added, firmware, changed, recovered. */
	json_t *changes;
	/* {"kind", "type", "part", "property", "from", "to"}: numbers that grow or breathe. */
	json_t *counters;
};

void diff_make(struct diff *diff, const json_t *a, const json_t *b);
void diff_done(struct diff *diff);

/* Changes for a table: {"change", "part", "detail"}, those that differ in the part alone in one
 * row. A new array. */
json_t *diff_rows(const json_t *changes);
json_t *diff_counter_rows(const json_t *counters);

#endif
