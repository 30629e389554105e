/* Whose time a document has: the machine's clock in years that cannot be. */
#include "derive.h"
#include "tap.h"

#include <string.h>

/* 2024-07-01; seconds of `date -u +%s`. */
#define BUILT INT64_C(1719792000)
#define DAY INT64_C(86400)
#define YEAR (365 * DAY)
#define NONE INT64_C(-1)

static json_t *clock_of(int64_t rtc, int64_t started, int64_t built, const char *released)
{
	json_t *document = json_pack("{s:{},s:{s:I},s:{s:s?}}", "audit", "system",
				     "rtc_unix_seconds", (json_int_t)rtc, "firmware",
				     "release_date", released);

	if (rtc == NONE)
		(void)json_object_del(json_object_get(document, "system"),
				      "rtc_unix_seconds");
	derive_clock(document, started * 1000, built);
	return document;
}

static const struct {
	int64_t rtc, started, built;
	const char *released, *believed, *reason;
} list[] = {
	{ BUILT + YEAR, BUILT + YEAR, BUILT, "2024-06-01", "rtc", "agree" },
	/* In local time, or set by nobody for a year. */
	{ BUILT + YEAR - DAY, BUILT + YEAR, BUILT, NULL, "rtc", "agree" },
	{ BUILT + YEAR + DAY, BUILT + YEAR, BUILT, NULL, "rtc", "agree" },
	{ BUILT + YEAR - DAY - 1, BUILT + YEAR, BUILT, NULL, "system", "a day off" },
	{ BUILT + YEAR + DAY + 1, BUILT + YEAR, BUILT, NULL, "system", "a day off" },
	/* 2001-01-01: the clock chip's own beginning; systemd gave the system a later time. */
	{ 978307200, BUILT, BUILT, NULL, "system",
	  "says 2001-01-01T00:00:00Z, before bee was made" },
	{ 978307200, 978307200, BUILT, NULL, "nobody", "before bee was made" },
	{ BUILT - DAY, BUILT - DAY, BUILT, NULL, "rtc", "agree" },
	{ BUILT - DAY - 1, BUILT - DAY - 1, BUILT, NULL, "nobody",
	  "before bee was made" },
	{ BUILT + 10 * 366 * DAY, BUILT + 10 * 366 * DAY, BUILT, NULL, "rtc", "agree" },
	{ BUILT + 10 * 366 * DAY + 1, BUILT + YEAR, BUILT, NULL, "system",
	  "more than ten years after" },
	/* 2040-01-01 */
	{ 2208988800, 2208988800, BUILT, NULL, "nobody", "says 2040-01-01T00:00:00Z" },
	/* A program of which nobody knows when it was made; the firmware's date is left. */
	{ 978307200, 978307200, 0, NULL, "rtc", "agree" },
	{ 978307200, 978307200, 0, "2014-04-01", "nobody", "firmware's release date" },
	/* A day before that date began, and a second more. */
	{ 1396224000, 1396224000, 0, "2014-04-01", "rtc", "agree" },
	{ 1396223999, 1396223999, 0, "2014-04-01", "nobody", "firmware's release date" },
	{ NONE, BUILT, BUILT, NULL, "system", "could not be read" },
	{ NONE, 978307200, BUILT, NULL, "nobody", "could not be read" },
	{ INT64_MAX, BUILT, BUILT, NULL, "system", "could not be read" },
	{ -5, BUILT, BUILT, NULL, "system", "could not be read" },
};

static void test_clock(void)
{
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		AUTO_JSON json_t *document = clock_of(list[i].rtc, list[i].started,
						      list[i].built, list[i].released);
		json_t *clock =
			json_object_get(json_object_get(document, "audit"), "clock");
		const char *believed =
				   json_string_value(json_object_get(clock, "believed")),
			   *reason = json_string_value(json_object_get(clock, "reason"));

		if (!believed || strcmp(believed, list[i].believed) != 0 || !reason ||
		    !strstr(reason, list[i].reason))
			tap_fail(__FILE__, __LINE__, "row %zu: %s, %s", i, believed,
				 reason);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a clock in a year that cannot be is not believed", test_clock, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
