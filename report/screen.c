/* One screen: the summary, and the QR code beside or below it where nothing is lost by it. */
#include "screen.h"

#include "qr.h"
#include "summary.h"

#include <stdlib.h>
#include <string.h>

#define SUMMARY_WIDTH_LEAST 42  /* columns beside a code; 80 with version 4 and a gap */
#define SUMMARY_WIDTH_MOST 100  /* longer lines are no easier to read */
#define SUMMARY_WIDTH_BESIDE 76 /* beside a code from the first line on */
#define VERSION_LEAST 3
#define HINT_COLUMNS 36 /* of the longest word in the code's place */

/* Bright white on black, whatever the terminal's colours are: a code must be light on
 * dark. */
#define COLOR_ON "\033[0;1;37;40m"
#define COLOR_OFF "\033[0m"

/* What is drawn: lines, and a code from line `top` on, or none. */
struct layout {
	struct summary summary;
	struct qr qr;
	unsigned version; /* 0: no code */
	unsigned top;
	bool below; /* the summary, not beside it */
};

struct out {
	char *text;
	size_t len, room;
};

static void add(struct out *out, const char *text)
{
	size_t len = strlen(text);

	if (out->len + len + 1 > out->room) {
		out->room = 2 * (out->len + len + 1);
		out->text = xrealloc_array(out->text, out->room, 1);
	}
	memcpy(out->text + out->len, text, len + 1);
	out->len += len;
}

static void add_code(struct out *out, const struct qr *qr, unsigned row,
		     enum qr_style style, bool color)
{
	char text[QR_ROW_BYTES];

	qr_row(qr, row, style, text);
	if (color)
		add(out, COLOR_ON);
	add(out, text);
	if (color)
		add(out, COLOR_OFF);
}

static unsigned at_most(unsigned value, unsigned most)
{
	return value < most ? value : most;
}

static void print(struct out *out, struct layout *layout, const struct screen_options *o)
{
	enum qr_style style = o->utf8 ? QR_HALF_BLOCKS : QR_ASCII;
	unsigned rows = layout->version ? qr_rows(layout->version, style) : 0;
	unsigned top = layout->below ? layout->summary.count : layout->top, gap = 0;

	for (unsigned i = top; i < layout->summary.count; i++)
		if (layout->summary.lines[i].columns >= gap)
			gap = layout->summary.lines[i].columns + 1;
	if (!layout->below && gap < SUMMARY_WIDTH_LEAST + 1)
		gap = SUMMARY_WIDTH_LEAST + 1;
	if (layout->below)
		gap = 0;
	for (unsigned i = 0; i < layout->summary.count || (rows && i < top + rows); i++) {
		struct text_line empty = { .len = 0 };
		struct text_line *line =
			i < layout->summary.count ? &layout->summary.lines[i] : &empty;
		bool code = rows && i >= top && i < top + rows;

		if (code)
			line_pad(line, gap);
		add(out, line->bytes);
		if (code)
			add_code(out, &layout->qr, i - top, style, o->color);
		add(out, "\n");
	}
}

static void layout_done(struct layout *layout)
{
	summary_done(&layout->summary);
	qr_done(&layout->qr);
	*layout = (struct layout){ .version = 0 };
}

struct story {
	const struct screen_options *o;
	struct facts facts;
	struct trouble trouble;
};

static bool build(struct layout *layout, const struct story *story,
		  struct summary_options *so)
{
	return summary_build(&layout->summary, &story->facts, &story->trouble, so);
}

/* Options for a summary of that many columns, on all of the screen but the prompt's line. */
static struct summary_options whole_screen(const struct screen_options *o)
{
	unsigned columns = at_most(o->columns, SUMMARY_WIDTH_MOST);

	return (struct summary_options){ .width = columns,
					 .narrow = columns,
					 .height = o->lines > 1 ? o->lines - 1 : 1,
					 .utf8 = o->utf8,
					 .path = o->path,
					 .where = o->where,
					 .note = o->note,
					 .digest = o->digest };
}

/*
 * A code beside the summary. The lines above it are as wide as the screen; it begins right after
 * the findings, or as low as it can, or on a wide screen at the top.
 */
static bool try_beside(struct layout *layout, const struct story *story,
		       enum detail detail)
{
	const struct screen_options *o = story->o;
	enum qr_style style = o->utf8 ? QR_HALF_BLOCKS : QR_ASCII;
	unsigned columns = qr_columns(layout->version, style);
	unsigned rows = qr_rows(layout->version, style);
	struct summary_options so = whole_screen(o);

	if (o->columns < SUMMARY_WIDTH_LEAST + 1 + columns || so.height < rows)
		return false;
	so.detail = detail;
	so.narrow = at_most(o->columns - 1 - columns, SUMMARY_WIDTH_MOST);
	if (so.narrow < SUMMARY_WIDTH_BESIDE)
		so.wide = so.height - rows;
	if (!build(layout, story, &so))
		return false;
	if (layout->summary.found_end < so.wide) {
		unsigned lowest = so.wide;

		so.wide = layout->summary.found_end;
		if (!build(layout, story, &so)) {
			so.wide = lowest;
			(void)build(layout, story, &so);
		}
	}
	layout->top = so.wide;
	return true;
}

static bool try_below(struct layout *layout, const struct story *story,
		      enum detail detail)
{
	const struct screen_options *o = story->o;
	enum qr_style style = o->utf8 ? QR_HALF_BLOCKS : QR_ASCII;
	unsigned rows = qr_rows(layout->version, style);
	struct summary_options so = whole_screen(o);

	if (o->columns < qr_columns(layout->version, style) || so.height <= rows)
		return false;
	so.detail = detail;
	so.height -= rows;
	layout->below = true;
	if (build(layout, story, &so))
		return true;
	layout->below = false;
	return false;
}

/* The most detail that has room beside or below a code, and of that the largest code. */
static bool try_codes(struct layout *layout, const struct story *story)
{
	for (enum detail detail = DETAIL_ALL; detail <= DETAIL_RULES; detail++)
		for (unsigned version = QR_VERSION_MAX; version >= VERSION_LEAST;
		     version--) {
			qr_done(&layout->qr);
			layout->version = qr_make(&layout->qr, &story->facts,
						  story->o->digest, version);
			if (layout->version && (try_beside(layout, story, detail) ||
						try_below(layout, story, detail)))
				return true;
		}
	layout->version = 0;
	return false;
}

static void without_code(struct layout *layout, const struct story *story, bool word)
{
	struct summary_options so = whole_screen(story->o);

	if (!story->o->screen)
		so.height = 0;
	else if (word && so.height > 1)
		so.height--;
	for (so.detail = DETAIL_ALL; so.detail <= DETAIL_LEAST; so.detail++)
		if (build(layout, story, &so))
			return;
}

/* The word in the code's place, where one was asked for and is not shown. */
static char *why_no_code(const struct screen_options *o)
{
	enum qr_style style = o->utf8 ? QR_HALF_BLOCKS : QR_ASCII;

	if (!o->qr)
		return NULL;
	if (!o->screen)
		return xstrdup("(no QR code: not a terminal)");
	if (!o->utf8)
		return xstrdup("(no QR code: too small, or no UTF-8)");
	if (qr_columns(VERSION_LEAST, style) > o->columns ||
	    qr_rows(VERSION_LEAST, style) >= o->lines)
		return xstrdup("(no QR code: too small a screen)");
	/* With the document's name where that leaves the line whole. */
	return xasprintf("(no QR code here: bee report --qr%s)",
			 strlen(o->where) + HINT_COLUMNS <= o->columns ? o->where : "");
}

char *screen_build(const json_t *document, const struct screen_options *o)
{
	struct layout layout = { .version = 0 };
	struct story story = { .o = o };
	struct out out = { NULL, 0, 0 };
	AUTO_FREE char *word = NULL;

	facts_count(&story.facts, document);
	trouble_collect(&story.trouble, document, o->notes);
	story.trouble.all = !o->screen;
	if (!o->qr || !o->screen || !try_codes(&layout, &story)) {
		word = why_no_code(o);
		without_code(&layout, &story, word);
	}
	print(&out, &layout, o);
	if (word && (!o->screen || o->lines > 2)) {
		struct text_line line = { .len = 0 };

		line_add(&line, word, o->columns, false);
		add(&out, line.bytes);
		add(&out, "\n");
	}
	layout_done(&layout);
	trouble_done(&story.trouble);
	return out.text;
}

char *screen_code(const json_t *document, const struct screen_options *o)
{
	enum qr_style style = o->utf8 ? QR_HALF_BLOCKS : QR_ASCII;
	struct layout layout = { .below = true };
	struct out out = { NULL, 0, 0 };
	struct facts facts;

	facts_count(&facts, document);
	for (unsigned version = QR_VERSION_MAX; version > 0 && !layout.version; version--)
		if (!o->screen || (qr_columns(version, style) <= o->columns &&
				   qr_rows(version, style) < o->lines))
			layout.version = qr_make(&layout.qr, &facts, o->digest, version);
	if (!layout.version)
		return NULL;
	print(&out, &layout, o);
	layout_done(&layout);
	return out.text;
}
