/* JSON values of the document that are made in more than one place. */
#ifndef BEE_GATHER_VALUES_H
#define BEE_GATHER_VALUES_H

#include "json.h"

/* A JSON string of a text that a collector may have chosen. */
json_t *value_text(const char *text);
/* index[name] = record; null where another has that name: neither is known to be right. */
void value_index(json_t *index, const char *name, json_t *record);
/* Adds the names in `more` to record.src; both are sorted and have one of each. */
void value_add_sources(json_t *record, const json_t *more);
/* RFC 3339 in UTC with milliseconds; null before 1970 and after 9999. */
json_t *value_time(int64_t unix_ms);

#endif
