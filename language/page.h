/* What is said of a step: items under labels, each with its reason. They are printed as text of two
 * columns, compared, or given to a script. */
#ifndef BEE_LANGUAGE_PAGE_H
#define BEE_LANGUAGE_PAGE_H

#include "util.h"

struct page_item {
	char *label;  /* owned; that of the item before where it goes on under it */
	char *text;   /* owned: words with one blank between them */
	char *reason; /* owned, or NULL */
	bool first;   /* under its label */
	bool list;    /* each word is a thing of its own */
};

struct page {
	const char *instance; /* what {instance} is printed as */
	struct page_item *items;
	size_t count;
};

/* Begins an item; an empty name goes on under the label before. */
void page_label(struct page *page, const char *name);
/* Words, as they are; or formatted, with the instance put in. */
void page_text(struct page *page, const char *text);
PRINTF_LIKE(2, 3) void page_say(struct page *page, const char *fmt, ...);
/* Each word of the item that was begun last is a thing of its own. */
void page_list(struct page *page);
/* Of the item that was begun last; NULL is none. */
void page_reason(struct page *page, const char *reason);
/* A label, a text and, if it is not NULL, its reason. */
PRINTF_LIKE(4, 5)
void page_item(struct page *page, const char *name, const char *reason, const char *fmt,
	       ...);
void page_done(struct page *page);

/* How many items from `first` on are under one label. */
size_t page_block(const struct page *page, size_t first);
/* Whether another page says the same under the label of the item `first`. */
bool page_has_block(const struct page *page, const struct page *other, size_t first);
void page_print_block(const struct page *page, size_t first, FILE *out);
void page_print(const struct page *page, FILE *out);

#endif
