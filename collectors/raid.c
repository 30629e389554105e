/* What the texts of RAID controllers' tools have in common. */
#include "raid.h"

#include "placeholder_put.h"

#include <string.h>

void raid_put_state(json_t *props, const char *prop, struct span word,
		    const struct raid_state *table)
{
	collect_span(props, prop, word);
	for (; table->word; table++) {
		if (!text_is(word, table->word))
			continue;
		if (table->health)
			json_put(props, "health", json_string(table->health));
		if (table->reason)
			json_put(props, "health_reason", json_string(table->reason));
		return;
	}
	if (!raid_is_nothing(word))
		raid_put_unread_span(props, "health", word);
}

void raid_put_wwn(json_t *props, struct span digits)
{
	uint64_t number;
	char text[32];
	int n;

	if (digits.len != 16 || text_hex(digits, UINT64_MAX, &number)) {
		raid_put_unread_span(props, "wwn", digits);
		return;
	}
	if (number == 0) {
		json_put(props, "wwn", json_null());
		return;
	}
	n = snprintf(text, sizeof(text), "0x%016llx", (unsigned long long)number);
	collect_text(props, "wwn", text, (size_t)n);
}

struct span raid_span(const json_t *value)
{
	const char *text = json_string_value(value);

	return text_trim(
		(struct span){ text ?: "", text ? json_string_length(value) : 0 });
}

bool raid_is_nothing(struct span text)
{
	return text.len == 0 || text_is(text, "-") || text_is(text, "NA") ||
	       text_is(text, "N/A");
}

void raid_put_word(json_t *props, const char *prop, const json_t *value)
{
	struct span text = raid_span(value);

	if (!json_is_string(value))
		tool_json_put_text(props, prop, value);
	else if (raid_is_nothing(text))
		json_put(props, prop, json_null());
	else
		collect_span(props, prop, text);
}

void raid_put_identity(json_t *props, const char *prop, const json_t *value)
{
	struct span text = raid_span(value);

	if (!json_is_string(value))
		tool_json_put_text(props, prop, value);
	else if (raid_is_nothing(text))
		json_put(props, prop, json_null());
	else
		placeholder_put(props, prop, text.at, text.len, PLACEHOLDER_IDENTITY);
}

void raid_put_unread_span(json_t *props, const char *prop, struct span text)
{
	if (raid_is_nothing(text))
		json_put(props, prop, json_null());
	else
		collect_unread_span(props, prop, text);
}

void raid_put_unread(json_t *props, const char *prop, const json_t *value)
{
	if (json_is_string(value))
		raid_put_unread_span(props, prop, raid_span(value));
	else
		tool_json_put_unread(props, prop, value);
}

void raid_put_celsius(json_t *props, const char *prop, const json_t *value)
{
	struct span text = raid_span(value);
	uint64_t degrees;

	if (!value)
		return;
	if (json_is_number(value))
		tool_json_put_number(props, prop, value);
	else if (text_take_u64(&text, &degrees) && text_starts(text_trim(text), "C"))
		json_put(props, prop, collect_integer(degrees));
	else
		raid_put_unread(props, prop, value);
}

/* "512B", "4 KB". */
bool raid_sector_size(const json_t *value, uint64_t *bytes)
{
	struct span text = raid_span(value);

	if (!text_take_u64(&text, bytes))
		return false;
	text = text_trim(text);
	if (text_is(text, "KB"))
		*bytes *= 1024;
	else if (!text_is(text, "B"))
		return false;
	return *bytes >= 512 && *bytes <= 65536;
}

/* "252:0"; on a backplane without an enclosure " :3", which is kept without the blank. */
void raid_put_slot(json_t *props, const char *prop, const json_t *row)
{
	struct span slot = raid_span(json_object_get(row, "EID:Slt"));

	if (slot.len > 0)
		collect_span(props, prop, slot);
}

/* The number of a controller in the tool's own reply, for keys; -1: it says none. storcli2 has it in
 * quotes. */
static int controller_number(const json_t *controller, const char *where,
			     struct output *out)
{
	const json_t *value = tool_json_at(controller, "Command Status.Controller");
	AUTO_FREE char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
	uint64_t number;

	if (!tool_json_u64(value, &number) && number < 1024)
		return (int)number;
	if (value)
		collect_error(out, where, "a controller's number is %.40s", text ?: "?");
	return -1;
}

/* Failures that are answers: there is none of what was asked for. */
static bool means_none(const char *why)
{
	static const char *const words[] = { "not found", "No Controller", "No VD",
					     "No drive", "Un-supported command" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strstr(why, words[i]))
			return true;
	return false;
}

static const char *first_name(json_t *data)
{
	return json_object_iter_key(json_object_iter(data));
}

/* A controller's "Response Data", for each that did not fail. */
void raid_each_controller(const struct input *in, const char *where,
			  raid_controller_fn *run, struct output *out)
{
	AUTO_JSON json_t *root = tool_json_load(in, where, out);
	const json_t *list = json_object_get(root, "Controllers");
	const char *version = json_string_value(
		tool_json_at(root, "Controllers.0.Command Status.CLI Version"));

	if (!root)
		return;
	if (version)
		collect_tool_version(out, where, version, strlen(version));
	if (!json_is_array(list)) {
		collect_error(out, where, "the JSON has no list of controllers");
		return;
	}
	for (size_t i = 0; i < json_array_size(list) && i < RAID_LIST_MAX; i++) {
		const json_t *controller = json_array_get(list, i);
		json_t *data = json_object_get(controller, "Response Data");
		const char *why = json_string_value(
			tool_json_at(controller, "Command Status.Description"));

		if (json_is_object(data)) {
			/* A newer tool has other names; this is not an empty machine. */
			if (run(data, controller_number(controller, where, out), out) ==
				    0 &&
			    json_object_size(data) > 0)
				collect_error(
					out, where,
					"nothing in a controller's answer is known: "
					"%.100s",
					first_name(data));
		} else if (!why || !means_none(why))
			collect_error(out, where, "a controller's answer is: %.100s",
				      why ?: "neither data nor a reason");
	}
}
