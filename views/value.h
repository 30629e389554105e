/* One cell of a table: from a row of any types to text. */
#ifndef BEE_VIEWS_VALUE_H
#define BEE_VIEWS_VALUE_H

#include "sections.h"

/* The first of the column's properties that says anything, or NULL; borrowed. */
const json_t *value_of(const json_t *row, const struct column *column);

/* As a person reads it; with `bytes`, amounts in bytes. Owned by the caller, "" for
 * nothing. */
char *value_shown(const json_t *row, const struct column *column, bool bytes);

#endif
