/* Rows and columns as a table on a terminal, as words for a script, or as JSON. */
#ifndef BEE_VIEWS_TABLE_H
#define BEE_VIEWS_TABLE_H

#include "sections.h"

struct table_options {
	unsigned width; /* columns of the screen; 0: there is none, nothing is cut */
	bool raw, noheadings, bytes, json;
	bool utf8, colors;
};

#define TABLE_COLUMNS_MAX 64

struct table {
	const struct section *section;
	const struct column *columns[TABLE_COLUMNS_MAX];
	size_t count;
	bool chosen; /* somebody named the columns: none may be left out */
};

/* The text of it, NUL-ended; owned by the caller. What does not fit the width is left out
 * from the end, and `table->count` is what was shown. */
char *table_text(struct table *table, const json_t *rows,
		 const struct table_options *options);
/* {"drives": [{"name": ...}]}: values as the document has them, all of it ASCII. */
char *table_json(const struct table *table, const json_t *rows);

#endif
