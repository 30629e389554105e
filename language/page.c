/* Items under labels, and how they are printed. */
#include "page.h"

#include "policy.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80
#define INDENT 15 /* columns before the text; the label stands in them */

void page_label(struct page *page, const char *name)
{
	const struct page_item *before =
		page->count ? &page->items[page->count - 1] : NULL;
	struct page_item item = { .first = *name || !before };

	item.label = xstrdup(!item.first ? before->label : name);
	item.text = xstrdup("");
	page->items = xrealloc_array(page->items, page->count + 1, sizeof(item));
	page->items[page->count++] = item;
}

void page_text(struct page *page, const char *text)
{
	struct page_item *item = &page->items[page->count - 1];

	while (*(text += strspn(text, " "))) {
		int len = (int)strcspn(text, " ");
		char *longer = xasprintf("%s%s%.*s", item->text, *item->text ? " " : "",
					 len, text);

		free(item->text);
		item->text = longer;
		text += len;
	}
}

PRINTF_LIKE(2, 0)
static void say(struct page *page, const char *fmt, va_list args)
{
	AUTO_FREE char *text = NULL, *full = NULL;

	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	if (!text)
		return;
	full = policy_expand(text, page->instance);
	page_text(page, full);
}

void page_say(struct page *page, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(page, fmt, args);
	va_end(args);
}

void page_list(struct page *page)
{
	page->items[page->count - 1].list = true;
}

void page_reason(struct page *page, const char *reason)
{
	struct page_item *item = &page->items[page->count - 1];

	if (!reason)
		return;
	free(item->reason);
	item->reason = policy_expand(reason, page->instance);
}

void page_item(struct page *page, const char *name, const char *reason, const char *fmt,
	       ...)
{
	va_list args;

	page_label(page, name);
	va_start(args, fmt);
	say(page, fmt, args);
	va_end(args);
	page_reason(page, reason);
}

void page_done(struct page *page)
{
	for (size_t i = 0; i < page->count; i++) {
		free(page->items[i].label);
		free(page->items[i].text);
		free(page->items[i].reason);
	}
	free(page->items);
	page->items = NULL;
	page->count = 0;
}

size_t page_block(const struct page *page, size_t first)
{
	size_t count = 1;

	while (first + count < page->count && !page->items[first + count].first)
		count++;
	return count;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool page_has_block(const struct page *page, const struct page *other, size_t first)
{
	size_t count = page_block(page, first), at = 0;

	while (at < other->count &&
	       strcmp(other->items[at].label, page->items[first].label) != 0)
		at += page_block(other, at);
	if (at == other->count || page_block(other, at) != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!same(page->items[first + i].text, other->items[at + i].text) ||
		    !same(page->items[first + i].reason, other->items[at + i].reason))
			return false;
	return true;
}

/* Wrapped; returns the column after the last word. */
static unsigned put_words(const char *text, unsigned column, FILE *out)
{
	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");

		if (column > INDENT && column + 1 + len > WIDTH)
			column = (unsigned)fprintf(out, "\n%*s", INDENT, "") - 1;
		else if (column > INDENT)
			column += (unsigned)fprintf(out, " ");
		column += (unsigned)fprintf(out, "%.*s", (int)len, text);
		text += len;
	}
	return column;
}

void page_print_block(const struct page *page, size_t first, FILE *out)
{
	size_t end = first + page_block(page, first);

	for (size_t i = first; i < end; i++) {
		const struct page_item *item = &page->items[i];
		unsigned column = (unsigned)fprintf(out, "  %-*s", INDENT - 2,
						    item->first ? item->label : "");

		column = put_words(item->text, column, out);
		if (item->reason) {
			column = put_words("--", column, out);
			(void)put_words(item->reason, column, out);
		}
		(void)fputc('\n', out);
	}
}

void page_print(const struct page *page, FILE *out)
{
	for (size_t i = 0; i < page->count; i += page_block(page, i))
		page_print_block(page, i, out);
}
