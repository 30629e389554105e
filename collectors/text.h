/* Pieces of a tool's text, without copies; and numbers in them. */
#ifndef BEE_COLLECTORS_TEXT_H
#define BEE_COLLECTORS_TEXT_H

#include "collect.h"

/* Borrowed from the input; never NUL-terminated. */
struct span {
	const char *at;
	size_t len;
};

/* Takes the next line, without "\n" or "\r\n", off `rest`; false at the end. */
bool text_line(struct span *rest, struct span *line);
/* Takes what comes before the first `separator` off `rest` (and drops the separator);
 * when there is none, takes all. False when `rest` is empty. */
bool text_cut(struct span *rest, char separator, struct span *part);
/* Without spaces, tabs and line ends at both ends. */
struct span text_trim(struct span text);
bool text_is(struct span text, const char *word);
/* The same, whatever the case of ASCII letters. */
bool text_is_word(struct span text, const char *word);
bool text_starts(struct span text, const char *prefix);
bool text_ends(struct span text, const char *suffix);
/* Drops `prefix` from the front; false, and nothing done, when it is not there. */
bool text_skip(struct span *text, const char *prefix);

/* A NUL-terminated copy in `buffer` (cut to fit). A NUL byte in it ends it: for matching
 * only. */
const char *text_copy(struct span text, char *buffer, size_t size);

/* Decimal digits; hexadecimal digits after an optional 0x. 0, -EINVAL or -ERANGE. */
MUST_CHECK int text_u64(struct span text, uint64_t *out);
MUST_CHECK int text_hex(struct span text, uint64_t max, uint64_t *out);
/* How many bytes the small hexadecimal digits come to, at most `size`; 0 when they are no such. */
MUST_CHECK size_t text_unhex(struct span digits, uint8_t *bytes, size_t size);
/* Takes the digits at the front off `text`; false when there are none or too many. */
bool text_take_u64(struct span *text, uint64_t *out);
/* A decimal fraction at the front ("8.0 GT/s") in thousandths: 8000. */
bool text_take_milli(struct span *text, uint64_t *out);

/* Nothing, minus one or a word for "not known", as kernels and firmware write it. */
bool text_is_unknown(struct span text);
/* collect_unread() of a text; null alone where it is one of text_is_unknown(). */
void collect_unread_span(json_t *props, const char *key, struct span text);
/* props[key] = number; anything else is collect_unread_span's. */
void collect_u64(json_t *props, const char *key, struct span text);
void collect_span(json_t *props, const char *key, struct span text);
/* A JSON integer; what does not fit into 63 bits becomes a string of its digits. */
json_t *collect_integer(uint64_t value);
/* Thousandths as an integer where it is one, else as a real: 8000 is 8, 2500 is 2.5. */
json_t *collect_milli(uint64_t milli);

/* Lines that nobody understands: how many, and the first of them. All zero: none. */
struct strange_lines {
	unsigned count;
	struct span first;
};
void strange_add(struct strange_lines *lines, struct span line);
/* Where there were any, an error: `whose`, how many, `what` is wrong with them, the first. */
void strange_tell(const struct strange_lines *lines, struct output *out,
		  const char *where, const char *whose, const char *what);

#endif
