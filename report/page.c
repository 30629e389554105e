/* One screen: the summary, and the QR code beside or below it where there is room. */
#include "page.h"

#include "qr.h"
#include "summary.h"

#include <string.h>

#define SUMMARY_WIDTH_LEAST 42 /* columns beside a code; 80 with version 4 and a gap */
#define SUMMARY_WIDTH_MOST 100 /* longer lines are no easier to read */
#define SUMMARY_BELOW_LINES 16 /* of the summary over a code */
#define VERSION_LEAST 3

enum place { PLACE_NONE, PLACE_BESIDE, PLACE_BELOW };

/* Bright white on black, whatever the terminal's colours are: a code must be light on
 * dark. */
#define COLOR_ON "\033[0;1;37;40m"
#define COLOR_OFF "\033[0m"

static bool fits(const struct page_options *o, enum qr_style style, unsigned version,
		 enum place place)
{
	unsigned columns = qr_columns(version, style), rows = qr_rows(version, style);

	if (place == PLACE_BESIDE)
		return o->columns >= SUMMARY_WIDTH_LEAST + 1 + columns &&
		       o->lines >= rows + 1;
	return o->columns >= columns && o->lines >= rows + SUMMARY_BELOW_LINES + 1;
}

/* The largest version for a place, or 0. */
static unsigned largest(const struct page_options *o, enum qr_style style,
			enum place place)
{
	for (unsigned version = QR_VERSION_MAX; version >= VERSION_LEAST; version--)
		if (fits(o, style, version, place))
			return version;
	return 0;
}

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

static void print(struct out *out, struct summary *summary, const struct qr *qr,
		  unsigned version, enum qr_style style, enum place place, bool color)
{
	unsigned rows = place == PLACE_NONE ? 0 : qr_rows(version, style);
	unsigned beside = place == PLACE_BESIDE ? rows : 0, width = 0;

	for (unsigned i = 0; i < summary->count; i++)
		if (summary->lines[i].columns > width)
			width = summary->lines[i].columns;
	if (width < SUMMARY_WIDTH_LEAST)
		width = SUMMARY_WIDTH_LEAST;
	for (unsigned i = 0; i < summary->count || i < beside; i++) {
		struct text_line empty = { .len = 0 };
		struct text_line *line = i < summary->count ? &summary->lines[i] : &empty;

		if (i < beside)
			line_pad(line, width + 1);
		add(out, line->bytes);
		if (i < beside)
			add_code(out, qr, i, style, color);
		add(out, "\n");
	}
	for (unsigned i = 0; place == PLACE_BELOW && i < rows; i++) {
		add_code(out, qr, i, style, color);
		add(out, "\n");
	}
}

/* The word in the code's place, where one was asked for and cannot be shown. */
static const char *why_no_code(const struct page_options *o, enum place place,
			       unsigned version)
{
	if (!o->qr)
		return NULL;
	if (!o->screen)
		return "(no QR code: not a terminal)";
	if (place == PLACE_NONE)
		return o->utf8 ? "(no QR code: it needs 76 columns and 18 lines)"
			       : "(no QR code: no UTF-8, or too small a terminal)";
	return version ? NULL : "(no QR code: what it says does not fit)";
}

char *page_build(const json_t *document, const struct page_options *o)
{
	enum qr_style style = o->utf8 ? QR_HALF_BLOCKS : QR_ASCII;
	struct summary_options so = { .utf8 = o->utf8,
				      .path = o->path,
				      .note = o->note,
				      .digest = o->digest,
				      .notes = o->notes };
	static struct summary summary;
	enum place place = PLACE_NONE;
	struct out out = { NULL, 0, 0 };
	unsigned version = 0;
	struct facts facts;
	struct qr qr = { 0 };
	const char *word;

	facts_count(&facts, document);
	if (o->qr && o->screen) {
		version = largest(o, style, PLACE_BESIDE);
		place = version ? PLACE_BESIDE : PLACE_NONE;
		if (!version) {
			version = largest(o, style, PLACE_BELOW);
			place = version ? PLACE_BELOW : PLACE_NONE;
		}
	}
	if (place != PLACE_NONE)
		version = qr_make(&qr, &facts, o->digest, version);
	word = why_no_code(o, place, version);
	if (!version)
		place = PLACE_NONE;

	/* The code's real size is known now: the summary takes what is left. */
	so.width = o->columns < SUMMARY_WIDTH_MOST ? o->columns : SUMMARY_WIDTH_MOST;
	so.height = o->lines - 1;
	if (place == PLACE_BESIDE)
		so.width = o->columns - 1 - qr_columns(version, style);
	if (place == PLACE_BELOW)
		so.height -= qr_rows(version, style);
	if (so.width > SUMMARY_WIDTH_MOST)
		so.width = SUMMARY_WIDTH_MOST;
	if (word && so.height > 1)
		so.height--;
	summary_build(&summary, &facts, document, &so);
	print(&out, &summary, &qr, version, style, place, o->color);
	if (word) {
		struct text_line line = { .len = 0 };

		line_add(&line, word, o->columns, false);
		add(&out, line.bytes);
		add(&out, "\n");
	}
	qr_done(&qr);
	return out.text;
}
