/*
 * jansson with its traps closed: text that is not UTF-8, numbers it cannot hold,
 * documents cut off in the middle, nesting without end.
 */
#ifndef BEE_LIB_JSON_H
#define BEE_LIB_JSON_H

#include "util.h"

#include <jansson.h>

/* json_decref at the end of the scope; NULL is fine. */
void json_auto_decref(json_t **value);
#define AUTO_JSON __attribute__((cleanup(json_auto_decref)))

/*
 * Seeds the hashes of objects. Call first, before a filter too: by itself jansson opens
 * /dev/urandom, where the kernel has left 16 random bytes (getauxval(3)).
 */
void json_seed(void);

/*
 * A string from `len` bytes of anything. Valid UTF-8 without control characters is
 * taken as it is; every other byte becomes "\xNN" (backslash, x, two digits) and a
 * backslash that would read like such an escape is escaped the same way. `*flagged`
 * (may be NULL) is set to true when anything was escaped, else left alone. C1 controls
 * (U+0080..9F) and bidirectional controls count as control characters. Never NULL.
 */
json_t *json_text(const char *bytes, size_t len, bool *flagged);
/* The same, but NULL where jansson has no memory. */
json_t *json_text_try(const char *bytes, size_t len, bool *flagged);

/* True when json_text would find nothing but perhaps backslashes to escape. */
bool json_text_is_clean(const char *bytes, size_t len);

/*
 * Sets object[key]; takes `value`. A NULL value ends the program (out of memory or our
 * own bug): nothing is dropped silently, as json_object_set_new does.
 */
void json_put(json_t *object, const char *key, json_t *value);

/* Appends to an array; takes `value`, and ends the program as json_put does. */
void json_push(json_t *array, json_t *value);

enum json_repair {               /* bits: what json_load had to do */
		   JSON_CUT = 1, /* the text ended early; open arrays and objects were
				    closed */
		   JSON_BAD_UTF8 = 2,   /* bytes were escaped as json_text does */
		   JSON_BIG_NUMBER = 4, /* a number jansson cannot hold became a string of
					   its digits */
		   JSON_DUPLICATE = 8,  /* a key came twice in one object; the first value
					   is kept */
		   JSON_TRAILING =
			   16, /* something followed the document; it was left out */
};

#define JSON_DEPTH_MAX 64          /* arrays and objects inside each other */
#define JSON_VALUES_MAX (1u << 18) /* of one document, keys not counted: about 80 MB */

struct json_limits {
	unsigned depth, values; /* 0: JSON_DEPTH_MAX, JSON_VALUES_MAX */
};

/*
 * The one parser for JSON of others. Takes `len` bytes as one document. More nesting or
 * values than `limits` (NULL: the usual), no memory, or text that is not JSON even before
 * the cut, is an error. Returns a new reference, or NULL with a one-line reason with its
 * byte offset in `reason`, in our words alone. *repairs gets enum json_repair bits.
 * A number the text ends in, or a string or word it cuts, is left out with its key. A
 * string with a byte or escape json_text would escape is escaped whole; one without is
 * taken as it is, so that what was escaped once stays the same.
 */
json_t *json_load_hostile(const char *bytes, size_t len, const struct json_limits *limits,
			  unsigned *repairs, char *reason, size_t reason_size);

/* Non-negative integer of a JSON integer, or of a string of digits with or without
 * thousands commas (nvme-cli): 0, -EINVAL (something else), -ERANGE (does not fit). */
MUST_CHECK int json_u64(const json_t *value, uint64_t *out);

/* One compact line with sorted keys and "\n" to `fd`, in one write where it fits. 0 or
 * -errno. */
MUST_CHECK int json_write_line(int fd, const json_t *value);

#endif
