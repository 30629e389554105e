/* Lists of records in the words of another system. */
#include "lists.h"

#include "fit.h"
#include "json.h"
#include "kinds.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 255

static const json_t *first_of(const json_t *record, const struct list_field *field)
{
	for (size_t i = 0; i < LIST_FROM && field->from[i]; i++) {
		const json_t *value = json_object_get(record, field->from[i]);

		if (value && !json_is_null(value))
			return value;
	}
	return NULL;
}

/* A number, or the words of a list with commas; owned by the caller. */
static char *text_of(const json_t *value)
{
	if (json_is_string(value))
		return xstrdup(json_string_value(value));
	if (json_is_integer(value))
		return xasprintf("%lld", (long long)json_integer_value(value));
	if (json_is_real(value))
		return xasprintf("%.6g", json_real_value(value));
	return xstrdup("");
}

static bool is_among(const char *text, const char *words)
{
	AUTO_FREE char *word = xasprintf(" %s ", text);

	return *text && !strchr(text, ' ') && strstr(words, word);
}

static void put_number(json_t *entry, const char *name, const json_t *value, double by)
{
	double number = json_number_value(value) / by;

	if (json_is_number(value) && number >= 0 && number < 9e15)
		json_put(entry, name, json_integer((json_int_t)number));
}

bool list_form(const char *text, const char *form)
{
	for (; *text && *form; text++, form++)
		if (*form == 'h' ? !isxdigit((unsigned char)*text) : *text != *form)
			return false;
	return !*text && !*form;
}

/* Fields that are numbers; false: it is none of them. */
static bool put_amount(json_t *entry, const json_t *value, const struct list_field *field)
{
	switch (field->how) {
	case LIST_WHOLE:
		put_number(entry, field->name, value, 1);
		return true;
	case LIST_MIB:
		put_number(entry, field->name, value, 1048576);
		return true;
	case LIST_MB:
		put_number(entry, field->name, value, 1e6);
		return true;
	case LIST_SPEED:
		put_number(entry, field->name, value, 1e-3);
		return true;
	case LIST_NUMBER:
		if (json_is_number(value))
			json_put(entry, field->name,
				 json_incref((json_t *)(uintptr_t)value));
		return true;
	default:
		return false;
	}
}

static void put_field(json_t *entry, const json_t *value, const struct list_field *field)
{
	AUTO_FREE char *text = text_of(value);

	if (put_amount(entry, value, field))
		return;
	switch (field->how) {
	case LIST_FORM:
		if (list_form(text, field->words))
			json_put(entry, field->name, json_string(text));
		break;
	case LIST_MBPS:
		if (json_is_number(value)) {
			AUTO_FREE char *speed =
				xasprintf("%.0f", json_number_value(value) * 1000);

			put_fit(entry, field->name, speed, TEXT_MAX);
		}
		break;
	case LIST_FLAG:
		if (json_is_boolean(value))
			json_put(entry, field->name, json_boolean(json_is_true(value)));
		break;
	case LIST_MATCH:
		if (is_among(text, field->words))
			json_put(entry, field->name, json_string(text));
		break;
	case LIST_DIGITS:
		put_fit(entry, field->name, strncmp(text, "0x", 2) != 0 ? text : text + 2,
			TEXT_MAX);
		break;
	default:
		put_fit(entry, field->name, text, TEXT_MAX);
	}
}

json_t *list_entry(const json_t *record, const struct list_field *fields)
{
	json_t *entry = json_object();

	for (const struct list_field *field = fields; field->name; field++) {
		const json_t *value = first_of(record, field);

		if (value && !json_object_get(entry, field->name))
			put_field(entry, value, field);
	}
	return entry;
}

json_t *list_made(const json_t *document, const struct list_map *map)
{
	const struct kind kind = { .type = map->type };
	AUTO_JSON json_t *records = kind_records(&kind, document);
	json_t *made = json_array(), *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		json_t *entry =
			kind_is_empty(record) ? NULL : list_entry(record, map->fields);

		if (entry && json_object_size(entry) > 0 &&
		    (!map->needed || json_object_get(entry, map->needed)))
			json_push(made, entry);
		else
			json_decref(entry);
	}
	return made;
}
