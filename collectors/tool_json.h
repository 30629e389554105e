/* A tool's JSON: loaded with its flaws told, and its members put into properties by
 * table. */
#ifndef BEE_COLLECTORS_TOOL_JSON_H
#define BEE_COLLECTORS_TOOL_JSON_H

#include "collect.h"

/* The document, an object; or NULL, and an error was told. What had to be repaired is
 * told as an error of `where`, too. The caller owns the reference. */
json_t *tool_json_load(const struct input *in, const char *where, struct output *out);

/* The value at a path of member names and array indices, "a.b.0.c"; NULL when there is
 * none. */
const json_t *tool_json_at(const json_t *root, const char *path);

enum field_kind {
	FIELD_TEXT,
	FIELD_NUMBER, /* digits in a string too: 128-bit counters, thousands commas */
	FIELD_BOOL,
	FIELD_KELVIN, /* a whole number of kelvin; celsius in the property */
};

struct field {
	const char *prop;
	const char *path;
	enum field_kind kind;
};

/*
 * Puts what the table names, up to its NULL prop. A member that is not there leaves no
 * property, one of another kind null. The first entry for a property that is found wins.
 */
void tool_json_fields(json_t *props, const json_t *root, const struct field *table);

/* A number for props: as it is; digits of a string (commas dropped) as an integer where
 * it fits, else as a string; a real without fraction as an integer; null for all else. */
json_t *tool_json_number(const json_t *value);

#endif
