/* In which spellings an original may stand: with colons, as hexadecimal text, as EFI's bytes. */
#include "redact_known.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ALONE_LEAST                                                                      \
	6 /* a text of letters and digits, so long, is found inside words, too */

static void add(struct redact *redact, const void *from, size_t from_len, const void *to,
		size_t to_len, bool fold, bool alone)
{
	struct spelling *spelling;

	if (from_len < TEXT_LEAST)
		return;
	spelling = xcalloc(1, sizeof(*spelling));
	spelling->from = xcalloc(from_len + 1, 1);
	spelling->to = xcalloc(to_len + 1, 1);
	memcpy(spelling->from, from, from_len);
	memcpy(spelling->to, to, to_len);
	spelling->from_len = from_len;
	spelling->to_len = to_len;
	spelling->fold = fold;
	spelling->alone = alone;
	spelling->next = redact->all;
	redact->all = spelling;
}

static void add_text(struct redact *redact, const char *from, const char *to, bool alone)
{
	size_t len = strlen(from), to_len = strlen(to);
	AUTO_FREE char *wide_from = xcalloc(2 * len + 1, 1);
	AUTO_FREE char *wide_to = xcalloc(2 * to_len + 1, 1);

	add(redact, from, len, to, to_len, true, alone);
	for (size_t i = 0; i < len; i++)
		wide_from[2 * i] = from[i];
	for (size_t i = 0; i < to_len; i++)
		wide_to[2 * i] = to[i];
	/* UTF-16, as EFI writes it. */
	add(redact, wide_from, 2 * len, wide_to, 2 * to_len, true, alone);
}

/* Two digits a byte; owned by the caller. */
static char *hex_of(const char *bytes, size_t len)
{
	char *out = xcalloc(2 * len + 1, 1);

	for (size_t i = 0; i < len; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", (unsigned char)bytes[i]);
	return out;
}

/* A number alone may be a count; letters and digits together are hardly anything else. */
static bool is_telling(const char *text)
{
	bool letters = false, digits = false;

	for (const char *at = text; *at; at++) {
		letters = letters || isalpha((unsigned char)*at);
		digits = digits || isdigit((unsigned char)*at);
	}
	return letters && digits && strlen(text) >= ALONE_LEAST;
}

/* "\x1b" is one byte where the tool wrote it, and may be 0. */
static char *unescaped(const char *text, size_t *len)
{
	char *out = xcalloc(strlen(text) + 1, 1);

	for (*len = 0; *text; text++) {
		char pair[3] = "";
		uint64_t byte;

		if (text[0] == '\\' && text[1] == 'x' && text[2] && text[3]) {
			memcpy(pair, text + 2, 2);
			if (!parse_hex(pair, 255, &byte)) {
				out[(*len)++] = (char)byte;
				text += 3;
				continue;
			}
		}
		out[(*len)++] = *text;
	}
	return out;
}

void spell_text(struct redact *redact, const char *original, const char *to)
{
	size_t from_len, to_len;
	AUTO_FREE char *raw_from = unescaped(original, &from_len);
	AUTO_FREE char *raw_to = unescaped(to, &to_len);
	bool number = original[strspn(original, "0123456789")] == '\0';

	if (number && strlen(original) < ALONE_LEAST)
		return;
	add_text(redact, original, to, !is_telling(original));
	if (from_len < strlen(original))
		add(redact, raw_from, from_len, raw_to, to_len, true, true);
	spell_word(redact, original, to);
}

/* IPMI's FRU records have six bits a character, the first in the lowest bits (Platform Management FRU Information
 * Storage Definition, 13.2). Owned by the caller; NULL: it cannot be written so. */
static char *packed(const char *text, size_t len)
{
	size_t bytes = (6 * len + 7) / 8;
	AUTO_FREE char *out = xcalloc(bytes + 2, 1);

	for (size_t i = 0; i < len; i++) {
		unsigned c = (unsigned char)text[i] - 0x20u, at = (unsigned)(6 * i);

		if (c > 0x3f)
			return NULL;
		out[at / 8] = (char)((unsigned char)out[at / 8] | (c << at % 8 & 0xff));
		out[at / 8 + 1] =
			(char)((unsigned char)out[at / 8 + 1] | c >> (8 - at % 8));
	}
	return hex_of(out, bytes);
}

/* As in frames, in FRU records and in a transceiver's memory. */
void spell_word(struct redact *redact, const char *original, const char *to)
{
	size_t len = strlen(original), from_len, to_len;
	AUTO_FREE char *raw_from = unescaped(original, &from_len);
	AUTO_FREE char *raw_to = unescaped(to, &to_len);
	AUTO_FREE char *hex_from = hex_of(raw_from, from_len);
	AUTO_FREE char *hex_to = hex_of(raw_to, to_len);
	AUTO_FREE char *packed_from = packed(raw_from, from_len);
	AUTO_FREE char *packed_to = packed(raw_to, to_len);

	if (len >= TEXT_LEAST)
		add(redact, hex_from, strlen(hex_from), hex_to, strlen(hex_to), true,
		    false);
	if (packed_from && packed_to && len >= ALONE_LEAST)
		add(redact, packed_from, strlen(packed_from), packed_to,
		    strlen(packed_to), true, false);
	/* Bytes told as bytes, and numbers of two decimal digits a byte. */
	if (len >= BYTES_LEAST && len % 2 == 0 &&
	    !original[strspn(original, "0123456789abcdefABCDEF")] &&
	    !to[strspn(to, "0123456789abcdefABCDEF")])
		add(redact, original, len, to, len, true, false);
}

/* `digits` in groups of `size` with `between`; owned by the caller. */
static char *grouped(const char *digits, size_t size, char between)
{
	size_t len = strlen(digits), at = 0;
	char *out = xcalloc(2 * len + 1, 1);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && i % size == 0)
			out[at++] = between;
		out[at++] = digits[i];
	}
	return out;
}

static char *uuid_of(const char *digits)
{
	return xasprintf("%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12,
			 digits + 16, digits + 20);
}

/* The first three fields are little-endian in SMBIOS and EFI (RFC 9562, 4; UEFI 2.10, appendix A). */
static char *mixed_of(const char *digits)
{
	static const unsigned char order[16] = { 3, 2, 1,  0,  5,  4,  7,  6,
						 8, 9, 10, 11, 12, 13, 14, 15 };
	char *out = xcalloc(33, 1);

	for (size_t i = 0; i < 16; i++)
		memcpy(out + 2 * i, digits + 2 * (size_t)order[i], 2);
	return out;
}

static char *backwards(const char *digits)
{
	size_t len = strlen(digits) / 2;
	char *out = xcalloc(2 * len + 1, 1);

	for (size_t i = 0; i < len; i++)
		memcpy(out + 2 * i, digits + 2 * (len - 1 - i), 2);
	return out;
}

static void add_bytes(struct redact *redact, const char *digits, const char *to)
{
	unsigned char from_bytes[20] = { 0 }, to_bytes[20] = { 0 };
	size_t len = strlen(digits) / 2;
	bool text = true;

	for (size_t i = 0; i < len && i < sizeof(from_bytes); i++) {
		const char from_pair[3] = { digits[2 * i], digits[2 * i + 1], '\0' };
		const char to_pair[3] = { to[2 * i], to[2 * i + 1], '\0' };
		uint64_t from_byte = 0, to_byte = 0;

		if (parse_hex(from_pair, 255, &from_byte) ||
		    parse_hex(to_pair, 255, &to_byte))
			return;
		from_bytes[i] = (unsigned char)from_byte;
		to_bytes[i] = (unsigned char)to_byte;
		text = text && isprint((int)from_byte);
	}
	/* HP makes a UUID of the characters of the serial number: there it is that number that
	 * stands, as which it is found, and bytes in its place were no text any more. */
	if (text && len == 16)
		return;
	add(redact, from_bytes, len, to_bytes, len, false, false);
}

static void add_grouped(struct redact *redact, const char *digits, const char *to,
			size_t size, char between)
{
	AUTO_FREE char *from_text = grouped(digits, size, between);
	AUTO_FREE char *to_text = grouped(to, size, between);

	add_text(redact, from_text, to_text, true);
}

/* smartctl -j writes what follows the maker's part of a WWN or EUI-64 as a number. */
static void add_number(struct redact *redact, const char *digits, const char *to)
{
	size_t kept = *digits == '5' ? 7 : 6;
	uint64_t from_number, to_number;

	if (parse_hex(digits + kept, UINT64_MAX, &from_number) ||
	    parse_hex(to + kept, UINT64_MAX, &to_number))
		return;
	AUTO_FREE char *from_text = xasprintf("%llu", (unsigned long long)from_number);
	AUTO_FREE char *to_text = xasprintf("%llu", (unsigned long long)to_number);

	if (strlen(from_text) >= ALONE_LEAST)
		add(redact, from_text, strlen(from_text), to_text, strlen(to_text), false,
		    true);
}

void spell_hex(struct redact *redact, const char *digits, const char *to)
{
	size_t len = strlen(digits);

	add_text(redact, digits, to, len < 12);
	add_grouped(redact, digits, to, 2, ':');
	add_grouped(redact, digits, to, 2, '-');
	add_grouped(redact, digits, to, 2, ' ');
	if (len == 12)
		add_grouped(redact, digits, to, 4, '.');
	if (len == 12 || len == 16 || len == 32)
		add_bytes(redact, digits, to);
	if (len == 16) {
		AUTO_FREE char *from_back = backwards(digits), *to_back = backwards(to);

		add_grouped(redact, digits, to, 4, ':');
		add_number(redact, digits, to);
		/* An EUI-64 in EFI's device path (UEFI 2.10, 10.3.4.21). */
		add_bytes(redact, from_back, to_back);
	}
	if (len == 32) {
		AUTO_FREE char *from_uuid = uuid_of(digits), *to_uuid = uuid_of(to);
		AUTO_FREE char *from_mixed = mixed_of(digits), *to_mixed = mixed_of(to);
		AUTO_FREE char *from_back = backwards(digits), *to_back = backwards(to);

		add_text(redact, from_uuid, to_uuid, true);
		add(redact, from_mixed, 32, to_mixed, 32, true, false);
		/* IPMI sends the last byte first (IPMI 2.0, 20.8). */
		add(redact, from_back, 32, to_back, 32, true, false);
		add_grouped(redact, from_mixed, to_mixed, 2, ' ');
		add_bytes(redact, from_mixed, to_mixed);
	}
}

/* What stands before an address: LLDP has its length and IANA's number of the family (IEEE 802.1AB, 8.5.9),
 * IPMI's answer the parameter's revision (IPMI 2.0, 23.2). Of IPv6 it is long enough by itself. */
void spell_address(struct redact *redact, const char *original, const char *to)
{
	static const struct {
		int family;
		size_t len;
		const char *before;
	} families[] = { { AF_INET, 4, "0501" },
			 { AF_INET, 4, "11" },
			 { AF_INET6, 16, "" } };

	add_text(redact, original, to, true);
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		char from_bytes[16], to_bytes[16];

		if (inet_pton(families[i].family, original, from_bytes) != 1 ||
		    inet_pton(families[i].family, to, to_bytes) != 1)
			continue;
		AUTO_FREE char *from_hex = hex_of(from_bytes, families[i].len);
		AUTO_FREE char *to_hex = hex_of(to_bytes, families[i].len);
		AUTO_FREE char *from_tlv =
			xasprintf("%s%s", families[i].before, from_hex);
		AUTO_FREE char *to_tlv = xasprintf("%s%s", families[i].before, to_hex);

		add(redact, from_tlv, strlen(from_tlv), to_tlv, strlen(to_tlv), true,
		    false);
	}
}
