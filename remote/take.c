/* Reading signed text: lines and words that are as they must be, or the text is refused. */
#include "take.h"
#include "days.h"

#include <sodium.h>
#include <string.h>

static bool is_text(char byte)
{
	return (byte >= ' ' && byte <= '~') || byte == '\t';
}

const char *take_trouble(const char *at, size_t len)
{
	if (len >= 3 && !memcmp(at, "\xef\xbb\xbf", 3))
		return ": a byte order mark is before it";
	for (; len; at++, len--)
		if (!is_text(*at) && *at != '\n')
			return *at == '\r'  ? ": a carriage return (CRLF) is in it"
			       : *at & 0x80 ? ": a byte that is no ASCII is in it"
					    : ": a control character is in it";
	return "";
}

struct take take_begin(const char *text, size_t len)
{
	return (struct take){ text, text + len, 0, "" };
}

int take_line(struct take *take, char *out, size_t size)
{
	size_t left = (size_t)(take->end - take->at), len;
	const char *newline = left ? memchr(take->at, '\n', left) : NULL;

	len = newline ? (size_t)(newline - take->at) : left;
	take->why = take_trouble(take->at, len);
	if (!*take->why && left && !newline)
		take->why = ": no newline (LF) is at its end";
	else if (!*take->why && len >= size)
		take->why = ": it is too long";
	if (!left || *take->why)
		return -1;
	memcpy(out, take->at, len);
	out[len] = '\0';
	take->at = newline + 1;
	take->line++;
	return 0;
}

const char *take_why(const struct take *take)
{
	return take->why ?: "";
}

const char *take_value(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(line, name, len) != 0 || line[len] != ' ' || !line[len + 1])
		return NULL;
	return line + len + 1;
}

/* `count` digits as a number; -1: something else is there. */
static int digits(const char *at, unsigned count)
{
	int value = 0;

	for (unsigned i = 0; i < count; i++) {
		if (at[i] < '0' || at[i] > '9')
			return -1;
		value = 10 * value + at[i] - '0';
	}
	return value;
}

/* Not timegm(3) and gmtime(3): they open /etc/localtime, and no file can be opened where this is read. */
static int64_t month_days(int64_t year, int64_t month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

int take_time(const char *text, int64_t *out)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	int64_t year, month, day, hour, minute, second;

	if (strlen(text) != sizeof(form) - 1)
		return -1;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? digits(text + i, 1) < 0 : text[i] != form[i])
			return -1;
	year = digits(text, 4);
	month = digits(text + 5, 2);
	day = digits(text + 8, 2);
	hour = digits(text + 11, 2);
	minute = digits(text + 14, 2);
	second = digits(text + 17, 2);
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month) || hour > 23 || minute > 59 || second > 59)
		return -1;
	*out = days_from_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 +
	       second;
	return 0;
}

const char *time_text(int64_t time, char out[TIME_TEXT])
{
	int64_t day = time / 86400, second = time % 86400, year = 1970, month = 1;

	(void)snprintf(out, TIME_TEXT, "?");
	if (time < 0 || time >= days_from_1970(10000, 1, 1) * 86400)
		return out;
	while (days_from_1970(year + 1, 1, 1) <= day)
		year++;
	while (month < 12 && days_from_1970(year, month + 1, 1) <= day)
		month++;
	(void)snprintf(out, TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		       (unsigned)year % 10000, (unsigned)month % 100,
		       (unsigned)(day - days_from_1970(year, month, 1) + 1) % 100,
		       (unsigned)(second / 3600) % 100, (unsigned)(second / 60) % 60,
		       (unsigned)second % 60);
	return out;
}

int take_sha256(const char *text, unsigned char out[SHA256_BYTES])
{
	if (strlen(text) != SHA256_HEX || strspn(text, "0123456789abcdef") != SHA256_HEX)
		return -1;
	return sodium_hex2bin(out, SHA256_BYTES, text, SHA256_HEX, NULL, NULL, NULL);
}

const char *sha256_text(const unsigned char sha256[SHA256_BYTES],
			char out[SHA256_HEX + 1])
{
	return sodium_bin2hex(out, SHA256_HEX + 1, sha256, SHA256_BYTES);
}

int take_number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t value;

	if ((text[0] == '0' && text[1]) || parse_u64(text, max, &value) || value < min)
		return -1;
	*out = value;
	return 0;
}

bool is_name(const char *text, size_t max)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789._-");

	return len && len <= max && !text[len] && text[0] != '.' && text[0] != '-';
}

bool take_path(const char *path)
{
	if (path[0] != '/' || !path[1] || strlen(path) > TAKE_PATH_MAX)
		return false;
	for (const char *at = path; at; at = strchr(at + 1, '/')) {
		size_t len = strcspn(at + 1, "/");

		if (!len || (len == 1 && at[1] == '.') ||
		    (len == 2 && at[1] == '.' && at[2] == '.'))
			return false;
	}
	return !path[strcspn(path, " \t")];
}
