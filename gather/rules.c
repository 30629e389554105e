/* What rules have in common: properties of a record, and comparisons with a limit. */
#include "rules.h"

#include <errno.h>
#include <string.h>

const char *const severity_names[SEVERITY_COUNT] = { "OK", "Warning", "Critical" };

enum severity severity_find(const char *name)
{
	for (int s = 0; name && s < SEVERITY_COUNT; s++)
		if (!strcmp(name, severity_names[s]))
			return (enum severity)s;
	return SEVERITY_COUNT;
}

bool rule_number(const json_t *record, const char *property, double *out)
{
	const json_t *value = json_object_get(record, property);
	uint64_t digits = 0;
	int error;

	if (json_is_number(value)) {
		*out = json_number_value(value);
		return true;
	}
	/* A count over 63 bits is a string of its digits; some have more than 64. */
	error = json_is_string(value)
			? parse_u64(json_string_value(value), UINT64_MAX, &digits)
			: -EINVAL;
	if (error == -EINVAL)
		return false;
	*out = (double)(error ? UINT64_MAX : digits);
	return true;
}

const char *rule_text(const json_t *record, const char *property)
{
	const char *text = json_string_value(json_object_get(record, property));

	return text && *text ? text : NULL;
}

bool rule_is(const json_t *record, const char *property, const char *text)
{
	const char *value = rule_text(record, property);

	return value && !strcmp(value, text);
}

bool rule_lists(const json_t *record, const char *property, const char *text)
{
	const json_t *list = json_object_get(record, property);

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *element = json_string_value(json_array_get(list, i));

		if (element && strstr(element, text))
			return true;
	}
	return false;
}

bool rule_is_absent(const json_t *record)
{
	return rule_is(record, "state", "Absent");
}

bool rule_link_maximum_is_shared(const json_t *gpu)
{
	return !rule_is(gpu, "manufacturer", "AMD") &&
	       !rule_is(gpu, "manufacturer", "Intel");
}

bool rule_over(const struct judgement *j)
{
	double value;

	return rule_number(j->subject, j->rule->evidence[0], &value) &&
	       value > j->rule->limit;
}

bool rule_at_least(const struct judgement *j)
{
	double value;

	return rule_number(j->subject, j->rule->evidence[0], &value) &&
	       value >= j->rule->limit;
}

bool rule_at_most(const struct judgement *j)
{
	double value;

	return rule_number(j->subject, j->rule->evidence[0], &value) &&
	       value <= j->rule->limit;
}

bool rule_true(const struct judgement *j)
{
	return json_is_true(json_object_get(j->subject, j->rule->evidence[0]));
}

bool rule_false(const struct judgement *j)
{
	return json_is_false(json_object_get(j->subject, j->rule->evidence[0]));
}

bool rule_filled(const struct judgement *j)
{
	return json_array_size(json_object_get(j->subject, j->rule->evidence[0])) > 0;
}

/* The deepest process of a job that hangs says where. */
bool rule_job_stuck(const struct judgement *j)
{
	const json_t *process = json_array_get(json_object_get(j->subject, "stuck"), 0);
	const char *wchan = rule_text(process, "wchan");

	if (!rule_is(j->subject, "status", "stuck"))
		return false;
	json_put(j->evidence, "wchan", wchan ? json_string(wchan) : json_null());
	return true;
}

/*
 * An audit with a short timeout ends jobs that were only about to answer; and one that was
 * stopped and went on does not know how much of a job's time the job had.
 */
bool rule_job_slow(const struct judgement *j)
{
	const json_t *audit = json_object_get(j->inventory->document, "audit");
	double ms, stopped;

	if (!rule_number(audit, "stopped_ms", &stopped))
		stopped = 0;
	return rule_is(j->subject, "status", "timeout") &&
	       rule_number(j->subject, "duration_ms", &ms) &&
	       ms - stopped >= j->rule->limit;
}

void rule_count(json_t *object, const char *name, json_int_t by)
{
	json_int_t before = json_integer_value(json_object_get(object, name));

	if (__builtin_add_overflow(before, by, &before))
		before = INT64_MAX;
	json_put(object, name, json_integer(before));
}

static void count_value(json_t *counts, const json_t *value)
{
	AUTO_FREE char *digits = NULL;

	if (json_is_string(value) && json_string_length(value) > 0) {
		rule_count(counts, json_string_value(value), 1);
	} else if (json_is_integer(value)) {
		digits = xasprintf("%lld", (long long)json_integer_value(value));
		rule_count(counts, digits, 1);
	}
}

bool rule_mixed(const struct judgement *j, bool (*counts)(const json_t *))
{
	const char *property = j->rule->evidence[0];
	AUTO_JSON json_t *values = json_object();

	for (size_t i = 0; i < json_array_size(j->subject); i++) {
		const json_t *record = json_array_get(j->subject, i);

		if (counts(record))
			count_value(values, json_object_get(record, property));
	}
	if (json_object_size(values) < 2)
		return false;
	json_put(j->evidence, property, json_incref(values));
	return true;
}
