/*
 * A parser for JSON from anybody: it keeps what came before a cut, and numbers and bytes
 * that jansson's own parser refuses with the whole document.
 */
#include "json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 400 /* digits worth converting; DBL_MAX has 309 */

#define NO_MEMORY "no memory for what follows"

enum outcome {
	WHOLE, /* *out is set */
	CUT,   /* the text ended; *out is what an array or object had so far, or NULL */
	WRONG, /* not JSON; reason is set, *out is NULL */
};

struct loader {
	const char *start, *at, *end;
	struct json_limits limits;
	unsigned repairs, values, depth;
	char *reason;
	size_t reason_size;
	char *scratch; /* owned: the string being decoded */
	size_t scratch_len, scratch_size;
};

PRINTF_LIKE(2, 3)
static enum outcome wrong(struct loader *p, const char *fmt, ...)
{
	va_list args;
	int n;

	n = snprintf(p->reason, p->reason_size, "byte %td: ", p->at - p->start);
	if (n < 0 || (size_t)n >= p->reason_size)
		return WRONG;
	va_start(args, fmt);
	(void)vsnprintf(p->reason + n, p->reason_size - (size_t)n, fmt, args);
	va_end(args);
	return WRONG;
}

static enum outcome made(struct loader *p, json_t *value, json_t **out)
{
	if (!value)
		return wrong(p, NO_MEMORY);
	if (++p->values > p->limits.values) {
		json_decref(value);
		return wrong(p, "more than %u values", p->limits.values);
	}
	*out = value;
	return WHOLE;
}

static void skip_blank(struct loader *p)
{
	while (p->at < p->end &&
	       (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r'))
		p->at++;
}

static void scratch_add(struct loader *p, char byte)
{
	if (p->scratch_len == p->scratch_size) {
		p->scratch_size = p->scratch_size ? 2 * p->scratch_size : 256;
		p->scratch = xrealloc_array(p->scratch, p->scratch_size, 1);
	}
	p->scratch[p->scratch_len++] = byte;
}

/* A lone surrogate becomes the three bytes UTF-8 forbids, which are escaped later on. */
static void scratch_add_char(struct loader *p, uint32_t c)
{
	if (c < 0x80) {
		scratch_add(p, (char)c);
	} else if (c < 0x800) {
		scratch_add(p, (char)(0xc0 | c >> 6));
		scratch_add(p, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		scratch_add(p, (char)(0xe0 | c >> 12));
		scratch_add(p, (char)(0x80 | (c >> 6 & 0x3f)));
		scratch_add(p, (char)(0x80 | (c & 0x3f)));
	} else {
		scratch_add(p, (char)(0xf0 | c >> 18));
		scratch_add(p, (char)(0x80 | (c >> 12 & 0x3f)));
		scratch_add(p, (char)(0x80 | (c >> 6 & 0x3f)));
		scratch_add(p, (char)(0x80 | (c & 0x3f)));
	}
}

/* The four digits of \uXXXX. */
static enum outcome parse_hex4(struct loader *p, uint32_t *out)
{
	char digits[5] = "";
	uint64_t value;

	if (p->end - p->at < 4)
		return CUT;
	memcpy(digits, p->at, 4);
	if (strlen(digits) != 4 || digits[1] == 'x' || digits[1] == 'X' ||
	    parse_hex(digits, 0xffff, &value))
		return wrong(p, "\\u without four hexadecimal digits");
	p->at += 4;
	*out = (uint32_t)value;
	return WHOLE;
}

static enum outcome parse_unicode(struct loader *p)
{
	uint32_t c, low;
	enum outcome outcome = parse_hex4(p, &c);

	if (outcome != WHOLE)
		return outcome;
	if (c >= 0xd800 && c <= 0xdbff && p->end - p->at >= 6 && p->at[0] == '\\' &&
	    p->at[1] == 'u') {
		const char *back = p->at;

		p->at += 2;
		outcome = parse_hex4(p, &low);
		if (outcome != WHOLE)
			return outcome;
		if (low >= 0xdc00 && low <= 0xdfff)
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		else
			p->at = back;
	}
	scratch_add_char(p, c);
	return WHOLE;
}

static enum outcome parse_escape(struct loader *p)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *name;

	if (p->at == p->end)
		return CUT;
	if (*p->at == 'u') {
		p->at++;
		return parse_unicode(p);
	}
	name = *p->at ? strchr(names, *p->at) : NULL;
	if (!name)
		return wrong(p, "an escape that JSON does not have");
	scratch_add(p, bytes[name - names]);
	p->at++;
	return WHOLE;
}

static enum outcome parse_string(struct loader *p, json_t **out)
{
	enum outcome outcome = WHOLE;

	p->scratch_len = 0;
	for (p->at++; outcome == WHOLE;) {
		if (p->at == p->end)
			return CUT;
		if (*p->at == '"')
			break;
		if (*p->at != '\\') {
			scratch_add(p, *p->at++);
			continue;
		}
		p->at++;
		outcome = parse_escape(p);
	}
	if (outcome != WHOLE)
		return outcome;
	p->at++;
	if (json_text_is_clean(p->scratch, p->scratch_len))
		return made(p, json_stringn(p->scratch ? p->scratch : "", p->scratch_len),
			    out);
	p->repairs |= JSON_BAD_UTF8;
	return made(p, json_text_try(p->scratch, p->scratch_len, NULL), out);
}

static size_t count_digits(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - from);
}

/* Length of the number at `at` (RFC 8259, 6), or 0; *integer: no fraction, no exponent. */
static size_t number_length(const char *at, const char *end, bool *integer)
{
	const char *from = at;
	size_t n;

	*integer = true;
	if (at < end && *at == '-')
		at++;
	n = count_digits(at, end);
	if (n == 0 || (n > 1 && *at == '0'))
		return 0;
	at += n;
	if (at < end && *at == '.') {
		*integer = false;
		n = count_digits(++at, end);
		if (n == 0)
			return 0;
		at += n;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		*integer = false;
		at++;
		if (at < end && (*at == '+' || *at == '-'))
			at++;
		n = count_digits(at, end);
		if (n == 0)
			return 0;
		at += n;
	}
	return (size_t)(at - from);
}

static json_t *number_value(const char *text, bool integer)
{
	bool negative = *text == '-';
	uint64_t value;
	double real;

	if (integer) {
		if (parse_u64(text + negative, INT64_MAX, &value))
			return NULL;
		return json_integer(negative ? -(json_int_t)value : (json_int_t)value);
	}
	errno = 0;
	real = strtod(text, NULL);
	return errno ? NULL : json_real(real);
}

static bool number_byte(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' ||
	       c == 'E';
}

static enum outcome parse_number(struct loader *p, json_t **out)
{
	const char *stop = p->at;
	char text[NUMBER_MAX + 1];
	json_t *value = NULL;
	bool integer;
	size_t len;

	while (stop < p->end && number_byte(*stop))
		stop++;
	/* "12" at the end may be the start of "120"; a document that is one number is
	 * whole. */
	if (stop == p->end && p->depth > 0)
		return CUT;
	len = number_length(p->at, stop, &integer);
	if (len == 0 || len != (size_t)(stop - p->at))
		return wrong(p, "not a number");
	if (len <= NUMBER_MAX) {
		memcpy(text, p->at, len);
		text[len] = '\0';
		value = number_value(text, integer);
	}
	if (!value) {
		p->repairs |= JSON_BIG_NUMBER;
		value = json_stringn(p->at, len);
	}
	p->at = stop;
	return made(p, value, out);
}

static enum outcome parse_word(struct loader *p, json_t **out)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t left = (size_t)(p->end - p->at);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);

		if (left < len && memcmp(p->at, words[i], left) == 0)
			return CUT;
		if (left < len || memcmp(p->at, words[i], len) != 0)
			continue;
		p->at += len;
		return made(p,
			    i == 0   ? json_true()
			    : i == 1 ? json_false()
				     : json_null(),
			    out);
	}
	return wrong(p, "no value starts like this");
}

static enum outcome parse_value(struct loader *p, json_t **out);

/* Skips to the next member. WHOLE: there is one; *closed: the container ended. */
static enum outcome next_member(struct loader *p, char close, bool first, bool *closed)
{
	skip_blank(p);
	if (p->at < p->end && *p->at == close) {
		p->at++;
		*closed = true;
		return WHOLE;
	}
	if (p->at < p->end && !first) {
		if (*p->at != ',')
			return wrong(p, "expected ',' or '%c'", close);
		p->at++;
		skip_blank(p);
	}
	return p->at < p->end ? WHOLE : CUT;
}

static enum outcome parse_array(struct loader *p, json_t *array)
{
	bool closed = false;

	for (bool first = true;; first = false) {
		json_t *value = NULL;
		enum outcome outcome = next_member(p, ']', first, &closed);

		if (outcome != WHOLE || closed)
			return outcome;
		outcome = parse_value(p, &value);
		if (value && json_array_append_new(array, value))
			return wrong(p, NO_MEMORY);
		if (outcome != WHOLE)
			return outcome;
	}
}

static enum outcome parse_member(struct loader *p, json_t *object)
{
	AUTO_JSON json_t *key = NULL;
	json_t *value = NULL;
	enum outcome outcome;

	if (*p->at != '"')
		return wrong(p, "expected a key");
	outcome = parse_string(p, &key);
	if (outcome != WHOLE)
		return outcome;
	p->values--;
	skip_blank(p);
	if (p->at == p->end)
		return CUT;
	if (*p->at != ':')
		return wrong(p, "expected ':'");
	p->at++;
	skip_blank(p);
	if (p->at == p->end)
		return CUT;
	outcome = parse_value(p, &value);
	if (!value)
		return outcome;
	if (json_object_get(object, json_string_value(key))) {
		p->repairs |= JSON_DUPLICATE;
		json_decref(value);
	} else if (json_object_set_new(object, json_string_value(key), value)) {
		return wrong(p, NO_MEMORY);
	}
	return outcome;
}

static enum outcome parse_object(struct loader *p, json_t *object)
{
	bool closed = false;

	for (bool first = true;; first = false) {
		enum outcome outcome = next_member(p, '}', first, &closed);

		if (outcome != WHOLE || closed)
			return outcome;
		outcome = parse_member(p, object);
		if (outcome != WHOLE)
			return outcome;
	}
}

static enum outcome parse_container(struct loader *p, json_t **out)
{
	bool is_array = *p->at == '[';
	json_t *value = NULL;
	enum outcome outcome;

	if (p->depth == p->limits.depth)
		return wrong(p, "nested deeper than %u", p->limits.depth);
	outcome = made(p, is_array ? json_array() : json_object(), &value);
	if (outcome != WHOLE)
		return outcome;
	p->at++;
	p->depth++;
	outcome = is_array ? parse_array(p, value) : parse_object(p, value);
	p->depth--;
	if (outcome == WRONG)
		json_decref(value);
	else
		*out = value;
	return outcome;
}

static enum outcome parse_value(struct loader *p, json_t **out)
{
	switch (*p->at) {
	case '{':
	case '[':
		return parse_container(p, out);
	case '"':
		return parse_string(p, out);
	case '-':
	case '0' ... '9':
		return parse_number(p, out);
	default:
		return parse_word(p, out);
	}
}

json_t *json_load_hostile(const char *bytes, size_t len, const struct json_limits *limits,
			  unsigned *repairs, char *reason, size_t reason_size)
{
	struct loader p = {
		.limits = limits ? *limits : (struct json_limits){ 0 },
		.start = bytes,
		.at = bytes,
		.end = bytes + len,
		.reason = reason,
		.reason_size = reason_size,
	};
	enum outcome outcome = CUT;
	json_t *value = NULL;

	p.limits.depth = p.limits.depth ?: JSON_DEPTH_MAX;
	p.limits.values = p.limits.values ?: JSON_VALUES_MAX;
	skip_blank(&p);
	if (p.at < p.end)
		outcome = parse_value(&p, &value);
	if (outcome == CUT) {
		p.repairs |= JSON_CUT;
		if (!value)
			(void)wrong(&p, "ends before the first value does");
	}
	skip_blank(&p);
	if (outcome == WHOLE && p.at < p.end)
		p.repairs |= JSON_TRAILING;
	free(p.scratch);
	if (value)
		*repairs = p.repairs;
	return value;
}
