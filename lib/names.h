/* Names of files as lines: bee-list(5) has the rules. */
#ifndef BEE_LIB_NAMES_H
#define BEE_LIB_NAMES_H

#include "util.h"

/* True when it can stand in a line as it is: UTF-8, and nothing a terminal obeys. */
bool name_is_clean(const char *name, size_t len);

/*
 * With "\xNN" for each byte that is no printable text, and for each backslash; on one line,
 * whatever the name is. Of malloc.
 */
char *name_escape(const char *name, size_t len);
/* What is printed for people: the name, escaped where it is not clean. */
char *name_shown(const char *name, size_t len);

/* Where it begins without a leading "/" and "./"; "" is the root. */
const char *name_relative(const char *name);

/* Undoes name_escape in place. 0, or -EINVAL: a backslash without its x and two digits, or a
 * NUL. */
MUST_CHECK int name_unescape(char *text);

#endif
