/* A collector run on a text, and its first words on what it could not read. */
#ifndef BEE_TESTS_KEPT_READING_H
#define BEE_TESTS_KEPT_READING_H

#include "kept.h"

static inline struct kept run(collect_fn *collect, const char *text)
{
	return kept_run(collect, text, strlen(text));
}

/* The message of the first error, "" for none. */
static inline const char *error_of(const struct kept *kept)
{
	const json_t *props = kept_props(kept, "errors", NULL);

	return props ? json_string_value(json_object_get(props, "message")) : "";
}

#endif
