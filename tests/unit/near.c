/* What is asked of a word that is almost a known one, at the lengths where the asking ends. */
#include "parser.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

/* 40 bytes are the longest word that is compared (near.c). */
#define TEN "abcdefghij"
#define FORTY TEN TEN TEN TEN

static const char *const *known;

static const char *known_at(size_t i)
{
	return known[i];
}

/* The name that an unknown `text` is taken for, or "". */
static void meant(const char *text, const char *const *names, char out[100])
{
	static struct parser parser;
	struct word word = { text, 1 };
	char *said = NULL, *at;
	size_t size;

	known = names;
	parser = (struct parser){ .file = "f", .errors = open_memstream(&said, &size) };
	CHECK(parser.errors);
	parse_unknown(&parser, &word, "word", known_at);
	CHECK_INT(fclose(parser.errors), 0);
	CHECK_INT(parser.error_count, 1);
	CHECK(strstr(said, "unknown word '"));
	at = strstr(said, ": is it '");
	(void)snprintf(out, 100, "%s", at ? at + strlen(": is it '") : "");
	out[strcspn(out, "'")] = '\0';
	free(said);
}

static void test_near(void)
{
	static const struct {
		const char *text;
		const char *names[3];
		const char *meant;
	} cases[] = {
		{ "uidd", { "uid", NULL }, "uid" },
		{ "udi", { "uid", NULL }, "uid" }, /* two that are swapped are one slip */
		{ "xyz", { "uid", NULL }, "" },
		{ "raed", { "write", "read", NULL }, "read" },
		{ "read", { "reads", "real", NULL }, "reads" }, /* the first of two */
		{ "x" TEN TEN TEN "abcdefghi", { FORTY, NULL }, FORTY },
		{ "x" FORTY, { FORTY, NULL }, "" },
		{ FORTY, { "x" FORTY, NULL }, "" },
		{ FORTY,
		  { FORTY TEN, TEN TEN TEN "abcdefghi", NULL },
		  TEN TEN TEN "abcdefghi" },
	};
	char got[100];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		meant(cases[i].text, cases[i].names, got);
		CHECK_STR(got, cases[i].meant);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a word that is almost a known one is asked about, up to 40 bytes",
		  test_near, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
