/* Reading signed text: lines and words that are as they must be, or the text is refused. */
#ifndef BEE_REMOTE_TAKE_H
#define BEE_REMOTE_TAKE_H

#include "util.h"

#define SHA256_BYTES 32
#define SHA256_HEX (2 * SHA256_BYTES)

/* What is left of a text. */
struct take {
	const char *at, *end;
	unsigned line;   /* of the line taken last, from 1 */
	const char *why; /* of one that was not taken: ": words", or "" */
};

struct take take_begin(const char *text, size_t len);
/*
 * The next line without its "\n", which it must have, into `out` of `size` bytes; only
 * printable ASCII and tabs. 0, or -1: there is none, it is too long, or another byte is in it.
 */
MUST_CHECK int take_line(struct take *take, char *out, size_t size);
/*
 * What was wrong with the bytes of the last line, to be put behind what it is not: "" where they were a line, or there were
 * none. Who wrote it with another system's editor is not told that "#!/bin/sh" is not "#!/bin/sh".
 */
const char *take_why(const struct take *take);
/* The same of a text of several lines. */
const char *take_trouble(const char *at, size_t len);
/* The rest of a line that is "NAME VALUE"; NULL: it is another. */
const char *take_value(const char *line, const char *name);

/* "2026-11-29T07:00:00Z", and no other form, in seconds since 1970. 0 or -1. */
#define TIME_TEXT sizeof("2026-11-29T07:00:00Z")
MUST_CHECK int take_time(const char *text, int64_t *out);
/* The same the other way; "?" before 1970 and past the year 9999. */
const char *time_text(int64_t time, char out[TIME_TEXT]);

/* 64 lower-case hexadecimal digits. 0 or -1. */
MUST_CHECK int take_sha256(const char *text, unsigned char out[SHA256_BYTES]);
const char *sha256_text(const unsigned char sha256[SHA256_BYTES],
			char out[SHA256_HEX + 1]);

/* A number without leading zeros, from `min` to `max`. 0 or -1. */
MUST_CHECK int take_number(const char *text, uint64_t min, uint64_t max, uint64_t *out);
/* Letters, digits, '.', '_', '-', not first a '.' or '-', from 1 to `max` of them. */
bool is_name(const char *text, size_t max);

/* An absolute path without "", ".", ".." and blanks in it, and not the root itself. */
#define TAKE_PATH_MAX 127
bool take_path(const char *path);

#endif
