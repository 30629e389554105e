/* Lines for a terminal from a document that may say anything: one escaping function. */
#include "text.h"

#include <string.h>

/* Letters that every terminal draws in one column, from left to right. */
static const struct {
	uint32_t first, last;
} narrow[] = {
	{ 0xa1, 0xac },
	{ 0xae, 0x24f },  /* Latin-1 without the soft hyphen, Latin Extended */
	{ 0x386, 0x3ce }, /* Greek */
	{ 0x400, 0x482 },
	{ 0x48a, 0x52f }, /* Cyrillic without its combining marks */
};

static bool is_narrow(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(narrow); i++)
		if (c >= narrow[i].first && c <= narrow[i].last)
			return true;
	return false;
}

/* Of the code point at `text`: its bytes, and whether they may be drawn as they are. */
static bool is_shown(const char *text, bool utf8, size_t *len)
{
	uint32_t c = 0;

	/* The NUL byte at the text's end is no part of any sequence. */
	*len = utf8_take(text, UTF8_MAX, &c);
	if (*len == 1)
		return c >= 0x20 && c < 0x7f;
	if (*len == 0)
		*len = 1;
	return c && utf8 && is_narrow(c);
}

static void put(struct text_line *line, const char *bytes, size_t len)
{
	memcpy(line->bytes + line->len, bytes, len);
	line->len += len;
	line->bytes[line->len] = '\0';
	line->columns++;
}

/* Takes the last code point off. */
static void take_off(struct text_line *line)
{
	do
		line->len--;
	while (line->len > 0 && ((unsigned char)line->bytes[line->len] & 0xc0) == 0x80);
	line->bytes[line->len] = '\0';
	line->columns--;
}

void line_add(struct text_line *line, const char *text, unsigned width, bool utf8)
{
	if (width > LINE_COLUMNS_MAX)
		width = LINE_COLUMNS_MAX;
	while (*text) {
		size_t len;
		bool shown = is_shown(text, utf8, &len);

		if (line->columns >= width) {
			if (width > 0 && line->columns == width) {
				take_off(line);
				put(line, "~", 1);
			}
			return;
		}
		put(line, shown ? text : "?", shown ? len : 1);
		text += len;
	}
}

char *text_clean(const char *text, bool utf8)
{
	char *out = xcalloc(strlen(text) + 1, 1), *at = out;

	while (*text) {
		size_t len;

		if (is_shown(text, utf8, &len))
			at = mempcpy(at, text, len);
		else
			*at++ = '?';
		text += len;
	}
	return out;
}

void line_pad(struct text_line *line, unsigned column)
{
	while (line->columns < column && line->columns < LINE_COLUMNS_MAX)
		put(line, " ", 1);
}

size_t text_fold(const char *text, unsigned width)
{
	size_t len = 0, words = 0;
	unsigned columns = 0;

	for (; text[len]; len++) {
		if (((unsigned char)text[len] & 0xc0) != 0x80 && columns++ == width)
			return text[len] == ' ' || words == 0 ? len : words;
		if (text[len] == ' ')
			words = len;
	}
	return len;
}
