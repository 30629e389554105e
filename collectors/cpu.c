/* Processor sockets, filled or not (SMBIOS type 4). */
#include "dmi_props.h"

#include <string.h>

/* SMBIOS 3.6, 7.5.1, to Redfish's ProcessorType where it has a word. */
static const struct dmi_word processor_types[] = {
	{ "Central Processor", "CPU" },
	{ "DSP Processor", "DSP" },
	{ "Video Processor", "GPU" },
	{ NULL, NULL },
};

/*
 * SMBIOS 3.6, 7.5, offset 18h, in the words of dmidecode up to 3.6; 3.7 writes "Disabled by
 * firmware". Idle waits to be enabled: Redfish's StandbyOffline.
 */
static const struct {
	const char *theirs, *later, *state; /* NULL: not known */
} states[] = {
	{ "Unpopulated", NULL, "Absent" },
	{ "Populated, Enabled", NULL, "Enabled" },
	{ "Populated, Disabled By User", NULL, "Disabled" },
	{ "Populated, Disabled By BIOS", "Populated, Disabled By Firmware", "Disabled" },
	{ "Populated, Idle", NULL, "StandbyOffline" },
	{ "Populated, Unknown", NULL, NULL },
	{ "Populated, Other", NULL, NULL },
};

static void put_state(const struct dmi_structure *s, json_t *props)
{
	struct span value;

	if (!dmi_value(s, "Status", &value))
		return;
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (!text_is_word(value, states[i].theirs) &&
		    !(states[i].later && text_is_word(value, states[i].later)))
			continue;
		json_put(props, "state",
			 states[i].state ? json_string(states[i].state) : json_null());
		json_put(props, "status", json_string(states[i].theirs));
		return;
	}
	dmi_put_nothing(props, "state", value);
	collect_text(props, "status", value.at, value.len);
}

/*
 * "1.8 V" is the voltage; "5.0 V 3.3 V" and the like are what the socket can do
 * (SMBIOS 3.6, 7.5.4, legacy mode), not what it has.
 */
static void put_voltage(const struct dmi_structure *s, json_t *props)
{
	struct span value;
	const char *first;

	if (!dmi_value(s, "Voltage", &value))
		return;
	first = memmem(value.at, value.len, " V ", 3);
	if (!first) {
		dmi_put_volts(s, props, "Voltage", "voltage_volts");
		return;
	}
	json_put(props, "voltage_volts", json_null());
	collect_text(props, "voltage_capability", value.at, value.len);
}

/* "Intel(R) Xeon(R) CPU           X5650  @ 2.67GHz": CPUID's 48 bytes, filled up in the middle. */
static void put_model(const struct dmi_structure *s, json_t *props)
{
	struct span value;
	AUTO_FREE char *text = NULL;
	size_t len = 0;

	if (!dmi_value(s, "Version", &value))
		return;
	text = xcalloc(value.len + 1, 1);
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] != ' ' || (len > 0 && text[len - 1] != ' '))
			text[len++] = value.at[i];
	placeholder_put(props, "model", text, len, PLACEHOLDER_WORDS);
}

static void put_processor(const struct dmi_structure *s, struct output *out)
{
	json_t *props = json_object();

	dmi_put_name(s, props, "Socket Designation", "socket");
	put_state(s, props);
	dmi_put_word(s, props, "Type", "processor_type", processor_types);
	dmi_put_name(s, props, "Manufacturer", "manufacturer");
	put_model(s, props);
	dmi_put_word(s, props, "Family", "family", NULL);
	dmi_put_identity(s, props, "ID", "id");
	dmi_put_name(s, props, "Signature", "signature");
	put_voltage(s, props);
	dmi_put_number(s, props, "External Clock", "external_clock_mhz", "MHz", NULL);
	dmi_put_number(s, props, "Max Speed", "max_speed_mhz", "MHz", NULL);
	dmi_put_number(s, props, "Current Speed", "current_speed_mhz", "MHz", NULL);
	dmi_put_word(s, props, "Upgrade", "upgrade", NULL);
	dmi_put_number(s, props, "Core Count", "core_count", "", NULL);
	dmi_put_number(s, props, "Core Enabled", "core_enabled", "", NULL);
	dmi_put_number(s, props, "Thread Count", "thread_count", "", NULL);
	dmi_put_identity(s, props, "Serial Number", "serial_number");
	dmi_put_identity(s, props, "Asset Tag", "asset_tag");
	dmi_put_identity(s, props, "Part Number", "part_number");
	dmi_put_list(s, props, "Characteristics", "characteristics");
	collect_record(out, "processors", dmi_key(s).text, props);
}

void collect_cpu_dmi(const struct input *in, const char *instance, struct output *out)
{
	struct dmi_reader reader;
	struct dmi_structure structure;

	(void)instance;
	dmi_check(in, "cpu/dmi", out);
	dmi_open(&reader, in, 4);
	while (dmi_next(&reader, &structure))
		put_processor(&structure, out);
	dmi_close(&reader);
}
