/* Tells the strings that firmware vendors leave in place of data. */
#include "placeholder.h"
#include "util.h"

#include <string.h>

/*
 * Whole texts in lower case, without dots and blanks at the end. '#' is one or more
 * digits; '*' at the end is anything, '%' at the begin too. Seen on shipped machines of many vendors; the
 * AMI, Phoenix and Insyde defaults are most of it.
 */
/* clang-format off */
static const char *const texts[] = {
	/* dmidecode's own words for "no string" */
	"not specified", "<bad index>", "<out of spec>", "not present", "not settable",
	/* words */
	"none", "null", "(null)", "n/a", "na", "unknown", "undefined", "undefine",
	"unspecified", "invalid", "empty", "[empty]", "default", "default string",
	"$(default_string)", "oem", "o.e.m", "sku", "no dimm", "no module installed",
	"not available", "not applicable", "not defined", "bad index", "part component",
	"not set", "not provided", "notspecified", "not installed", "(none)", "[unknown]",
	"% not set", "none provided", "(null string)", "nil", "unknow", "tbd", "dummy",
	"reserved", "no module", "invalid serial", "eval", "iatpass", "oem_serial",
	"default string#", "oem default string#", "unknown manufacturer",
	/* instructions */
	"to be filled*", "tobefilled*", "to be set by oem", "to be defined*", "tbd by oem",
	"enter serial", "filled by oem*", "fill by oem*", "fill by o.e.m*", "fillbyoem*",
	/* the field's own name */
	"system manufacturer", "system product name", "system name", "system version",
	"%serial number", "%part number", "%asset tag", "% sn", "serial", "serialnumber",
	"serial number x*", "systemserialnumb*", "s/n",
	"system sku", "system skunumber", "%sku number", "system family", "system uuid",
	"product name", "base board manufacturer", "base board product name",
	"base board version", "board version", "board location", "chassis manufacture",
	"chassis manufacturer", "chassis version", "chassis location", "no enclosure",
	"no asset information", "skunumber", "type# - *", "type # - *", "oem_define#",
	"type#family", "type#sku#", "type#productconfigid",
	/* numbers; those that count up are is_counted's */
	"01234567890123456789ab", "9876543210", "0987654321", "fedcba98765432*",
	"123456789000", "asset-1234567890", "mb-1234567890", "sys-1234567890",
	"sys-9876543210", "sn-12345", "sn-1234567890", "bsn12345678901234567", ".pcie#",
	/* memory slots numbered by the firmware */
	"sernum#", "partnum#", "assettagnum#", "manufacturer#", "modulepartnumber#",
	"%_sernum#", "%_partnum#", "%_assettagnum#", "%_manufacturer#",
	"array#_partnumber#", "dimm#_sernum", "dimm#_partnum", "dimm#_manufacturer",
	"%_assettag", "%_assettag#", "%_assettag (date:*", "% assettag",
	/* UUIDs of reference firmware */
	"03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009",
	"12345678-1234-5678-90ab-cddeefaabbcc", "12345678-1234-1234-1234-123456789abc",
	"78563412-3412-7856-90ab-cddeefaabbcc", "4c4c4544-0000-2010-8020-80c04f202020",
	"ffffff00-ffff-ffff-ffff-ffffffffffff", "12345678-90ab-cdef-1234-567890abcdef",
	"6ab5b300-538d-1014-9fb5-b0684d007b53", "f0960000-0000-1000-8000-000000000000",
	"gpu-00000000-0000-0000-0000-000000000000",
	"01234567-8910-1112-1314-151617181920", "03020100-0504-0706-0809-0a0b0c0d0e0f",
	"11111111-2222-3333-4444-555555555555", "00112233-4455-6677-8899-aabbccddeeff",
};
/* clang-format on */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool matches_at(const char *bytes, size_t len, const char *pattern)
{
	size_t i = 0;

	for (; *pattern; pattern++) {
		if (*pattern == '*')
			return true;
		if (*pattern == '#') {
			size_t first = i;

			while (i < len && is_digit(bytes[i]))
				i++;
			if (i == first)
				return false;
			continue;
		}
		if (i == len || lower(bytes[i]) != *pattern)
			return false;
		i++;
	}
	return i == len;
}

static bool matches(const char *bytes, size_t len, const char *pattern)
{
	if (*pattern != '%')
		return matches_at(bytes, len, pattern);
	for (size_t i = 0; i < len; i++)
		if (matches_at(bytes + i, len - i, pattern + 1))
			return true;
	return false;
}

/* "0123456789", "123456", "12345678901234567890", with "ABCDEF" or without. */
static bool is_counted(const char *bytes, size_t len)
{
	size_t digits = 1;

	if (len < 6 || (bytes[0] != '0' && bytes[0] != '1'))
		return false;
	while (digits < len && is_digit(bytes[digits]) &&
	       bytes[digits] == '0' + (bytes[digits - 1] - '0' + 1) % 10)
		digits++;
	return digits == len ||
	       matches_at(bytes + digits - 1, len - digits + 1, "9abcdef") ||
	       matches_at(bytes + digits - 1, len - digits + 1, "0abcdef");
}

/* A UUID of one byte sixteen times: 01010101-0101-0101-0101-010101010101. */
static bool is_one_byte(const char *bytes, size_t len)
{
	if (len != 36)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		size_t digit = i - (i > 8) - (i > 13) - (i > 18) - (i > 23);

		if (dash ? bytes[i] != '-' : lower(bytes[i]) != lower(bytes[digit % 2]))
			return false;
	}
	return true;
}

/* Nothing but punctuation, or one character again and again that stands for nothing. */
static bool is_filler(const char *bytes, size_t len, enum placeholder_kind kind)
{
	size_t count = 0, punctuation = 0;
	char only = '\0';

	if (len > 2 && bytes[0] == '0' && lower(bytes[1]) == 'x') {
		bytes += 2;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++) {
		char c = lower(bytes[i]);

		if (c != '\0' && strchr(" .-_:*#?/", c)) {
			punctuation++;
			continue;
		}
		if (count > 0 && c != only)
			return false;
		only = c;
		count++;
	}
	if (count == 0)
		return true;
	if (only == 'x')
		return count >= 2;
	if (count >= 7 && punctuation == 0 && kind == PLACEHOLDER_IDENTITY)
		return true;
	if (only != '0' && only != 'f')
		return false;
	if (kind ==
	    PLACEHOLDER_WORDS) /* "0.0.0.0" is a version, "0000" no maker's code */
		return count >= 4 && punctuation == 0;
	return only == '0' || count >= 4;
}

bool placeholder_is(const char *bytes, size_t len, enum placeholder_kind kind)
{
	if (is_filler(bytes, len, kind))
		return true;
	while (len > 0 && (bytes[len - 1] == '.' || bytes[len - 1] == ' '))
		len--;
	while (len > 0 && *bytes == ' ') {
		bytes++;
		len--;
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (matches(bytes, len, texts[i]))
			return true;
	return is_counted(bytes, len) || is_one_byte(bytes, len) ||
	       placeholder_is_words(bytes, len) || placeholder_is_hex_blank(bytes, len) ||
	       placeholder_is_blanks_in_hex(bytes, len) ||
	       (kind == PLACEHOLDER_IDENTITY && placeholder_is_count(bytes, len));
}
