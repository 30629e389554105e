/* Placeholders by shape: texts of nothing but a vendor's words for "fill this in". */
#include "placeholder.h"
#include "util.h"

#include <string.h>

#define WORD_MAX 16 /* bytes; the longest below has 13 */

/*
 * One of these makes a text of such words a placeholder: "OEM Define 3", "TBD by ODM", "Not Supported
 * by CPU", "PSU_Manufacturer_Name_String".
 */
static const char *const telling[] = {
	"tbd",         "filled",  "fill",      "default",  "define",
	"defined",     "empty",   "undefined", "undefine", "specified",
	"unspecified", "unknown", "null",      "oem",      "odm",
	"invalid",     "dummy",   "provided",  "string",   "placeholder",
	"none",        "not",     "no",        "sernum",   "partnum",
};

/* These say nothing by themselves: what the field is called, and words between. */
static const char *const idle[] = {
	"to",           "be",          "by",       "the",       "is",          "of",
	"yet",          "for",         "set",      "enter",     "please",      "more",
	"value",        "field",       "data",     "info",      "information", "system",
	"chassis",      "board",       "base",     "baseboard", "enclosure",   "product",
	"serial",       "number",      "part",     "asset",     "tag",         "name",
	"manufacturer", "manufacture", "vendor",   "version",   "sku",         "family",
	"location",     "model",       "revision", "type",      "uuid",        "cpu",
	"processor",    "bios",        "memory",   "module",    "dimm",        "device",
	"power",        "supply",      "psu",      "supported", "available",   "present",
	"installed",    "applicable",  "maker",    "code",
};

/* A text that ends in one of these and has no other words than `idle` is the field's own name. */
static const char *const fields[] = { "name",        "number",  "tag",     "manufacturer",
				      "manufacture", "vendor",  "version", "sku",
				      "family",      "revision" };

static bool is_among(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * The next word in small letters, without the digits behind it and the dots in it ("O.E.M."): false
 * at the end. One that is too long, or has digits inside, is "?".
 */
static bool next_word(const char **at, const char *end, char word[WORD_MAX])
{
	size_t len = 0;
	bool digits = false, strange = false;

	while (*at < end && !is_letter(**at) && !is_digit(**at))
		strange |= (unsigned char)*(*at)++ >= 0x80;
	if (*at == end && !strange)
		return false;
	for (; *at < end && (is_letter(**at) || is_digit(**at) || **at == '.'); (*at)++) {
		if (**at == '.')
			continue;
		strange |= (digits && is_letter(**at)) || len == WORD_MAX - 1;
		digits |= is_digit(**at);
		if (is_letter(**at) && !strange)
			word[len++] = (char)(**at | 0x20);
	}
	if (strange)
		word[0] = '?';
	if (strange)
		len = 1;
	word[len] = '\0';
	return true;
}

/* Two words at least: "OEM7" and "NONE-1" may be somebody's numbers. */
bool placeholder_is_words(const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + len;
	char word[WORD_MAX];
	unsigned words = 0, tell = 0;
	bool field = false;

	while (next_word(&at, end, word)) {
		bool tells = is_among(word, telling, ARRAY_LEN(telling));

		if (!*word)
			continue;
		if (!tells && !is_among(word, idle, ARRAY_LEN(idle)))
			return false;
		words++;
		tell += tells;
		field = is_among(word, fields, ARRAY_LEN(fields));
	}
	return words >= 2 && (tell > 0 || field);
}

/* "\x20" written out, once or more: dmidecode never does, firmware has it. */
bool placeholder_is_hex_blank(const char *bytes, size_t len)
{
	static const char *const blanks[] = { "\\x20", "\\x00", "\\xff", "\\x09",
					      "\\x0a" };

	if (len == 0 || len % 4)
		return false;
	for (size_t i = 0; i < len; i += 4) {
		bool blank = false;

		for (size_t b = 0; b < ARRAY_LEN(blanks); b++)
			blank |= !strncasecmp(bytes + i, blanks[b], 4);
		if (!blank)
			return false;
	}
	return true;
}

/* "2020202020202020": a field of blanks in hexadecimal. */
bool placeholder_is_blanks_in_hex(const char *bytes, size_t len)
{
	if (len > 2 && bytes[0] == '0' && (bytes[1] | 0x20) == 'x') {
		bytes += 2;
		len -= 2;
	}
	if (len < 8 || len % 2)
		return false;
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != (i % 2 ? '0' : '2'))
			return false;
	return true;
}

/*
 * Digits that count down to their end, and those that count up behind a maker's prefix or with dashes
 * between: "987654321", "SN-1234567890", "123-456-789".
 */
bool placeholder_is_count(const char *bytes, size_t len)
{
	static const char *const prefixes[] = { "sn", "s/n",   "mb",  "sys", "bsn",
						"pn", "asset", "ser", "cm",  "chassis" };
	int step = 0;
	unsigned digits = 0;
	char last = '\0';

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t prefix = strlen(prefixes[i]);

		if (len <= prefix || strncasecmp(bytes, prefixes[i], prefix) != 0)
			continue;
		bytes += prefix;
		len -= prefix;
		break;
	}
	for (size_t i = 0; i < len; i++) {
		char c = bytes[i];

		if (c == '-' || c == ' ' || c == ':' || c == '_')
			continue;
		if (!is_digit(c))
			return false;
		if (digits == 1)
			step = c == '0' + (last - '0' + 1) % 10   ? 1
			       : c == '0' + (last - '0' + 9) % 10 ? 9
								  : 0;
		if (digits >= 1 && (step == 0 || c != '0' + (last - '0' + step) % 10))
			return false;
		if (digits == 0 && c != '0' && c != '1' && c != '9')
			return false;
		last = c;
		digits++;
	}
	return digits >= 6 && (step == 1 || digits >= 8);
}
