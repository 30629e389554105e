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
	json_t *root =
		json_load_hostile(in->text, in->len, &repairs, reason, sizeof(reason));

	if (!root) {
		collect_error(out, where, "not JSON: %s", reason);
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(flaws); i++)
		if (repairs & flaws[i].bit)
			collect_error(out, where, "%s", flaws[i].what);
	if (!json_is_object(root)) {
		collect_error(out, where, "the JSON is not an object");
		json_decref(root);
		return NULL;
	}
	return root;
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

/* Sources print 273 kelvin below; 0 stands for "not reported" (NVMe 1.4, figure 194). */
static json_t *celsius(const json_t *value)
{
	uint64_t kelvin;

	if (json_u64(value, &kelvin) || kelvin == 0 || kelvin > 0xffff)
		return json_null();
	return json_integer((json_int_t)kelvin - 273);
}

static json_t *boolean(const json_t *value)
{
	return json_is_boolean(value) ? json_boolean(json_is_true(value)) : json_null();
}

void tool_json_fields(json_t *props, const json_t *root, const struct field *table)
{
	for (; table->prop; table++) {
		const json_t *value = tool_json_at(root, table->path);

		if (!value || json_object_get(props, table->prop))
			continue;
		switch (table->kind) {
		case FIELD_TEXT:
			collect_json_text(props, table->prop, value);
			break;
		case FIELD_NUMBER:
			json_put(props, table->prop, tool_json_number(value));
			break;
		case FIELD_BOOL:
			json_put(props, table->prop, boolean(value));
			break;
		case FIELD_KELVIN:
			json_put(props, table->prop, celsius(value));
			break;
		}
	}
}
