/* What the terminal can show: one guess for every program that draws on one. */
#ifndef BEE_LIB_TERMINAL_H
#define BEE_LIB_TERMINAL_H

#include "util.h"

/*
 * Characters beyond ASCII may be drawn: TERM is not "dumb", and the first of LC_ALL,
 * LC_CTYPE and LANG that is set names UTF-8. With none of them only the kernel's console
 * is taken for UTF-8, as it is before any locale is set: vt(4), default_utf8.
 */
bool terminal_utf8(void);

/* Colours are wanted: `fd` is a terminal, not a dumb one, and NO_COLOR (no-color.org) is
 * not set, or is empty. */
bool terminal_colors(int fd);
/* The same of a terminal that another process has. */
bool terminal_wants_colors(void);

/* Columns and lines of the terminal that `fd` is, up to `most`; false, and neither is
 * touched: it is none. One that does not say, as a serial line, leaves its value. */
bool terminal_size(int fd, unsigned most, unsigned *columns, unsigned *lines);

#endif
