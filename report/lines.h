/* A summary's lines as they are written, one after the other. */
#ifndef BEE_REPORT_LINES_H
#define BEE_REPORT_LINES_H

#include "summary.h"

struct writer {
	struct summary *summary;
	const struct summary_options *options;
	unsigned limit; /* lines it may have by now */
	unsigned
		most; /* lines that one text may take, 0: any number; what is longer is cut */
	unsigned lost; /* lines that had no room */
	bool terse;
};

/* One text, behind a label or from the first column; what a line cannot hold goes on below. */
PRINTF_LIKE(3, 4)
void lines_put(struct writer *w, const char *label, const char *fmt, ...);
/* "s" or nothing. */
const char *lines_plural(unsigned count);
/* What a hint names the document by, where that leaves room for the hint. */
const char *lines_where(const struct writer *w);
/* What the machine is made of; `terse`: one text for each kind of part. */
void lines_put_parts(struct writer *w, const struct facts *f, bool terse);
/* What is wrong, and what could not be learned. */
void lines_put_findings(struct writer *w, const struct trouble *trouble);
void lines_put_unlearned(struct writer *w, const struct trouble *trouble);

#endif
