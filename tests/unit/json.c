/* JSON from anybody: what is kept, what is repaired, what is refused. */
#include "json.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char reason[128];

static json_t *load(const char *text, size_t len, unsigned wanted)
{
	unsigned repairs = 0x80;
	json_t *value =
		json_load_hostile(text, len, NULL, &repairs, reason, sizeof(reason));

	if (!value)
		tap_fail(__FILE__, __LINE__, "refused: %s", reason);
	CHECK_INT(repairs, wanted);
	return value;
}

/* Loads `text` and compares it, printed again, with `wanted`. */
static void check_load(const char *text, unsigned repairs, const char *wanted)
{
	AUTO_JSON json_t *value = load(text, strlen(text), repairs);
	AUTO_FREE char *got =
		json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

	CHECK_STR(got, wanted);
}

static void check_refused(const char *text, size_t len)
{
	unsigned repairs = 0;

	memset(reason, 0, sizeof(reason));
	if (json_load_hostile(text, len, NULL, &repairs, reason, sizeof(reason)))
		tap_fail(__FILE__, __LINE__, "taken: %.40s", text);
	CHECK(!strncmp(reason, "byte ", 5));
}

static void refused(const char *text)
{
	check_refused(text, strlen(text));
}

static void plain(void)
{
	check_load(" {\"b\":[1,-2,3.5,1e3,true,false,null,\"x\"],\"a\":{}} \n", 0,
		   "{\"a\":{},\"b\":[1,-2,3.5,1000.0,true,false,null,\"x\"]}");
	check_load("12", 0, "12");
	check_load("\"\\u00e9 \\ud83d\\ude00 \\/ \\\\\"", 0,
		   "\"\u00e9 \U0001f600 / \\\\\"");
	check_load("9223372036854775807", 0, "9223372036854775807");
	check_load("-9223372036854775807", 0, "-9223372036854775807");
}

static void big_numbers(void)
{
	check_load("[9223372036854775808]", JSON_BIG_NUMBER, "[\"9223372036854775808\"]");
	check_load("[18446744073709551616]", JSON_BIG_NUMBER,
		   "[\"18446744073709551616\"]");
	check_load("[340282366920938463463374607431768211455]", JSON_BIG_NUMBER,
		   "[\"340282366920938463463374607431768211455\"]");
	check_load("[1e400,-1e400]", JSON_BIG_NUMBER, "[\"1e400\",\"-1e400\"]");
}

static void long_number(void)
{
	char text[2002];
	AUTO_JSON json_t *value = NULL;

	memset(text, '7', sizeof(text));
	text[0] = '[';
	text[2001] = ']';
	value = load(text, sizeof(text), JSON_BIG_NUMBER);
	CHECK_INT(json_string_length(json_array_get(value, 0)), 2000);
}

static void deep(void)
{
	static char text[200001];
	char fits[2 * JSON_DEPTH_MAX + 1] = "";

	memset(text, '[', 100000);
	check_refused(text, 100000);
	memset(text + 100000, ']', 100000);
	check_refused(text, 200000);
	for (size_t i = 0; i < 200000; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	check_refused(text, 200000);
	memset(fits, '[', JSON_DEPTH_MAX);
	memset(fits + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	check_load(fits, 0, fits);
}

/* A caller's own limits: the gatherer takes less depth, bee-report more values. */
static void own_limits(void)
{
	static const struct json_limits few = { .depth = 2, .values = 3 };
	unsigned repairs = 0;
	json_t *value;

	value = json_load_hostile("[[1]]", 5, &few, &repairs, reason, sizeof(reason));
	CHECK(value != NULL);
	json_decref(value);
	CHECK(!json_load_hostile("[[1,2]]", 7, &few, &repairs, reason, sizeof(reason)));
	CHECK_STR(reason, "byte 5: more than 3 values");
	CHECK(!json_load_hostile("[[[]]]", 6, &few, &repairs, reason, sizeof(reason)));
	CHECK_STR(reason, "byte 2: nested deeper than 2");
}

static size_t allocations_left;

static void *few_malloc(size_t size)
{
	return allocations_left && allocations_left-- ? malloc(size) : NULL;
}

/* Whichever allocation fails: an error, never the end of the program. */
static void no_memory(void)
{
	static const char document[] = "{\"a\":[1,\"x\",\"\xff\",{}],\"b\":1.5,"
				       "\"c\":99999999999999999999,\"d\":[0,0,0,0,0,0,0,"
				       "0,0,0,0,0,0,0,0,0],\"e\":{\"f\":null}}";
	unsigned repairs = 0, failed = 0;
	json_t *value = NULL;

	json_set_alloc_funcs(few_malloc, free);
	while (!value) {
		allocations_left = failed;
		value = json_load_hostile(document, sizeof(document) - 1, NULL, &repairs,
					  reason, sizeof(reason));
		if (!value)
			CHECK(strstr(reason, "no memory") != NULL);
		failed++;
	}
	CHECK(failed > 20);
	json_decref(value);
	json_set_alloc_funcs(malloc, free);
}

static void many(void)
{
	AUTO_FREE char *text = xcalloc(2 * JSON_VALUES_MAX + 2, 1);

	for (size_t i = 0; i <= JSON_VALUES_MAX; i++)
		memcpy(text + 2 * i, i ? "1," : "[ ", 2);
	check_refused(text, 2 * JSON_VALUES_MAX + 2);
}

static void duplicates(void)
{
	check_load("{\"a\":1,\"a\":2,\"b\":{\"a\":3}}", JSON_DUPLICATE,
		   "{\"a\":1,\"b\":{\"a\":3}}");
	check_load("{\"a\":{\"x\":1},\"a\":{\"y\":2}}", JSON_DUPLICATE,
		   "{\"a\":{\"x\":1}}");
}

static void bad_bytes(void)
{
	check_load("[\"a\xff\xc3\"]", JSON_BAD_UTF8, "[\"a\\\\xff\\\\xc3\"]");
	check_load("[\"a\x1b[2J\n\"]", JSON_BAD_UTF8, "[\"a\\\\x1b[2J\\\\x0a\"]");
	check_load("[\"\\u0000\\u001b\\u007f\"]", JSON_BAD_UTF8,
		   "[\"\\\\x00\\\\x1b\\\\x7f\"]");
	check_load("[\"\\ud800\"]", JSON_BAD_UTF8, "[\"\\\\xed\\\\xa0\\\\x80\"]");
	check_load("[\"\\udc00x\"]", JSON_BAD_UTF8, "[\"\\\\xed\\\\xb0\\\\x80x\"]");
	check_load("[\"\\ud800\\u0041\"]", JSON_BAD_UTF8, "[\"\\\\xed\\\\xa0\\\\x80A\"]");
	check_load(
		"[\"\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\"]", JSON_BAD_UTF8,
		"[\"\\\\xc0\\\\xaf\\\\xed\\\\xa0\\\\x80\\\\xf4\\\\x90\\\\x80\\\\x80\"]");
	check_load("{\"k\xff\":1}", JSON_BAD_UTF8, "{\"k\\\\xff\":1}");
	check_load("[\"\\u202e\\u0085\"]", JSON_BAD_UTF8,
		   "[\"\\\\xe2\\\\x80\\\\xae\\\\xc2\\\\x85\"]");
}

static void escaped_once(void)
{
	check_load("[\"a\\\\xff\"]", 0, "[\"a\\\\xff\"]");
}

static void nul_byte(void)
{
	static const char text[] = "[\"a\0b\"]";
	AUTO_JSON json_t *value = load(text, sizeof(text) - 1, JSON_BAD_UTF8);

	CHECK_STR(json_string_value(json_array_get(value, 0)), "a\\x00b");
	check_refused("\"\\u1\0ab\"", 8);
	check_refused("[1,\0]", 5);
}

static void not_json(void)
{
	static const char *const texts[] = {
		"",
		"  \n",
		"nul",
		"\"half",
		"-",
		"]",
		"{]",
		"[1 2]",
		"[1,]",
		"{\"a\" 1}",
		"{a:1}",
		"{1:2}",
		"[01]",
		"[+1]",
		"[.5]",
		"[1.]",
		"[1e]",
		"[nan]",
		"[\"\\q\"]",
		"[\"\\u12g4\"]",
		"[\"\\u0x12\"]",
		"usage: smartctl",
		"[truE]",
		"[1-2]",
		"{\"a\":}",
		"{,}",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		refused(texts[i]);
}

static void trailing(void)
{
	check_load("{\"a\":1}{\"b\":2}", JSON_TRAILING, "{\"a\":1}");
	check_load("[1] \n\x1b", JSON_TRAILING, "[1]");
}

static void cuts(void)
{
	check_load("{", JSON_CUT, "{}");
	check_load("{\"a\":1,\"b\":2", JSON_CUT, "{\"a\":1}");
	check_load("{\"a\":1,\"b\":\"tw", JSON_CUT, "{\"a\":1}");
	check_load("{\"a\":1,\"b\":\"two\"", JSON_CUT, "{\"a\":1,\"b\":\"two\"}");
	check_load("{\"a\":{\"b\":[1,{\"c\":true,\"d\":fal", JSON_CUT,
		   "{\"a\":{\"b\":[1,{\"c\":true}]}}");
	check_load("[\"\\ud83d\\ude0", JSON_CUT, "[]");
	check_load("[\"\\", JSON_CUT, "[]");
}

/* smartctl's shape and kinds of values: nesting, escapes, arrays of objects, big numbers.
 */
static const char smart[] =
	"{\n  \"json_format_version\": [1, 0],\n  \"smartctl\": {\"version\": [7, 3], "
	"\"argv\": [\"smartctl\", \"-j\", \"-x\", \"/dev/sda\"], \"messages\": "
	"[{\"string\": "
	"\"Warning: \\\"x\\\" \\u00e9\", \"severity\": \"warning\"}], \"exit_status\": "
	"64},\n"
	"  \"model_name\": \"TEST DISK \xc3\xa9\",\n  \"wwn\": {\"naa\": 5, \"oui\": "
	"3152, "
	"\"id\": 4294967296},\n  \"ata_smart_attributes\": {\"table\": [{\"id\": 5, "
	"\"raw\": "
	"{\"value\": 0}}, {\"id\": 197, \"raw\": {\"value\": 12, \"string\": "
	"\"12\"}}]},\n"
	"  \"ratio\": -1.25e-2, \"big\": 18446744073709551616, \"none\": null, "
	"\"smart_status\": {\"passed\": true}, \"dead\": false\n}\n";

/* Every scalar of `part` is in `whole` at the same place; returns how many there are. */
static size_t contained(const json_t *part, const json_t *whole)
{
	size_t sum = 0;
	const char *key;
	json_t *value;

	CHECK(whole);
	CHECK_INT(json_typeof(part), json_typeof(whole));
	if (json_is_array(part)) {
		for (size_t i = 0; i < json_array_size(part); i++)
			sum += contained(json_array_get(part, i),
					 json_array_get(whole, i));
		return sum;
	}
	if (!json_is_object(part)) {
		CHECK(json_equal(part, whole));
		return 1;
	}
	for (void *at = json_object_iter((json_t *)(uintptr_t)part); at;
	     at = json_object_iter_next((json_t *)(uintptr_t)part, at)) {
		key = json_object_iter_key(at);
		value = json_object_iter_value(at);
		sum += contained(value, json_object_get(whole, key));
	}
	return sum;
}

static void every_prefix(void)
{
	const size_t len = sizeof(smart) - 1;
	AUTO_JSON json_t *whole = load(smart, len, JSON_BIG_NUMBER);
	size_t before = 0, all = contained(whole, whole);

	CHECK_INT(all, 25);
	for (size_t cut = 1; cut < len - 1; cut++) {
		AUTO_FREE char *exact =
			xcalloc(cut, 1); /* so that a sanitizer sees the end */
		unsigned repairs = 0;
		AUTO_JSON json_t *part = NULL;
		size_t now;

		memcpy(exact, smart, cut);
		part = json_load_hostile(exact, cut, NULL, &repairs, reason,
					 sizeof(reason));
		CHECK(part);
		CHECK(repairs & JSON_CUT);
		now = contained(part, whole);
		CHECK(now >= before && now <= before + 1);
		before = now;
	}
	CHECK_INT(before, all);
}

static void text(void)
{
	static const struct {
		const char *in, *out;
		bool flagged;
	} cases[] = {
		{ "", "", false },
		{ "plain \xc3\xa9 \\ x", "plain \xc3\xa9 \\ x", false },
		{ "\\x1b", "\\x5cx1b", true },
		{ "\\xZZ", "\\xZZ", false },
		{ "\x1b]0;x\a", "\\x1b]0;x\\x07", true },
		{ "\xc3", "\\xc3", true },
		{ "\xc2\x9b", "\\xc2\\x9b", true },
		{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool flagged = false;
		AUTO_JSON json_t *got =
			json_text(cases[i].in, strlen(cases[i].in), &flagged);

		CHECK_STR(json_string_value(got), cases[i].out);
		CHECK_INT(flagged, cases[i].flagged);
	}
}

static void u64(void)
{
	static const struct {
		const char *text;
		int status;
		uint64_t value;
	} cases[] = {
		{ "\"3,200,631,791,616\"", 0, 3200631791616 },
		{ "\"18446744073709551615\"", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "\"18,446,744,073,709,551,616\"", -ERANGE, 0 },
		{ "7", 0, 7 },
		{ "-1", -EINVAL, 0 },
		{ "1.5", -EINVAL, 0 },
		{ "\"\"", -EINVAL, 0 },
		{ "\",\"", -EINVAL, 0 },
		{ "\"1,23\"", -EINVAL, 0 },
		{ "\"1234,567\"", -EINVAL, 0 },
		{ "\"1,234,\"", -EINVAL, 0 },
		{ "\"12 \"", -EINVAL, 0 },
		{ "null", -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned repairs;
		AUTO_JSON json_t *value =
			json_load_hostile(cases[i].text, strlen(cases[i].text), NULL,
					  &repairs, reason, sizeof(reason));
		uint64_t got = 0;

		CHECK_INT(json_u64(value, &got), cases[i].status);
		CHECK(got == cases[i].value);
	}
}

static void write_line(void)
{
	AUTO_JSON json_t *value = json_pack("{s:i,s:f,s:[]}", "b", 1, "a", 0.1, "c");
	char got[64] = "";
	int ends[2];

	CHECK_INT(pipe(ends), 0);
	CHECK_INT(json_write_line(ends[1], value), 0);
	CHECK(read(ends[0], got, sizeof(got) - 1) > 0);
	CHECK_STR(got, "{\"a\":0.1,\"b\":1,\"c\":[]}\n");
	close(ends[1]);
	CHECK_INT(json_write_line(ends[1], value), -EBADF);
}

/* RFC 3629, 3: of all that three bytes can be, and of the longest sequences. */
static void utf8(void)
{
	size_t counts[UTF8_MAX + 1] = { 0 };
	uint32_t c = 0;

	for (uint32_t n = 0; n < 1u << 24; n++) {
		const char bytes[] = { (char)(n >> 16), (char)(n >> 8), (char)n };

		counts[utf8_take(bytes, sizeof(bytes), &c)]++;
	}
	CHECK_INT(counts[1], 0x80 << 16);
	CHECK_INT(counts[2], (0x800 - 0x80) << 8);
	CHECK_INT(counts[3], 0x10000 - 0x800 - 0x800);
	for (uint32_t n = 0; n < 1u << 21; n++) {
		const char bytes[] = { (char)(0xf0 | n >> 18),
				       (char)(0x80 | (n >> 12 & 0x3f)),
				       (char)(0x80 | (n >> 6 & 0x3f)),
				       (char)(0x80 | (n & 0x3f)) };
		bool good = n >= 0x10000 && n <= 0x10ffff;

		CHECK_INT(utf8_take(bytes, sizeof(bytes), &c), good ? 4 : 0);
		CHECK(!good || c == n);
		CHECK_INT(utf8_take(bytes, 3, &c), 0);
	}
	CHECK_INT(utf8_take("", 0, &c), 0);
}

static void put_nothing(void)
{
	json_put(json_object(), "key", json_string("\xff"));
}

static void push_nothing(void)
{
	json_push(json_array(), json_string("\xff"));
}

/* jansson's own calls say so with a status that is easy to overlook. */
static void no_silent_loss(void)
{
	static void (*const losses[])(void) = { put_nothing, push_nothing };

	for (size_t i = 0; i < ARRAY_LEN(losses); i++) {
		pid_t pid = fork();
		int status;

		CHECK(pid >= 0);
		if (pid == 0) {
			close(STDERR_FILENO);
			losses[i]();
			_exit(0);
		}
		CHECK_INT(waitpid(pid, &status, 0), pid);
		CHECK(WIFEXITED(status));
		CHECK_INT(WEXITSTATUS(status), BEE_SOFTWARE);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "well-formed JSON is loaded as it is", plain, 0 },
		{ "a number jansson cannot hold is kept as its digits", big_numbers, 0 },
		{ "a number of 2,000 digits is kept", long_number, 0 },
		{ "nesting of 100,000 is refused, of 64 is not", deep, 0 },
		{ "a document of too many values is refused", many, 0 },
		{ "a caller may have limits of its own", own_limits, 0 },
		{ "memory that is out is an error, whatever it was for", no_memory, 0 },
		{ "of two equal keys the first stays", duplicates, 0 },
		{ "bytes that are not UTF-8 and controls are escaped", bad_bytes, 0 },
		{ "what was escaped once is not escaped again", escaped_once, 0 },
		{ "a NUL byte in a string is kept escaped", nul_byte, 0 },
		{ "a sequence of UTF-8 is the shortest, and no surrogate", utf8, 0 },
		{ "what is no value ends the program, and is not left out",
		  no_silent_loss, 0 },
		{ "what is not JSON is refused with its offset", not_json, 0 },
		{ "what follows the document is left out", trailing, 0 },
		{ "a cut document keeps what was complete", cuts, 0 },
		{ "every prefix of a document keeps every complete member", every_prefix,
		  0 },
		{ "json_text escapes what a terminal would act on", text, 0 },
		{ "json_u64 takes digits with and without commas", u64, 0 },
		{ "json_write_line writes one sorted line", write_line, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
