/* A tool's JSON: loaded with its flaws told, and its members put into properties by
 * table. */
#ifndef BEE_COLLECTORS_TOOL_JSON_H
#define BEE_COLLECTORS_TOOL_JSON_H

#include "collect.h"

/* The document, an object; or NULL, and an error was told: `{"error": "words"}`, which nvme-cli
 * prints from 2.5 on, is one in the tool's words. What had to be repaired is told as an error of
 * `where`, too. The caller owns the reference. */
json_t *tool_json_load(const struct input *in, const char *where, struct output *out);

/* The value at a path of member names and array indices, "a.b.0.c"; NULL when there is
 * none. */
const json_t *tool_json_at(const json_t *root, const char *path);

enum field_kind {
	FIELD_TEXT,
	FIELD_NUMBER, /* digits in a string too: 128-bit counters, thousands commas */
	FIELD_BOOL,
	FIELD_KELVIN, /* kelvin; celsius in the property */
};

struct field {
	const char *prop;
	const char *path;
	enum field_kind kind;
};

/*
 * Puts what the table names, up to its NULL prop. A member that is not there leaves no
 * property; null and the tools' words for "nothing" leave null, and what is of another kind is
 * collect_unread's. The first entry for a property that is found wins.
 */
void tool_json_fields(json_t *props, const json_t *root, const struct field *table);

/* A number for props: as it is; digits of a string (commas dropped) as an integer where
 * it fits, else as a string; a real without fraction as an integer; null for all else. */
json_t *tool_json_number(const json_t *value);
/* props[prop] = tool_json_number(), or what FIELD_NUMBER does where it is none. */
void tool_json_put_number(json_t *props, const char *prop, const json_t *value);
/* A string, or an integer's digits; null where there is no value, collect_unread() for all else. */
void tool_json_put_text(json_t *props, const char *prop, const json_t *value);
/* Null where that is what the value says, else collect_unread(). */
void tool_json_put_unread(json_t *props, const char *prop, const json_t *value);
/* json_u64() that takes 3.0 for 3, as nvme-cli prints numbers from 2.11 on. */
MUST_CHECK int tool_json_u64(const json_t *value, uint64_t *out);
/* Kelvin in celsius; null for 0, "not reported" (NVMe 1.4, figure 194), and for what is no
 * number of 16 bits. */
json_t *tool_json_celsius(const json_t *value);

#endif
