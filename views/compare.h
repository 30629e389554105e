/* One part of a machine, as two documents have it. */
#ifndef BEE_VIEWS_COMPARE_H
#define BEE_VIEWS_COMPARE_H

#include "parts.h"

struct comparison {
	json_t *changes, *counters; /* as diff.h has them; not in order */
	json_t *found_a, *found_b;  /* arrays of findings by "TYPE\nKEY" of their parts */
};

/* `from` and `to` may be NULL; `detail` is taken and freed. */
void change_add(json_t *changes, const char *word, const struct kind *kind,
		const char *part, const char *from, const char *to, char *detail);

/* What a person calls it, with what tells it from its like: "EXHDD 22T, serial HD01". Owned. */
char *part_described(const struct part *part);

/* Findings of a document for a comparison: a new object. */
json_t *findings_by_part(const json_t *document);

/* Both parts are there, as the same one or in the same place. */
void compare(const struct comparison *to, const struct part *a, const struct part *b);

#endif
