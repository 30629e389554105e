/*
 * What identifies one machine, told from all else and replaced by the like of it: the same
 * original by the same replacement, of the same shape, in every spelling.
 *
 * First everything is learned, from the fields of a document and from texts; then texts are
 * rewritten. A replacement is drawn by a key, without which nobody can try out originals.
 */
#ifndef BEE_REPORT_REDACT_H
#define BEE_REPORT_REDACT_H

#include "util.h"

#include <jansson.h>

#define REDACT_KEY 32 /* bytes */

enum redact_kind {
	REDACT_KEEP, /* says nothing of one machine, whatever its name: left as it is */
	REDACT_TEXT, /* serial numbers, tags: letters stay letters, digits digits */
	REDACT_HEX,  /* MAC addresses, UUIDs, WWNs, GUIDs: what tells the maker stays */
	REDACT_ADDRESS, /* of the Internet protocol: its first group stays */
	REDACT_NAME,    /* of hosts and ports, given by somebody */
	REDACT_BYTES    /* hexadecimal digits that nobody understands */
};

struct redact_field {
	const char *
		section; /* the first two names on the way to it, or a part of that; NULL: any */
	const char *property;
	enum redact_kind kind;
	const char *why; /* for REDACT_KEEP */
};

/* Which properties of a document identify: the first that fits counts. The last has a NULL property. */
extern const struct redact_field redact_fields[];

/* The row for a property, or NULL. `section`: "network.interfaces". */
const struct redact_field *redact_field_find(const char *section, const char *property);

struct redact;

struct redact *redact_new(const unsigned char key[REDACT_KEY]);
void redact_free(struct redact *redact);

/* A value of a field. One of fewer than four characters tells no machine from others, and stays. */
void redact_learn(struct redact *redact, const char *text, enum redact_kind kind);
/* What is never learned: placeholders. To be called first. */
void redact_keep(struct redact *redact, const char *text);
/* What a text shows of such values, by their form or by the words before them. */
void redact_find(struct redact *redact, const char *bytes, size_t len);
/* After the last of these, before the first of those below. */
void redact_settle(struct redact *redact);

/* `len` bytes with all that was learned replaced; NUL-ended, owned by the caller. */
char *redact_apply(const struct redact *redact, const char *bytes, size_t len,
		   size_t *out_len);
/* Whether an original is in these bytes still, in any case, with or without what stands between its letters and digits:
 * one that is long and mixed enough to be nothing else. */
bool redact_left(const struct redact *redact, const char *bytes, size_t len);
/* A whole value: also one that is too short to be looked for elsewhere. Owned by the caller. */
char *redact_value(const struct redact *redact, const char *text, enum redact_kind kind);

/* Learns all of a document, and the texts in it. */
void redact_learn_document(struct redact *redact, const json_t *document);
/* The document with all replaced; lists by key are in order again. */
json_t *redact_document(const struct redact *redact, const json_t *document);

#endif
