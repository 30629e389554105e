/* jansson with its traps closed: strings of any bytes, big numbers, one line per record.
 */
#include "json.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

void json_seed(void)
{
	const void *random = (const void *)getauxval(AT_RANDOM);
	size_t seed = 0;

	if (random)
		memcpy(&seed, random, sizeof(seed));
	json_object_seed(seed ? seed : 1); /* jansson takes 0 as "do" */
}

void json_auto_decref(json_t **value)
{
	json_decref(*value);
}

/* C0, DEL and C1, and the marks that reorder text (Unicode 15, Bidi_Control). */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e ||
	       c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* Bytes of the harmless character at `at`, or 0. */
static size_t clean_char(const char *at, size_t left)
{
	uint32_t c;
	size_t size;

	if (left > 0 && *at >= ' ' && *at < 0x7f) /* nearly all */
		return 1;
	size = utf8_take(at, left, &c);
	return size && !is_control(c) ? size : 0;
}

bool json_text_is_clean(const char *bytes, size_t len)
{
	size_t size;

	for (size_t i = 0; i < len; i += size) {
		size = clean_char(bytes + i, len - i);
		if (!size)
			return false;
	}
	return true;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

json_t *json_text_try(const char *bytes, size_t len, bool *flagged)
{
	static const char hex[] = "0123456789abcdef";
	AUTO_FREE char *out = NULL;
	size_t used = 0, size;

	if (len > (SIZE_MAX - 1) / 4)
		errx(BEE_SOFTWARE, "a string of %zu bytes", len);
	out = xcalloc(4 * len + 1, 1);
	for (size_t i = 0; i < len; i += size) {
		size = clean_char(bytes + i, len - i);
		if (size && bytes[i] == '\\' && len - i >= 4 && bytes[i + 1] == 'x' &&
		    is_hex(bytes[i + 2]) && is_hex(bytes[i + 3]))
			size = 0;
		if (size) {
			memcpy(out + used, bytes + i, size);
			used += size;
			continue;
		}
		out[used++] = '\\';
		out[used++] = 'x';
		out[used++] = hex[(unsigned char)bytes[i] >> 4];
		out[used++] = hex[(unsigned char)bytes[i] & 0xf];
		size = 1;
		if (flagged)
			*flagged = true;
	}
	return json_stringn(out, used);
}

json_t *json_text(const char *bytes, size_t len, bool *flagged)
{
	json_t *text = json_text_try(bytes, len, flagged);

	if (!text)
		errx(BEE_OSERR, "out of memory");
	return text;
}

void json_put(json_t *object, const char *key, json_t *value)
{
	if (!value || json_object_set_new(object, key, value))
		errx(BEE_SOFTWARE, "cannot set \"%s\"", key);
}

void json_push(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		errx(BEE_SOFTWARE, "cannot append to a list");
}

/* Digits with a comma before each group of three, or with none at all. */
static int digits_u64(const char *text, size_t len, uint64_t *out)
{
	const char *comma = memchr(text, ',', len);
	size_t first = comma ? (size_t)(comma - text) : len;
	uint64_t sum = 0;
	bool over = false;

	if (first == 0 || (comma && (first > 3 || (len - first) % 4)))
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (i >= first && (i - first) % 4 == 0) {
			if (text[i] != ',')
				return -EINVAL;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		over |= __builtin_mul_overflow(sum, 10, &sum);
		over |= __builtin_add_overflow(sum, (uint64_t)(text[i] - '0'), &sum);
	}
	if (over)
		return -ERANGE;
	*out = sum;
	return 0;
}

int json_u64(const json_t *value, uint64_t *out)
{
	if (json_is_string(value))
		return digits_u64(json_string_value(value), json_string_length(value),
				  out);
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return -EINVAL;
	*out = (uint64_t)json_integer_value(value);
	return 0;
}

struct line {
	char *bytes; /* owned */
	size_t len, size;
};

static int line_add(const char *bytes, size_t len, void *data)
{
	struct line *line = data;

	if (line->size - line->len < len) {
		if (__builtin_add_overflow(line->size, line->size + len + 256,
					   &line->size))
			return -1;
		line->bytes = xrealloc_array(line->bytes, line->size, 1);
	}
	memcpy(line->bytes + line->len, bytes, len);
	line->len += len;
	return 0;
}

int json_write_line(int fd, const json_t *value)
{
	/* 15 digits print 0.1 as 0.1; no source we read has more. */
	const size_t flags = JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15);
	struct line line = { .bytes = NULL };
	int status;

	if (json_dump_callback(value, line_add, &line, flags | JSON_ENCODE_ANY) ||
	    line_add("\n", 1, &line))
		status = -EINVAL;
	else
		status = write_all(fd, line.bytes, line.len);
	free(line.bytes);
	return status;
}
