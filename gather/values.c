/* JSON values of the document that are made in more than one place. */
#include "values.h"

#include <string.h>

/* A string of ours or of a JSON string stays as it is; anything else is escaped. */
json_t *value_text(const char *text)
{
	json_t *value = json_string(text);

	return value ? value : json_text(text, strlen(text), NULL);
}

void value_index(json_t *index, const char *name, json_t *record)
{
	bool taken = json_object_get(index, name);

	json_put(index, name, taken ? json_null() : json_incref(record));
}

static bool has_text(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)), text))
			return true;
	return false;
}

void value_add_sources(json_t *record, const json_t *more)
{
	json_t *src = json_object_get(record, "src");

	for (size_t i = 0; i < json_array_size(more); i++) {
		const char *name = json_string_value(json_array_get(more, i));
		size_t at = 0;

		if (has_text(src, name))
			continue;
		while (at < json_array_size(src) &&
		       strcmp(json_string_value(json_array_get(src, at)), name) < 0)
			at++;
		if (json_array_insert_new(src, at, json_string(name)))
			return;
	}
}

/* gmtime_r(3) opens /etc/localtime, which the filter kills; days to date as in proleptic
 * Gregorian eras of 400 years that begin in March. */
json_t *value_time(int64_t unix_ms)
{
	int64_t days = unix_ms / 86400000, ms = unix_ms % 86400000;
	int64_t shifted, era, day, year, month;
	AUTO_FREE char *text = NULL;

	/* To the end of the year 9999. */
	if (unix_ms < 0 || unix_ms > INT64_C(253402300799999))
		return json_null();
	shifted = days + 719468; /* days from 0000-03-01 to 1970-01-01 */
	era = shifted / 146097;
	day = shifted % 146097;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153; /* 0 is March */
	day -= (153 * month + 2) / 5;
	year += 400 * era + (month >= 10);
	month = month < 10 ? month + 3 : month - 9;
	text = xasprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)year, (int)month,
			 (int)day + 1, (int)(ms / 3600000), (int)(ms / 60000 % 60),
			 (int)(ms / 1000 % 60), (int)(ms % 1000));
	return json_string(text);
}
