/* The originals that were learned, with the spellings in which they are looked for. */
#ifndef BEE_REPORT_REDACT_KNOWN_H
#define BEE_REPORT_REDACT_KNOWN_H

#include "redact.h"

#define TEXT_LEAST 4 /* characters: a shorter text is a part of many others */

#define BYTES_LEAST 8 /* digits of bytes */

/* Bytes to look for, and what stands in their place. */
struct spelling {
	unsigned char *from, *to; /* owned */
	size_t from_len, to_len;
	bool fold;  /* letters of either case are the same */
	bool alone; /* only where no letter or digit stands beside it */
	struct spelling *next;
};

#define BUCKETS 4096u

struct redact {
	unsigned char key[REDACT_KEY];
	json_t *kept;  /* object: originals that are never learned, in lower case */
	json_t *known; /* object: originals in lower case, and what stands for them */
	json_t *taken; /* object: replacements, so that no two originals get one */
	struct spelling *
		*buckets;     /* owned: by the first bytes; of one, the longest first */
	struct spelling *all; /* until they are settled */
	/* owned: originals that must not be left, and those without what stands between letters and digits */
	struct spelling **left, **left_plain;
};

/* Of the first TEXT_LEAST bytes. */
unsigned redact_bucket(const unsigned char *bytes);
/* The first of a bucket that stands at `at`, or NULL. */
const struct spelling *spelling_find(struct spelling *const *buckets, const char *bytes,
				     size_t at, size_t len);
/* What redact_left() looks for: all that is known. */
void left_settle(struct redact *redact);

/* In which spellings `original` may stand. `to` has its shape. */
void spell_text(struct redact *redact, const char *original, const char *to);
/* A word that may be any word: only where it is written as bytes. */
void spell_word(struct redact *redact, const char *original, const char *to);
void spell_hex(struct redact *redact, const char *digits, const char *to);
void spell_address(struct redact *redact, const char *original, const char *to);

/* The replacement of an original, drawn when it is asked for the first time; owned by the caller. */
char *known_replacement(struct redact *redact, const char *original,
			enum redact_kind kind, bool *fresh);

/* What stands for a whole value that was learned, and is looked for nowhere else; owned by the caller, or NULL. */
char *redact_known(const struct redact *redact, const char *text);

/* A value that says nothing: "Not Specified", "00000000". */
bool is_nothing(const char *text);

/* Values of a text that are marked by the words before them: offset and bytes of each. */
typedef void mark_visit(void *with, size_t at, size_t len);
void marks_visit(const char *bytes, size_t len, mark_visit *visit, void *with);

#endif
