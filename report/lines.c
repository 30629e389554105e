/* A summary's lines as they are written, one after the other. */
#include "lines.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_COLUMNS 8 /* "serial  " */
#define HINT_COLUMNS 36 /* of the longest without its document */
#define INDENT 3        /* of what goes on below a line that is indented */

const char *lines_plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

const char *lines_where(const struct writer *w)
{
	const struct summary_options *o = w->options;

	return strlen(o->where) + HINT_COLUMNS <= o->narrow || !o->height ? o->where : "";
}

static struct text_line *line_new(struct writer *w)
{
	struct summary *summary = w->summary;

	if (summary->count == summary->room) {
		summary->room = 2 * summary->room + 32;
		summary->lines = xrealloc_array(summary->lines, summary->room,
						sizeof(*summary->lines));
	}
	summary->lines[summary->count] = (struct text_line){ .len = 0 };
	return &summary->lines[summary->count++];
}

/* The first lines are as wide as the screen, those beside a code are not. */
static unsigned width_of(const struct writer *w)
{
	return w->summary->count < w->options->wide ? w->options->width
						    : w->options->narrow;
}

/* Text that is clean already, on as many lines as it may take. */
static void put_clean(struct writer *w, const char *label, const char *text)
{
	unsigned indent = label ? LABEL_COLUMNS : 0;

	for (unsigned row = 0; row == 0 || *text; row++) {
		AUTO_FREE char *part = NULL;
		unsigned width = width_of(w);
		struct text_line *line;
		size_t len = strlen(text);

		if (w->summary->count >= w->limit) {
			w->lost++;
			return;
		}
		if ((w->most == 0 || row + 1 < w->most) && width > indent)
			len = text_fold(text, width - indent);
		part = xasprintf("%.*s", (int)len, text);
		line = line_new(w);
		if (row == 0 && label)
			line_add(line, label, LABEL_COLUMNS - 1, false);
		line_pad(line, indent < width ? indent : 0);
		line_add(line, part, width, w->options->utf8);
		if (row + 1 == w->most)
			return;
		if (!label && row == 0)
			indent = *text == ' ' ? INDENT : 0;
		text += len;
		text += strspn(text, " ");
	}
}

void lines_put(struct writer *w, const char *label, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL, *clean = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	clean = text_clean(text ? text : "out of memory", w->options->utf8);
	put_clean(w, label, clean);
}
