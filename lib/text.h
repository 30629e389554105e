/* Lines for a terminal from a document that may say anything: one escaping function. */
#ifndef BEE_REPORT_TEXT_H
#define BEE_REPORT_TEXT_H

#include "util.h"

#define LINE_COLUMNS_MAX 200

/* One line; every code point in it takes exactly one column. All zero: empty. */
struct text_line {
	char bytes[4 * LINE_COLUMNS_MAX + 1]; /* NUL-ended UTF-8 */
	size_t len;
	unsigned columns;
};

/*
 * Appends text of any origin, up to `width` columns of the line in all; a text that is
 * cut ends in '~'. Only what is one column wide and does nothing goes through: printable
 * ASCII and, if `utf8`, letters of Latin, Greek and Cyrillic. Anything else (controls,
 * escapes, bidirectional marks, combining and wide characters, bytes that are no UTF-8)
 * becomes '?'.
 */
void line_add(struct text_line *line, const char *text, unsigned width, bool utf8);
/* The same of a whole text, however long; owned by the caller. */
char *text_clean(const char *text, bool utf8);
/* How many bytes of `text` go on a line of `width` columns: whole words, if one fits. */
size_t text_fold(const char *text, unsigned width);
/* Blanks up to `column`. */
void line_pad(struct text_line *line, unsigned column);

#endif
