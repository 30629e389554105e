/* bee-ipmi's lines: names, numbers, bytes. */
#include "ipmi_lines.h"

#include <stdlib.h>
#include <string.h>

static const char first_line[] = "bee-ipmi\t1\n";

bool ipmi_lines_are(const struct input *in)
{
	return in->len >= strlen("bee-ipmi\t") &&
	       !memcmp(in->text, first_line, strlen("bee-ipmi\t"));
}

void ipmi_lines_open(struct ipmi_reader *reader, const struct input *in)
{
	*reader = (struct ipmi_reader){
		.rest = { in->text, in->len },
		.bytes = xcalloc(in->len / 2 + 1, 1),
	};
	/* Another version's lines are strange ones. */
	(void)text_skip(&reader->rest, first_line);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool bytes_take(struct ipmi_reader *reader, struct span hex,
		       struct ipmi_line *line)
{
	uint8_t *out = reader->bytes + reader->used;

	if (hex.len % 2 != 0)
		return false;
	for (size_t i = 0; i < hex.len; i += 2) {
		int high = digit(hex.at[i]), low = digit(hex.at[i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	line->bytes = out;
	line->len = hex.len / 2;
	reader->used += line->len;
	return true;
}

static bool line_parse(struct ipmi_reader *reader, struct span text,
		       struct ipmi_line *line)
{
	struct span number;
	uint64_t value;

	*line = (struct ipmi_line){ .number = 0 };
	if (!text_cut(&text, '\t', &line->name) || !text_cut(&text, '\t', &number) ||
	    text_u64(number, &value) || value > UINT16_MAX)
		return false;
	line->number = (unsigned)value;
	if (text_skip(&text, "!")) {
		line->why = text;
		return text.len > 0 && text.len < 32;
	}
	return bytes_take(reader, text, line);
}

bool ipmi_lines_next(struct ipmi_reader *reader, struct ipmi_line *line)
{
	struct span text;

	while (text_line(&reader->rest, &text)) {
		/* What was cut off inside a line may be half a value. */
		if (reader->rest.len == 0 && text.at[text.len] != '\n')
			return false;
		if (!line_parse(reader, text, line)) {
			strange_add(&reader->strange, text);
		} else if (text_is(line->name, "end")) {
			reader->ended = true;
			return false;
		} else {
			return true;
		}
	}
	return false;
}

void ipmi_lines_close(struct ipmi_reader *reader, const char *where, struct output *out)
{
	strange_tell(&reader->strange, out, where, "", "lines are not understood");
	if (!reader->ended)
		collect_error(out, where, "the BMC was not read to the end");
	free(reader->bytes);
	reader->bytes = NULL;
}

bool ipmi_lines_short(const struct ipmi_line *line, size_t least, const char *where,
		      struct output *out)
{
	if (line->len >= least)
		return false;
	collect_error(out, where, "%.*s %u: an answer of %zu bytes",
		      (int)(line->name.len & 31), line->name.at, line->number, line->len);
	return true;
}

/* gmtime(3) may look for a time zone's file; the years of 32 bits need no more than this.
 */
void ipmi_time(char buffer[IPMI_TIME_SIZE], uint64_t seconds)
{
	static const unsigned month_days[] = { 31, 28, 31, 30, 31, 30,
					       31, 31, 30, 31, 30, 31 };
	unsigned days = (unsigned)(seconds / 86400), second = (unsigned)(seconds % 86400);
	unsigned year = 1970, month = 0;

	for (;; year++) {
		unsigned length =
			year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365;

		if (days < length || year > 9998) {
			for (; month < 11; month++) {
				unsigned n =
					month_days[month] + (month == 1 && length == 366);

				if (days < n)
					break;
				days -= n;
			}
			break;
		}
		days -= length;
	}
	(void)snprintf(buffer, IPMI_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		       year % 10000, month + 1, days % 31 + 1, second / 3600,
		       second / 60 % 60, second % 60);
}
