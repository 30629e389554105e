/* Strings of firmware as properties. */
#ifndef BEE_COLLECTORS_PLACEHOLDER_PUT_H
#define BEE_COLLECTORS_PLACEHOLDER_PUT_H

#include "collect.h"
#include "placeholder.h"

/*
 * Sets props[key] as collect_text does; a placeholder gives null, and its text is kept in
 * props.placeholders[key].
 */
void placeholder_put(json_t *props, const char *key, const char *bytes, size_t len,
		     enum placeholder_kind kind);

/* Sets props[member][key] to the text: what stood where a value was expected. */
void placeholder_keep(json_t *props, const char *member, const char *key,
		      const char *bytes, size_t len);

#endif
