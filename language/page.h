/* Text of two columns: a label, and words that are wrapped beside it. */
#ifndef BEE_LANGUAGE_PAGE_H
#define BEE_LANGUAGE_PAGE_H

#include "util.h"

struct page {
	FILE *out;
	const char *instance; /* what {instance} is printed as */
	unsigned column;
};

void page_label(struct page *page, const char *name);
/* Words, as they are; or formatted, with the instance put in. */
void page_text(struct page *page, const char *text);
PRINTF_LIKE(2, 3) void page_say(struct page *page, const char *fmt, ...);
void page_end(struct page *page);
/* A label, a text and, if it is not NULL, its reason. */
PRINTF_LIKE(4, 5)
void page_item(struct page *page, const char *name, const char *reason, const char *fmt,
	       ...);

#endif
