/* The lines of the summary: machine, parts, what could not be learned, where the document
 * is. */
#ifndef BEE_REPORT_SUMMARY_H
#define BEE_REPORT_SUMMARY_H

#include "facts.h"
#include "text.h"

#define SUMMARY_LINES_MAX 64

struct summary_options {
	unsigned width, height; /* columns and lines it may take */
	bool utf8, notes;       /* notes: also findings that are information */
	const char *path;       /* where the document is, or NULL */
	const char *note;       /* the last words, or NULL */
	const char *digest;     /* the document's SHA-256 in hexadecimal */
};

struct summary {
	struct text_line lines[SUMMARY_LINES_MAX];
	unsigned count;
};

void summary_build(struct summary *summary, const struct facts *facts,
		   const json_t *document, const struct summary_options *options);

#endif
