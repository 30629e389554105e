/* One cell of a table. */
#include "value.h"

#include "amount.h"
#include "json.h"
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *sign;
} units[] = {
	{ "celsius", " C" }, { "rpm", " rpm" }, { "volts", " V" },
	{ "amperes", " A" }, { "watts", " W" }, { "percent", "%" },
	{ "joules", " J" },  { "hz", " Hz" },   { "fahrenheit", " F" },
	{ "kelvin", " K" },  { "va", " VA" },   { "cfm", " CFM" },
};

const json_t *value_of(const json_t *row, const struct column *column)
{
	for (size_t i = 0; i < COLUMN_PROPERTIES && column->from[i]; i++) {
		const json_t *value = json_object_get(row, column->from[i]);

		if (value && !json_is_null(value) &&
		    !(json_is_string(value) && !*json_string_value(value)) &&
		    !(json_is_array(value) && json_array_size(value) == 0))
			return value;
	}
	return NULL;
}

static char *plain(const json_t *value);

static char *list_text(const json_t *list)
{
	char *text = NULL;
	size_t len = 0, i;
	FILE *to = open_memstream(&text, &len);
	json_t *item;

	if (!to)
		return xstrdup("");
	json_array_foreach(list, i, item)
	{
		AUTO_FREE char *one = plain(item);

		(void)fprintf(to, "%s%s", i > 0 ? ", " : "", one);
	}
	return fclose(to) ? xstrdup("") : text;
}

/* {"a": 1, "b": "c"} as "a: 1, b: c". */
static char *object_text(const json_t *object)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	const char *key, *comma = "";
	json_t *value;

	if (!to)
		return xstrdup("");
	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		AUTO_FREE char *one = plain(value);

		(void)fprintf(to, "%s%s: %s", comma, key, one);
		comma = ", ";
	}
	return fclose(to) ? xstrdup("") : text;
}

/* Nesting ends where the loader's does, JSON_DEPTH_MAX. */
static char *plain(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return xstrdup(json_string_value(value));
	case JSON_INTEGER:
		return xasprintf("%lld", (long long)json_integer_value(value));
	case JSON_REAL:
		return xasprintf("%.6g", json_real_value(value));
	case JSON_TRUE:
		return xstrdup("yes");
	case JSON_FALSE:
		return xstrdup("no");
	case JSON_ARRAY:
		return list_text(value);
	case JSON_OBJECT:
		return object_text(value);
	default:
		return xstrdup("?");
	}
}

static char *one_link(const json_t *row, const char *speed, const char *width)
{
	const json_t *gtps = json_object_get(row, speed);
	const json_t *lanes = json_object_get(row, width);

	if (!json_is_number(gtps) || !json_is_integer(lanes))
		return NULL;
	return xasprintf("%g GT/s x%lld", json_number_value(gtps),
			 (long long)json_integer_value(lanes));
}

/* What it runs at, and what it could where that is something else. */
static char *link_text(const json_t *row)
{
	AUTO_FREE char *now = one_link(row, "link_speed_gtps", "link_width_lanes");
	AUTO_FREE char *most =
		one_link(row, "max_link_speed_gtps", "max_link_width_lanes");

	if (now && most && strcmp(now, most) != 0)
		return xasprintf("%s of %s", now, most);
	return xstrdup(now ?: "");
}

static const char *sign_of(const json_t *row)
{
	const char *unit = record_text(row, "unit") ?: "";

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (!strcmp(units[i].name, unit))
			return units[i].sign;
	return "";
}

char *value_shown(const json_t *row, const struct column *column, bool bytes)
{
	const json_t *value = value_of(row, column);
	AUTO_FREE char *text = NULL;
	uint64_t amount;

	if (column->unit == LINK)
		return link_text(row);
	if (!value)
		return xstrdup("");
	if ((column->unit == DECIMAL || column->unit == BINARY) && !bytes &&
	    json_is_integer(value) && !json_u64(value, &amount))
		return column->unit == BINARY ? amount_binary(amount)
					      : amount_decimal(amount);
	if (column->unit == MILLI && json_is_number(value))
		return xasprintf("%.1f%s", json_number_value(value) / 1000,
				 column->suffix);
	/* Of a module the state stands in for a size that is not told. */
	if (column->unit == BINARY && json_is_string(value))
		return xstrdup(kind_is_empty(row) ? "empty" : "");
	text = plain(value);
	if (!json_is_number(value))
		return xstrdup(text);
	return xasprintf("%s%s", text,
			 column->unit == READING ? sign_of(row)
			 : column->suffix        ? column->suffix
						 : "");
}
