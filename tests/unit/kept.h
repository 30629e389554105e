/* Runs a collector on a text and keeps its records, for tests to look at. */
#ifndef BEE_TESTS_KEPT_H
#define BEE_TESTS_KEPT_H

#include "collect.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

struct kept {
	struct output out; /* first: emit gets a pointer to it */
	json_t *records;   /* borrowed from the pool */
};

/* Owns what tests look at until the test's process ends. */
static json_t *kept_pool;

static json_t *kept_own(json_t *value)
{
	if (!kept_pool)
		kept_pool = json_array();
	CHECK_INT(json_array_append_new(kept_pool, value), 0);
	return value;
}

static inline void kept_emit(struct output *out, json_t *record)
{
	/* A copy as it would be read from the pipe. */
	struct kept *kept = (struct kept *)out;
	char *line = json_dumps(record, JSON_COMPACT);

	CHECK(line != NULL);
	CHECK_INT(json_array_append_new(kept->records, json_loads(line, 0, NULL)), 0);
	free(line);
}

static inline struct kept kept_run(collect_fn *collect, const char *text, size_t len)
{
	struct kept kept = { .out.emit = kept_emit, .records = kept_own(json_array()) };
	struct input in = { text, len };

	collect(&in, "", &kept.out);
	return kept;
}

/* The props of the first record of this type and key (NULL: any key), or NULL. */
static inline json_t *kept_props(const struct kept *kept, const char *type,
				 const char *key)
{
	json_t *record;
	size_t i;

	json_array_foreach(kept->records, i, record)
	{
		const char *its_type = json_string_value(json_object_get(record, "type"));
		const char *its_key = json_string_value(json_object_get(record, "key"));

		if (!strcmp(its_type, type) && (!key || !strcmp(its_key, key)))
			return json_object_get(record, "props");
	}
	return NULL;
}

/* A property as JSON text; "(none)" when it is not there. */
static inline const char *kept_value(const json_t *props, const char *prop)
{
	const json_t *value = json_object_get(props, prop);
	AUTO_FREE char *text = NULL;

	if (!value)
		return "(none)";
	text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY |
					 JSON_REAL_PRECISION(15));
	CHECK(text != NULL);
	return json_string_value(kept_own(json_string(text)));
}

#endif
