/* The lines of the summary: machine, findings, parts, what could not be learned, where the
 * document is. */
#ifndef BEE_REPORT_SUMMARY_H
#define BEE_REPORT_SUMMARY_H

#include "facts.h"
#include "text.h"
#include "trouble.h"

/* What is left out where there is no room, a step at a time: findings come last. */
enum detail {
	DETAIL_ALL,
	DETAIL_FEW,   /* the worst three reasons of what was not learned */
	DETAIL_TERSE, /* a line for each kind of part */
	DETAIL_LINE,  /* one line for all that was not learned */
	DETAIL_RULES, /* findings of one rule share a line */
	DETAIL_LEAST, /* as many of them as there is room for */
};

struct summary_options {
	unsigned width;        /* columns of the first `wide` lines */
	unsigned narrow, wide; /* of those after them */
	unsigned height;       /* lines it may take; 0: as many as it likes */
	enum detail detail;
	bool utf8;
	const char *path;   /* where the document is, or NULL */
	const char *where;  /* what names the document to bee show: "" or " FILE" */
	const char *note;   /* the last words, or NULL */
	const char *digest; /* the document's SHA-256 in hexadecimal */
};

struct summary {
	struct text_line *lines; /* owned */
	unsigned count, room;
	unsigned found_end; /* the line after the findings */
};

/* Into an empty one. True: nothing of that detail was left out. */
bool summary_build(struct summary *summary, const struct facts *facts,
		   const struct trouble *trouble, const struct summary_options *options);
void summary_done(struct summary *summary);

#endif
