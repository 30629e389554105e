/*
 * audit.clock: whether the time of the document can be believed. A machine whose battery is empty
 * starts in the year that its clock chip begins with, or in any other.
 */
#include "derive.h"

#include "rules.h"
#include "values.h"

#include <string.h>

#define DAY 86400
/* A clock may be that far from the right time: it may keep local time, or nobody sets it. */
#define SLACK DAY
/* A program older than that audits no machine that was built since. */
#define AGE_MAX (INT64_C(10) * 366 * DAY)

struct clock {
	int64_t built;        /* when this program was made; 0: unknown */
	const char *firmware; /* its release date, "2024-05-02"; NULL: unknown */
};

/* Times of RFC 3339 are in the order of their texts, and a date begins its day. */
static bool is_before(int64_t seconds, const char *limit)
{
	AUTO_JSON json_t *time = value_time((seconds + SLACK) * 1000);
	const char *text = json_string_value(time);

	return text && strcmp(text, limit) < 0;
}

/* NULL: it can be right. */
static const char *why_not(const struct clock *clock, int64_t seconds)
{
	if (clock->firmware && is_before(seconds, clock->firmware))
		return "before the firmware's release date";
	if (clock->built && seconds < clock->built - SLACK)
		return "before bee was made";
	if (clock->built && seconds > clock->built + AGE_MAX)
		return "more than ten years after bee was made";
	return NULL;
}

/* What is said of the machine's clock; *believed is whose time the document has. */
static char *judge(const struct clock *clock, const char *rtc, int64_t rtc_seconds,
		   int64_t started, const char **believed)
{
	const char *wrong = why_not(clock, rtc_seconds);
	int64_t off = rtc_seconds - started;

	*believed = why_not(clock, started) ? "nobody" : "system";
	if (wrong)
		return xasprintf("the machine's clock says %.19sZ, %s", rtc, wrong);
	if (off > SLACK || off < -SLACK)
		return xasprintf("the machine's clock says %.19sZ, more than a day off "
				 "the system's time",
				 rtc);
	*believed = "rtc";
	return xstrdup("the machine's clock and the system's agree");
}

void derive_clock(json_t *document, int64_t started_ms, int64_t built)
{
	const json_t *system = json_object_get(document, "system");
	struct clock clock = { built, rule_text(json_object_get(document, "firmware"),
						"release_date") };
	const json_t *seconds = json_object_get(system, "rtc_unix_seconds");
	json_t *result = json_object(), *rtc = json_null();
	const char *believed = why_not(&clock, started_ms / 1000) ? "nobody" : "system";
	AUTO_FREE char *reason = NULL;

	if (json_is_integer(seconds) && json_integer_value(seconds) < INT32_MAX * 100LL)
		rtc = value_time(json_integer_value(seconds) * 1000);
	reason =
		json_is_string(rtc)
			? judge(&clock, json_string_value(rtc),
				json_integer_value(seconds), started_ms / 1000, &believed)
			: xstrdup("the machine's own clock could not be read");
	json_put(result, "rtc", rtc);
	json_put(result, "believed", json_string(believed));
	json_put(result, "reason", json_string(reason));
	json_put(json_object_get(document, "audit"), "clock", result);
}
