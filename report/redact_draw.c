/* What a value is replaced by: drawn from a key, of the original's shape. */
#include "redact_draw.h"

#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 64u /* bytes drawn at a time */

/* A stream of bytes that the key, the original and the try decide. */
struct draw {
	const unsigned char *key;
	const char *seed;    /* borrowed */
	uint32_t counter[2]; /* of blocks; the try */
	unsigned char bytes[BLOCK];
	unsigned left;
};

static unsigned char draw_byte(struct draw *draw)
{
	if (draw->left == 0) {
		crypto_generichash_state state;

		(void)crypto_generichash_init(&state, draw->key, REDACT_KEY, BLOCK);
		(void)crypto_generichash_update(&state,
						(const unsigned char *)draw->counter,
						sizeof(draw->counter));
		(void)crypto_generichash_update(&state, (const unsigned char *)draw->seed,
						strlen(draw->seed));
		(void)crypto_generichash_final(&state, draw->bytes, BLOCK);
		draw->counter[0]++;
		draw->left = BLOCK;
	}
	return draw->bytes[--draw->left];
}

/* One of `of`, at most 64, each as likely as the others: what is left of 256 is drawn again. */
static unsigned draw_of(struct draw *draw, unsigned of)
{
	unsigned byte;

	do
		byte = draw_byte(draw);
	while (byte >= 256 / of * of);
	return byte % of;
}

static char draw_hex_digit(struct draw *draw, bool upper)
{
	return (upper ? "0123456789ABCDEF" : "0123456789abcdef")[draw_of(draw, 16)];
}

/* Upper and lower case of one text draw alike. */
static char *lowered(const char *text)
{
	char *low = xstrdup(text);

	for (char *at = low; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return low;
}

/* "\x1b", as lib/json.h writes a byte that is no text. */
static bool is_escape(const char *at)
{
	return at[0] == '\\' && at[1] == 'x' && isxdigit((unsigned char)at[2]) &&
	       isxdigit((unsigned char)at[3]);
}

/* Its letters are those of hexadecimal numbers alone, as in memory modules' serial numbers. */
static bool is_hexadecimal(const char *text)
{
	bool digits = strlen(text) >= HEX_LEAST;

	for (; *text; text++) {
		if (isalpha((unsigned char)*text) && !isxdigit((unsigned char)*text))
			return false;
		digits = digits || isdigit((unsigned char)*text);
	}
	return digits;
}

char *redact_draw_text(const unsigned char key[REDACT_KEY], const char *text,
		       unsigned try)
{
	AUTO_FREE char *seed = lowered(text);
	struct draw draw = { .key = key, .seed = seed, .counter = { 0, try } };
	unsigned letters = is_hexadecimal(text) ? 6 : 26;
	char *out = xstrdup(text);

	for (size_t i = 0; out[i]; i++) {
		if (is_escape(out + i)) {
			/* F8 to FF are in no UTF-8, so the escape stays one (RFC 3629, 4). */
			if (strchr("89abcdefABCDEF", out[i + 2])) {
				out[i + 2] = 'f';
				out[i + 3] = "89abcdef"[draw_of(&draw, 8)];
			}
			/* A backslash that is escaped has an x behind it, else it would not be. */
			i += strncmp(out + i, "\\x5cx", 5) != 0 ? 3 : 4;
		} else if (isdigit((unsigned char)out[i]))
			out[i] = (char)('0' + draw_of(&draw, 10));
		else if (isupper((unsigned char)out[i]))
			out[i] = (char)('A' + draw_of(&draw, letters));
		else if (islower((unsigned char)out[i]))
			out[i] = (char)('a' + draw_of(&draw, letters));
	}
	return out;
}

static const char *number_start(const char *text)
{
	static const char *const before[] = { "0x",    "naa.", "eui.",
					      "uuid.", "GPU-", "wwn-0x" };

	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		if (!strncasecmp(text, before[i], strlen(before[i])))
			return text + strlen(before[i]);
	return text;
}

char *redact_digits(const char *text)
{
	char digits[HEX_MOST + 1];
	size_t len = 0;
	bool blank = true;

	text = number_start(text);
	for (; *text; text++) {
		if (isxdigit((unsigned char)*text)) {
			if (len == HEX_MOST)
				return NULL;
			digits[len++] = (char)tolower((unsigned char)*text);
			continue;
		}
		if (!strchr(":-. ", *text))
			return NULL;
	}
	digits[len] = '\0';
	if (len < HEX_LEAST)
		return NULL;
	for (size_t i = 1; i < len; i++)
		blank = blank && digits[i] == digits[0];
	return blank ? NULL : xstrdup(digits);
}

/* How many digits of the front say who made it: of an Ethernet address the first three bytes (IEEE 802), of
 * a WWN the kind of number and these (NAA 5 and 6). */
static size_t maker_digits(const char *digits)
{
	size_t len = strlen(digits);

	if (len == 12)
		return 6;
	if (len == 16)
		return *digits == '5' ? 7 : 6;
	return len == 32 && !strncmp(digits, "6", 1) && digits[12] != '4' ? 7 : 0;
}

bool redact_same_size(const char *digits, const char *other)
{
	size_t kept = maker_digits(digits);
	uint64_t one, two;

	if (strlen(digits) != 16 || parse_hex(digits + kept, UINT64_MAX, &one) ||
	    parse_hex(other + kept, UINT64_MAX, &two))
		return true;
	return snprintf(NULL, 0, "%llu", (unsigned long long)one) ==
	       snprintf(NULL, 0, "%llu", (unsigned long long)two);
}

char *redact_draw_hex(const unsigned char key[REDACT_KEY], const char *digits,
		      unsigned try)
{
	struct draw draw = { .key = key, .seed = digits, .counter = { 0, try } };
	size_t kept = maker_digits(digits);
	char *out = xstrdup(digits);

	for (size_t i = kept; out[i]; i++) {
		char digit = draw_hex_digit(&draw, false);

		/* A UUID's version and variant (RFC 9562, 4). */
		if (strlen(digits) != 32 || kept > 0 || (i != 12 && i != 16))
			out[i] = digit;
	}
	return out;
}

char *redact_draw_bytes(const unsigned char key[REDACT_KEY], const char *text,
			unsigned try)
{
	AUTO_FREE char *seed = lowered(text);
	struct draw draw = { .key = key, .seed = seed, .counter = { 0, try } };
	char *out = xstrdup(text);

	for (size_t i = 0; out[i]; i++)
		if (isxdigit((unsigned char)out[i]))
			out[i] = draw_hex_digit(&draw, isupper((unsigned char)out[i]));
	return out;
}

/* 10.1.2.3 becomes 10 and three other numbers; of fe80::12ff:1 the first group stays. */
char *redact_draw_address(const unsigned char key[REDACT_KEY], const char *text,
			  unsigned try)
{
	AUTO_FREE char *seed = lowered(text);
	struct draw draw = { .key = key, .seed = seed, .counter = { 0, try } };
	size_t first = strcspn(text, ".:");
	char *out;

	if (text[first] == '.')
		return xasprintf("%.*s.%u.%u.%u", (int)first, text,
				 64 + draw_of(&draw, 64), 64 + draw_of(&draw, 64),
				 64 + draw_of(&draw, 64));
	out = xstrdup(text);
	for (size_t i = first; out[i]; i++)
		if (isxdigit((unsigned char)out[i]))
			out[i] = draw_hex_digit(&draw, isupper((unsigned char)out[i]));
	return out;
}
