/* psu/dmi: power supplies and the IPMI device as SMBIOS has them (types 39 and 38). */
#include "dmi_props.h"

#include <string.h>

static const char where[] = "psu/dmi";

static void put_boolean(const struct dmi_structure *s, json_t *props, const char *key,
			const char *prop)
{
	struct span value;

	if (!dmi_value(s, key, &value))
		return;
	if (text_is(value, "Yes") || text_is(value, "No"))
		json_put(props, prop, json_boolean(text_is(value, "Yes")));
	else
		dmi_put_nothing(props, prop, value);
}

static void put_health(json_t *props, struct span word)
{
	static const struct dmi_word healths[] = { { "OK", "OK" },
						   { "Non-critical", "Warning" },
						   { "Critical", "Critical" },
						   { NULL, NULL } };

	for (const struct dmi_word *w = healths; w->theirs; w++) {
		if (!text_is(word, w->theirs))
			continue;
		json_put(props, "health", json_string(w->ours));
		return;
	}
	if (!dmi_is_unknown(word) && !text_is(word, "Other"))
		dmi_put_nothing(props, "health", word);
}

/* "Present, OK", "Not Present": SMBIOS 3.6, 7.40.1. */
static void put_status(const struct dmi_structure *s, json_t *props)
{
	struct span value, rest;

	if (!dmi_value(s, "Status", &value))
		return;
	rest = value;
	if (text_is(value, "Not Present")) {
		json_put(props, "state", json_string("Absent"));
	} else if (text_skip(&rest, "Present, ")) {
		json_put(props, "state", json_string("Enabled"));
		put_health(props, rest);
	} else {
		dmi_put_nothing(props, "state", value);
	}
	collect_text(props, "smbios_status", value.at, value.len);
}

static bool skip_word(struct span *name)
{
	static const char *const words[] = { " ",      "#",     "-",      "_",
					     "system", "power", "supply", "unit",
					     "psu",    "ps",    "pwr",    "bay" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);

		if (name->len < len || strncasecmp(name->at, words[i], len) != 0)
			continue;
		name->at += len;
		name->len -= len;
		return true;
	}
	return false;
}

/* "Power Supply 1" of HPE's servers, "Power supply 1" of AIC's: which one it is, not what.
 * "PS-2112" is a model. */
static bool is_numbered(struct span name)
{
	size_t whole = name.len;
	uint64_t number = 0;

	while (skip_word(&name))
		;
	return name.len < whole && (name.len == 0 || (text_take_u64(&name, &number) &&
						      name.len == 0 && number < 100));
}

static void put_name(const struct dmi_structure *s, json_t *props)
{
	struct span value;

	if (dmi_value(s, "Name", &value) && is_numbered(value)) {
		collect_span(props, "name", value);
		json_put(props, "model", json_null());
	} else {
		dmi_put_name(s, props, "Name", "model");
	}
}

/*
 * SMBIOS 7.40 counts in watts. dmidecode up to 2.11 took it for milliwatts and printed 460 W as
 * "0.460 W" (mended in its commit c6a1917, 2012); nothing else has three decimals.
 */
static void put_capacity(const struct dmi_structure *s, json_t *props)
{
	struct span value, rest;
	uint64_t milli;

	if (!dmi_value(s, "Max Power Capacity", &value))
		return;
	rest = value;
	if (memchr(value.at, '.', value.len) && text_take_milli(&rest, &milli) &&
	    text_is(rest, " W"))
		json_put(props, "power_capacity_watts", collect_integer(milli));
	else
		dmi_put_number(s, props, "Max Power Capacity", "power_capacity_watts",
			       "W", NULL);
}

static void put_supply(const struct dmi_structure *s, struct output *out)
{
	json_t *props = json_object();

	dmi_put_name(s, props, "Location", "location");
	put_name(s, props);
	dmi_put_name(s, props, "Manufacturer", "manufacturer");
	dmi_put_identity(s, props, "Serial Number", "serial_number");
	dmi_put_identity(s, props, "Asset Tag", "asset_tag");
	dmi_put_identity(s, props, "Model Part Number", "part_number");
	dmi_put_name(s, props, "Revision", "version");
	put_capacity(s, props);
	dmi_put_word(s, props, "Type", "supply_type", NULL);
	put_boolean(s, props, "Plugged", "plugged_in");
	put_boolean(s, props, "Hot Replaceable", "hot_pluggable");
	put_status(s, props);
	json_put(props, "smbios_handle", json_string(dmi_key(s).text));
	collect_record(out, "power_supplies", dmi_key(s).text, props);
}

static void put_ipmi_device(const struct dmi_structure *s, struct output *out)
{
	json_t *props = json_object();

	dmi_put_word(s, props, "Interface Type", "interface_type", NULL);
	dmi_put_word(s, props, "Specification Version", "ipmi_version", NULL);
	dmi_put_word(s, props, "I2C Slave Address", "i2c_address", NULL);
	dmi_put_word(s, props, "Base Address", "base_address", NULL);
	collect_record(out, "bmc", "bmc", props);
}

void collect_psu_dmi(const struct input *in, const char *instance, struct output *out)
{
	struct dmi_reader reader;
	struct dmi_structure structure;
	unsigned devices = 0;

	(void)instance;
	dmi_check(in, where, out);
	dmi_open(&reader, in, 39);
	while (dmi_next(&reader, &structure))
		put_supply(&structure, out);
	dmi_close(&reader);
	/* One per machine (7.39); the first is taken. */
	dmi_open(&reader, in, 38);
	while (dmi_next(&reader, &structure))
		if (devices++ == 0)
			put_ipmi_device(&structure, out);
	dmi_close(&reader);
}
