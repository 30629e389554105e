/* Strings firmware has where nobody filled in anything. */
#ifndef BEE_LIB_PLACEHOLDER_H
#define BEE_LIB_PLACEHOLDER_H

#include <stdbool.h>
#include <stddef.h>

enum placeholder_kind {
	PLACEHOLDER_WORDS,    /* a name or a version: "0.0" may be one */
	PLACEHOLDER_IDENTITY, /* a serial, part, asset or SKU number, a UUID */
};

/*
 * Does this text stand for "nothing here"? A table of whole texts, and rules: nothing but
 * punctuation; nothing but one character again and again; digits that count up to their
 * end ("123456789", "0123456789ABCDEF"), or down, also behind "SN-" and with dashes between; a
 * UUID of one byte; blanks in hexadecimal; two words or more of those that vendors fill in for all
 * others ("TBD by ODM", "Not Supported by CPU", "Board Product Name1"). A number that merely looks made
 * up ("0123456789AB") is not one. Serial numbers are compared as a whole,
 * so that a real one is not lost.
 */
bool placeholder_is(const char *bytes, size_t len, enum placeholder_kind kind);

/* The shapes that it looks for beside its table: placeholder_shape.c. */
bool placeholder_is_words(const char *bytes, size_t len);
bool placeholder_is_hex_blank(const char *bytes, size_t len);
bool placeholder_is_blanks_in_hex(const char *bytes, size_t len);
bool placeholder_is_count(const char *bytes, size_t len);

#endif
