/* Whole lines out of a pipe whose writer may be hostile: every length has a cap. */
#ifndef BEE_GATHER_LINES_H
#define BEE_GATHER_LINES_H

#include "buffer.h"

#define LINES_LINE_MAX (1u << 20)   /* bytes of one line without its newline */
#define LINES_TOTAL_MAX (16u << 20) /* bytes of one job */
#define LINES_COUNT_MAX 20000u      /* lines of one job */

enum lines_trouble {                 /* bits */
		     LINES_LONG = 1, /* a line was over LINES_LINE_MAX and left out */
		     LINES_FULL = 2, /* what came after LINES_TOTAL_MAX was left out */
		     LINES_MANY = 4, /* what came after LINES_COUNT_MAX was left out */
		     LINES_UNFINISHED =
			     8, /* the last line had no newline and was left out */
};

/* Called with each whole line; `line[len]` is not a NUL byte. The line lives until the
 * return. */
typedef void lines_fn(void *arg, const char *line, size_t len);

struct lines {                 /* all zero: nothing read yet */
	struct buffer partial; /* the line whose newline has not come */
	uint64_t total;
	unsigned count;
	unsigned trouble; /* enum lines_trouble */
	bool skipping;    /* inside a line that is too long */
};

/* Takes the next `len` bytes and calls `fn` for every line they complete. */
void lines_feed(struct lines *lines, const char *bytes, size_t len, lines_fn *fn,
		void *arg);

/* The pipe is at its end: notes an unfinished line and frees it. May be called twice. */
void lines_end(struct lines *lines);

/* Words for one bit of enum lines_trouble. */
const char *lines_trouble_text(unsigned bit);

#endif
