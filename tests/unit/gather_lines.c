/* Whole lines from hostile pipes: what arrives, what is capped. */
#include "lines.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static char got[256];
static unsigned calls;
static size_t longest;

static void take(void *arg, const char *line, size_t len)
{
	size_t have = strlen(got);

	(void)arg;
	calls++;
	if (len > longest)
		longest = len;
	if (len < 32 && have + len + 2 < sizeof(got)) {
		memcpy(got + have, line, len);
		memcpy(got + have + len, "|", 2);
	}
}

static void feed(struct lines *lines, const char *text)
{
	lines_feed(lines, text, strlen(text), take, NULL);
}

static void test_pieces(void)
{
	struct lines lines = { 0 };

	feed(&lines, "one\ntw");
	feed(&lines, "");
	feed(&lines, "o\n");
	feed(&lines, "\nfour");
	CHECK_STR(got, "one|two||");
	lines_end(&lines);
	CHECK_STR(got, "one|two||");
	CHECK_INT(lines.trouble, LINES_UNFINISHED);
}

static void test_byte_by_byte(void)
{
	struct lines lines = { 0 };
	const char *text = "alpha\nbeta\n";

	for (size_t i = 0; text[i]; i++)
		lines_feed(&lines, text + i, 1, take, NULL);
	lines_end(&lines);
	CHECK_STR(got, "alpha|beta|");
	CHECK_INT(lines.trouble, 0);
}

static void feed_run(struct lines *lines, char byte, size_t len)
{
	static char run[65536];

	memset(run, byte, sizeof(run));
	while (len > 0) {
		size_t part = len < sizeof(run) ? len : sizeof(run);

		lines_feed(lines, run, part, take, NULL);
		len -= part;
	}
}

static void test_long_line(void)
{
	struct lines lines = { 0 };

	feed_run(&lines, 'x', LINES_LINE_MAX);
	feed(&lines, "\n");
	CHECK_INT(longest, LINES_LINE_MAX);
	CHECK_INT(lines.trouble, 0);
	feed_run(&lines, 'x', LINES_LINE_MAX + 1);
	CHECK(lines.partial.room == 0);
	feed(&lines, "\nafter\n");
	lines_end(&lines);
	CHECK_STR(got, "after|");
	CHECK_INT(calls, 2);
	CHECK_INT(lines.trouble, LINES_LONG);
}

static void test_long_line_at_once(void)
{
	struct lines lines = { 0 };
	char *big = malloc(LINES_LINE_MAX + 3);

	CHECK(big != NULL);
	memset(big, 'y', LINES_LINE_MAX + 3);
	memcpy(big + LINES_LINE_MAX + 1, "\n\n", 2);
	lines_feed(&lines, big, LINES_LINE_MAX + 3, take, NULL);
	CHECK_STR(got, "|");
	CHECK_INT(lines.trouble, LINES_LONG);
	lines_end(&lines);
	free(big);
}

static void test_many_lines(void)
{
	struct lines lines = { 0 };

	feed_run(&lines, '\n', LINES_COUNT_MAX + 100);
	feed_run(&lines, 'z', 100000);
	CHECK_INT(calls, LINES_COUNT_MAX);
	CHECK(lines.partial.room == 0);
	lines_end(&lines);
	CHECK_INT(lines.trouble, LINES_MANY);
}

static void test_total(void)
{
	struct lines lines = { 0 };

	for (int i = 0; i < 40; i++) {
		feed_run(&lines, 'a', LINES_LINE_MAX / 2);
		feed(&lines, "\n");
	}
	CHECK_INT(lines.total, LINES_TOTAL_MAX);
	CHECK_INT(calls, 31);
	lines_end(&lines);
	CHECK_INT(lines.trouble, LINES_FULL);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "lines come whole from any pieces, an unfinished one is noted",
		  test_pieces, 0 },
		{ "one byte at a time is no different", test_byte_by_byte, 0 },
		{ "a line over 1 MiB is left out, the next one is kept", test_long_line,
		  0 },
		{ "also when it comes in one piece", test_long_line_at_once, 0 },
		{ "after 20000 lines nothing is kept", test_many_lines, 0 },
		{ "after 16 MiB nothing is kept", test_total, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
