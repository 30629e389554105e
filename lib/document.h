/* A finished document, as every program that shows one takes it: read whole, with its
 * limits, and with nothing in it that a terminal would obey. */
#ifndef BEE_LIB_DOCUMENT_H
#define BEE_LIB_DOCUMENT_H

#include "util.h"

#include <jansson.h>

#define DOCUMENT_DEFAULT "/var/log/bee-audit.json" /* the last audit of this machine */
#define DOCUMENT_MAX (64u << 20)                   /* bytes */

/* All of `fd` in memory that the caller owns, NUL-ended. 0 or -errno; -EFBIG: over
 * DOCUMENT_MAX. */
MUST_CHECK int document_read(int fd, char **bytes, size_t *len);

/*
 * A new reference, or NULL with the reason in our words. Bytes that are no text are
 * escaped (json_text); a document that is not whole, or can be read in two ways, or has no
 * schema_version, is none.
 */
json_t *document_parse(const char *bytes, size_t len, char *reason, size_t reason_size);

/* The same of any other JSON that comes beside one: whole, and read in one way. */
json_t *document_json(const char *bytes, size_t len, char *reason, size_t reason_size);

/* What `path` ("storage.drives") leads to from the document, or NULL; borrowed. */
json_t *document_at(const json_t *document, const char *path);

#endif
