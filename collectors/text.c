/* Pieces of a tool's text, without copies; and numbers in them. */
#include "text.h"

#include <errno.h>
#include <string.h>

bool text_cut(struct span *rest, char separator, struct span *part)
{
	const char *stop;

	if (rest->len == 0)
		return false;
	stop = memchr(rest->at, separator, rest->len);
	part->at = rest->at;
	part->len = stop ? (size_t)(stop - rest->at) : rest->len;
	rest->at += part->len + (stop != NULL);
	rest->len -= part->len + (stop != NULL);
	return true;
}

bool text_line(struct span *rest, struct span *line)
{
	if (!text_cut(rest, '\n', line))
		return false;
	if (line->len > 0 && line->at[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct span text_trim(struct span text)
{
	while (text.len > 0 && is_blank(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

bool text_is(struct span text, const char *word)
{
	return text.len == strlen(word) && !memcmp(text.at, word, text.len);
}

bool text_is_word(struct span text, const char *word)
{
	return text.len == strlen(word) && !strncasecmp(text.at, word, text.len);
}

bool text_starts(struct span text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len >= len && !memcmp(text.at, prefix, len);
}

bool text_ends(struct span text, const char *suffix)
{
	size_t len = strlen(suffix);

	return text.len >= len && !memcmp(text.at + text.len - len, suffix, len);
}

bool text_skip(struct span *text, const char *prefix)
{
	if (!text_starts(*text, prefix))
		return false;
	text->at += strlen(prefix);
	text->len -= strlen(prefix);
	return true;
}

const char *text_copy(struct span text, char *buffer, size_t size)
{
	size_t len = text.len < size - 1 ? text.len : size - 1;

	memcpy(buffer, text.at, len);
	buffer[len] = '\0';
	return buffer;
}

/* strlen(copy) is shorter than the span when a NUL byte is inside: not a number then. */
static int copy_number(struct span text, char *copy, size_t size)
{
	if (text.len == 0 || text.len >= size)
		return -EINVAL;
	text_copy(text, copy, size);
	return strlen(copy) == text.len ? 0 : -EINVAL;
}

int text_u64(struct span text, uint64_t *out)
{
	char copy[48];
	int status = copy_number(text, copy, sizeof(copy));

	return status ? status : parse_u64(copy, UINT64_MAX, out);
}

int text_hex(struct span text, uint64_t max, uint64_t *out)
{
	char copy[48];
	int status = copy_number(text, copy, sizeof(copy));

	return status ? status : parse_hex(copy, max, out);
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t text_unhex(struct span digits, uint8_t *bytes, size_t size)
{
	if (digits.len % 2 || digits.len / 2 > size)
		return 0;
	for (size_t i = 0; i < digits.len / 2; i++) {
		int high = nibble(digits.at[2 * i]), low = nibble(digits.at[2 * i + 1]);

		if (high < 0 || low < 0)
			return 0;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return digits.len / 2;
}

bool text_take_u64(struct span *text, uint64_t *out)
{
	struct span digits = { text->at, 0 };

	while (digits.len < text->len && text->at[digits.len] >= '0' &&
	       text->at[digits.len] <= '9')
		digits.len++;
	if (text_u64(digits, out))
		return false;
	text->at += digits.len;
	text->len -= digits.len;
	return true;
}

bool text_take_milli(struct span *text, uint64_t *out)
{
	struct span rest = *text;
	uint64_t whole, milli = 0, weight = 100;

	if (!text_take_u64(&rest, &whole) || whole > UINT64_MAX / 1000 - 1)
		return false;
	if (rest.len > 1 && rest.at[0] == '.' && rest.at[1] >= '0' && rest.at[1] <= '9') {
		rest.at++;
		rest.len--;
		for (; rest.len > 0 && rest.at[0] >= '0' && rest.at[0] <= '9';
		     weight /= 10) {
			milli += weight * (uint64_t)(rest.at[0] - '0');
			rest.at++;
			rest.len--;
		}
	}
	*text = rest;
	*out = 1000 * whole + milli;
	return true;
}

json_t *collect_integer(uint64_t value)
{
	char digits[24];
	int n;

	if (value <= INT64_MAX)
		return json_integer((json_int_t)value);
	n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	return json_stringn(digits, (size_t)n);
}

json_t *collect_milli(uint64_t milli)
{
	return milli % 1000 ? json_real((double)milli / 1000)
			    : collect_integer(milli / 1000);
}

bool text_is_unknown(struct span text)
{
	static const char *const words[] = {
		"", "-1", "unknown", "Unknown", "N/A", "none"
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_is(text, words[i]))
			return true;
	return false;
}

void collect_unread_span(json_t *props, const char *key, struct span text)
{
	text = text_trim(text);
	if (text_is_unknown(text))
		json_put(props, key, json_null());
	else
		collect_unread(props, key, json_text(text.at, text.len, NULL));
}

void collect_u64(json_t *props, const char *key, struct span text)
{
	uint64_t value;

	if (text_u64(text_trim(text), &value))
		collect_unread_span(props, key, text);
	else
		json_put(props, key, collect_integer(value));
}

void collect_span(json_t *props, const char *key, struct span text)
{
	collect_text(props, key, text.at, text.len);
}

void strange_add(struct strange_lines *lines, struct span line)
{
	if (lines->count++ == 0)
		lines->first = text_trim(line);
}

void strange_tell(const struct strange_lines *lines, struct output *out,
		  const char *where, const char *whose, const char *what)
{
	int len = lines->first.len < 80 ? (int)lines->first.len : 80;

	if (lines->count > 0)
		collect_error(out, where, "%s%u %s: %.*s", whose, lines->count, what, len,
			      lines->first.at);
}
