/* A summary's lines as they are written, one after the other. */
#ifndef BEE_REPORT_LINES_H
#define BEE_REPORT_LINES_H

#include "summary.h"

struct writer {
	struct summary *summary;
	const struct summary_options *options;
	unsigned limit; /* lines it may have by now */
};

/* One line, behind a label or from the first column; nothing where there is no room. */
PRINTF_LIKE(3, 4)
void lines_put(struct writer *w, const char *label, const char *fmt, ...);
/* "s" or nothing. */
const char *lines_plural(unsigned count);
/* What the machine is made of. */
void lines_put_parts(struct writer *w, const struct facts *f);

#endif
