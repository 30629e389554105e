/* Text of two columns: a label, and words that are wrapped beside it. */
#include "page.h"

#include "policy.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80
#define INDENT 15 /* columns before the text; the label stands in them */

void page_label(struct page *page, const char *name)
{
	page->column = (unsigned)fprintf(page->out, "  %-*s", INDENT - 2, name);
}

static void put_word(struct page *page, const char *word, size_t len)
{
	if (page->column > INDENT && page->column + 1 + len > WIDTH)
		page->column = (unsigned)fprintf(page->out, "\n%*s", INDENT, "") - 1;
	else if (page->column > INDENT)
		page->column += (unsigned)fprintf(page->out, " ");
	page->column += (unsigned)fprintf(page->out, "%.*s", (int)len, word);
}

void page_text(struct page *page, const char *text)
{
	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");

		put_word(page, text, len);
		text += len;
	}
}

void page_say(struct page *page, const char *fmt, ...)
{
	va_list args;
	AUTO_FREE char *text = NULL, *full = NULL;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (!text)
		return;
	full = policy_expand(text, page->instance);
	page_text(page, full);
}

void page_end(struct page *page)
{
	(void)fputc('\n', page->out);
}

void page_item(struct page *page, const char *name, const char *reason, const char *fmt,
	       ...)
{
	va_list args;
	AUTO_FREE char *text = NULL;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	page_label(page, name);
	page_say(page, "%s%s%s", text ? text : "", reason ? " -- " : "",
		 reason ? reason : "");
	page_end(page);
}
