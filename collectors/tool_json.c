/* A tool's JSON: loaded with its flaws told, and its members put into properties by
 * table. */
#include "tool_json.h"

#include "text.h"

#include <errno.h>
#include <string.h>

json_t *tool_json_load(const struct input *in, const char *where, struct output *out)
{
	static const struct {
		unsigned bit;
		const char *what;
	} flaws[] = {
		{ JSON_CUT, "the JSON ends early" },
		{ JSON_DUPLICATE, "a key comes twice in the JSON; the first is kept" },
		{ JSON_TRAILING, "something follows the JSON" },
	};
	char reason[128] = "";
	unsigned repairs = 0;
	json_t *root = json_load_hostile(in->text, in->len, NULL, &repairs, reason,
					 sizeof(reason));

	if (!root) {
		collect_error(out, where, "not JSON: %s", reason);
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(flaws); i++)
		if (repairs & flaws[i].bit)
			collect_error(out, where, "%s", flaws[i].what);
	if (!json_is_object(root))
		collect_error(out, where, "the JSON is not an object");
	else if (json_is_string(json_object_get(root, "error")))
		collect_error(out, where, "%.200s",
			      json_string_value(json_object_get(root, "error")));
	else
		return root;
	json_decref(root);
	return NULL;
}

const json_t *tool_json_at(const json_t *root, const char *path)
{
	struct span rest = { path, strlen(path) }, part;
	char name[64];

	while (root && text_cut(&rest, '.', &part)) {
		uint64_t index;

		if (json_is_array(root) && !text_u64(part, &index))
			root = json_array_get(root, (size_t)index);
		else
			root = json_object_get(root, text_copy(part, name, sizeof(name)));
	}
	return root;
}

/* A counter over 64 bits: kept as its digits. */
static json_t *long_digits(const char *text)
{
	AUTO_FREE char *digits = xcalloc(strlen(text) + 1, 1);
	size_t len = 0;

	for (; *text; text++)
		if (*text != ',')
			digits[len++] = *text;
	return json_stringn(digits, len);
}

json_t *tool_json_number(const json_t *value)
{
	const double exact =
		9007199254740992.0; /* 2^53: up to here a double is the number */
	uint64_t number;
	double real;

	if (json_is_integer(value))
		return json_integer(json_integer_value(value));
	if (json_is_real(value)) {
		real = json_real_value(value);
		if (real >= -exact && real <= exact && real == (double)(int64_t)real)
			return json_integer((int64_t)real);
		return json_real(real);
	}
	if (!json_is_string(value))
		return json_null();
	switch (json_u64(value, &number)) {
	case 0:
		return collect_integer(number);
	case -ERANGE:
		return long_digits(json_string_value(value));
	default:
		return json_null();
	}
}

int tool_json_u64(const json_t *value, uint64_t *out)
{
	AUTO_JSON json_t *whole = tool_json_number(value);

	return json_u64(whole, out);
}

/* Whole numbers are taken for 273 more, as all who print them do; a real is what it is. */
json_t *tool_json_celsius(const json_t *value)
{
	uint64_t kelvin;
	double real = json_real_value(value);

	if (json_is_real(value) && real > 0 && real <= 0xffff) {
		int64_t milli = (int64_t)(1000 * real + 0.5) - 273150;

		return milli % 1000 ? json_real((double)milli / 1000)
				    : json_integer(milli / 1000);
	}
	if (json_u64(value, &kelvin) || kelvin == 0 || kelvin > 0xffff)
		return json_null();
	return json_integer((json_int_t)kelvin - 273);
}

/* Null, and what the tools print for it. */
static bool is_nothing(const json_t *value)
{
	static const char *const words[] = { "", "-", "NA", "N/A", "Unknown", "unknown" };
	const char *text = json_string_value(value);

	for (size_t i = 0; text && i < ARRAY_LEN(words); i++)
		if (!strcmp(text, words[i]))
			return true;
	return json_is_null(value);
}

void tool_json_put_unread(json_t *props, const char *prop, const json_t *value)
{
	if (is_nothing(value))
		json_put(props, prop, json_null());
	else if (json_is_object(value) || json_is_array(value))
		collect_unread(props, prop,
			       json_string(json_is_object(value) ? "{...}" : "[...]"));
	else
		collect_unread(props, prop, json_deep_copy(value));
}

void tool_json_put_number(json_t *props, const char *prop, const json_t *value)
{
	json_t *number = tool_json_number(value);

	if (!json_is_null(number))
		json_put(props, prop, number);
	else
		tool_json_put_unread(props, prop, value);
}

static void put_celsius(json_t *props, const char *prop, const json_t *value)
{
	json_t *celsius = tool_json_celsius(value);
	uint64_t number;

	if (!json_is_null(celsius) || !tool_json_u64(value, &number))
		json_put(props, prop, celsius);
	else
		tool_json_put_unread(props, prop, value);
}

/* A serial number or a version that a tool prints without quotes is its digits. */
void tool_json_put_text(json_t *props, const char *prop, const json_t *value)
{
	AUTO_FREE char *digits = NULL;

	if (!value || json_is_string(value)) {
		collect_json_text(props, prop, value);
	} else if (json_is_integer(value)) {
		digits = xasprintf("%lld", (long long)json_integer_value(value));
		collect_text(props, prop, digits, strlen(digits));
	} else {
		tool_json_put_unread(props, prop, value);
	}
}

void tool_json_fields(json_t *props, const json_t *root, const struct field *table)
{
	for (; table->prop; table++) {
		const json_t *value = tool_json_at(root, table->path);

		if (!value || json_object_get(props, table->prop))
			continue;
		switch (table->kind) {
		case FIELD_TEXT:
			tool_json_put_text(props, table->prop, value);
			break;
		case FIELD_NUMBER:
			tool_json_put_number(props, table->prop, value);
			break;
		case FIELD_BOOL:
			if (json_is_boolean(value))
				json_put(props, table->prop,
					 json_boolean(json_is_true(value)));
			else
				tool_json_put_unread(props, table->prop, value);
			break;
		case FIELD_KELVIN:
			put_celsius(props, table->prop, value);
			break;
		}
	}
}
