/* Turns dmidecode's words and units into properties. */
#include "dmi_props.h"

#include <string.h>

#define LIST_MAX 256 /* items; SMBIOS characteristics are at most 64 bits */

bool dmi_is_unknown(struct span value)
{
	static const char *const words[] = { "", "Unknown", "Unspecified",
					     "Not Specified", "Not Provided" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_is(value, words[i]))
			return true;
	return false;
}

/* "<OUT OF SPEC>", "<BAD INDEX>": the table is wrong there, which is worth keeping. */
static bool is_fault(struct span value)
{
	return value.len > 2 && value.at[0] == '<' && value.at[value.len - 1] == '>';
}

void dmi_put_nothing(json_t *props, const char *prop, struct span value)
{
	json_put(props, prop, json_null());
	if (is_fault(value))
		placeholder_keep(props, "placeholders", prop, value.at, value.len);
	else if (!dmi_is_unknown(value))
		collect_unread(props, prop, json_text(value.at, value.len, NULL));
}

void dmi_put_name(const struct dmi_structure *structure, json_t *props, const char *key,
		  const char *prop)
{
	struct span value;

	if (dmi_value(structure, key, &value))
		placeholder_put(props, prop, value.at, value.len, PLACEHOLDER_WORDS);
}

void dmi_put_identity(const struct dmi_structure *structure, json_t *props,
		      const char *key, const char *prop)
{
	struct span value;

	if (dmi_value(structure, key, &value))
		placeholder_put(props, prop, value.at, value.len, PLACEHOLDER_IDENTITY);
}

void dmi_put_word(const struct dmi_structure *structure, json_t *props, const char *key,
		  const char *prop, const struct dmi_word *words)
{
	struct span value;

	if (!dmi_value(structure, key, &value))
		return;
	for (; words && words->theirs; words++) {
		if (text_is(value, words->theirs)) {
			json_put(props, prop, json_string(words->ours));
			return;
		}
	}
	dmi_put_text(props, prop, value);
}

void dmi_put_text(json_t *props, const char *prop, struct span value)
{
	if (dmi_is_unknown(value) || is_fault(value))
		dmi_put_nothing(props, prop, value);
	else
		collect_text(props, prop, value.at, value.len);
}

/* "2400 MT/s": the number, and what comes after the blank. */
static bool take_quantity(struct span *value, uint64_t *number)
{
	if (!text_take_u64(value, number) || *number > INT64_MAX)
		return false;
	(void)text_skip(value, " ");
	return true;
}

void dmi_put_number(const struct dmi_structure *structure, json_t *props, const char *key,
		    const char *prop, const char *unit, const char *other)
{
	struct span value, rest;
	uint64_t number;
	const char *note;

	if (!dmi_value(structure, key, &value))
		return;
	rest = value;
	note = memmem(rest.at, rest.len, " (", 2); /* "667 MHz (1.5 ns)": 2.x */
	if (note)
		rest.len = (size_t)(note - rest.at);
	if (take_quantity(&rest, &number) &&
	    (text_is(rest, unit) || (other && text_is(rest, other))))
		json_put(props, prop, json_integer((json_int_t)number));
	else
		dmi_put_nothing(props, prop, value);
}

void dmi_put_bytes(const struct dmi_structure *structure, json_t *props, const char *key,
		   const char *prop)
{
	/* From 3.7 on, up to 3.6, and up to 2.0; a "kB" of dmidecode's is 1024 bytes. */
	static const char *const units[][3] = {
		{ "bytes", "B", "byte" }, { "KiB", "kB", "kbyte" },
		{ "MiB", "MB", "Mbyte" }, { "GiB", "GB", "Gbyte" },
		{ "TiB", "TB", "Tbyte" }, { "PiB", "PB", "Pbyte" },
		{ "EiB", "EB", "Ebyte" },
	};
	struct span value, rest;
	uint64_t number;

	if (!dmi_value(structure, key, &value))
		return;
	rest = value;
	if (text_is(value, "None")) {
		json_put(props, prop, json_integer(0));
		return;
	}
	if (take_quantity(&rest, &number)) {
		for (unsigned i = 0; i < ARRAY_LEN(units); i++) {
			if ((!text_is(rest, units[i][0]) && !text_is(rest, units[i][1]) &&
			     !text_is(rest, units[i][2])) ||
			    number > (uint64_t)INT64_MAX >> (10 * i))
				continue;
			json_put(props, prop,
				 json_integer((json_int_t)number << (10 * i)));
			return;
		}
	}
	dmi_put_nothing(props, prop, value);
}

void dmi_put_volts(const struct dmi_structure *structure, json_t *props, const char *key,
		   const char *prop)
{
	struct span value, rest;
	uint64_t milli;

	if (!dmi_value(structure, key, &value))
		return;
	rest = value;
	if (text_take_milli(&rest, &milli) && text_is(rest, " V"))
		json_put(props, prop, collect_milli(milli));
	else
		dmi_put_nothing(props, prop, value);
}

/* What dmidecode 3.7 calls as SMBIOS 3.7 does has in documents the name it had before. */
static json_t *item_text(struct span item)
{
	static const struct dmi_word renamed[] = {
		{ "Firmware is upgradeable", "BIOS is upgradeable" },
		{ "Firmware shadowing is allowed", "BIOS shadowing is allowed" },
		{ "Firmware ROM is socketed", "BIOS ROM is socketed" },
	};

	for (size_t i = 0; i < ARRAY_LEN(renamed); i++)
		if (text_is(item, renamed[i].theirs))
			return json_string(renamed[i].ours);
	return json_text(item.at, item.len, NULL);
}

void dmi_put_list(const struct dmi_structure *structure, json_t *props, const char *key,
		  const char *prop)
{
	struct dmi_list items;
	struct span item;
	json_t *list;

	if (!dmi_value(structure, key, &item))
		return;
	if (text_is(item, "Unknown") || is_fault(item)) {
		dmi_put_nothing(props, prop, item);
		return;
	}
	list = json_array();
	json_put(props, prop, list);
	dmi_list(structure, key, &items);
	while (json_array_size(list) < LIST_MAX && dmi_item(&items, &item))
		if (item.len > 0 && !text_is(item, "None"))
			json_push(list, item_text(item));
}

void dmi_put_words(const struct dmi_structure *structure, json_t *props, const char *key,
		   const char *prop, const char *const *known)
{
	struct span value;
	json_t *list;

	if (!dmi_value(structure, key, &value))
		return;
	if (dmi_is_unknown(value) || is_fault(value)) {
		dmi_put_nothing(props, prop, value);
		return;
	}
	list = json_array();
	json_put(props, prop, list);
	while (value.len > 0 && json_array_size(list) < LIST_MAX &&
	       !text_is(value, "None")) {
		struct span word = value;
		const char *const *k = known;

		while (*k && !text_skip(&value, *k))
			k++;
		if (!*k ||
		    (value.len > 0 && value.at[0] != ' ')) /* a newer dmidecode's word */
			value = (struct span){ word.at + word.len, 0 };
		word.len = (size_t)(value.at - word.at);
		json_push(list, json_text(word.at, word.len, NULL));
		value = text_trim(value);
	}
}

bool dmi_handle_parse(struct span value, unsigned *handle)
{
	uint64_t number;

	if (!text_starts(value, "0x") || text_hex(value, UINT16_MAX, &number))
		return false;
	*handle = (unsigned)number;
	return true;
}

void dmi_put_handle(const struct dmi_structure *structure, json_t *props, const char *key,
		    const char *prop)
{
	struct span value;
	struct dmi_structure other = { .repeat = 1 };

	if (!dmi_value(structure, key, &value))
		return;
	if (dmi_handle_parse(value, &other.handle))
		json_put(props, prop, json_string(dmi_key(&other).text));
	else
		dmi_put_nothing(props, prop, value);
}
