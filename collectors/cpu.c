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

/* SMBIOS 3.6, 7.5, offset 18h. Idle waits to be enabled: Redfish's StandbyOffline. */
static const struct dmi_word states[] = {
	{ "Unpopulated", "Absent" },
	{ "Populated, Enabled", "Enabled" },
	{ "Populated, Disabled By User", "Disabled" },
	{ "Populated, Disabled By BIOS", "Disabled" },
	{ "Populated, Idle", "StandbyOffline" },
	{ NULL, NULL },
};

static void put_state(const struct dmi_structure *s, json_t *props)
{
	struct span value;

	if (!dmi_value(s, "Status", &value))
		return;
	json_put(props, "state", json_null());
	for (const struct dmi_word *w = states; w->theirs; w++)
		if (text_is(value, w->theirs))
			json_put(props, "state", json_string(w->ours));
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

static void put_processor(const struct dmi_structure *s, struct output *out)
{
	json_t *props = json_object();

	dmi_put_name(s, props, "Socket Designation", "socket");
	put_state(s, props);
	dmi_put_word(s, props, "Type", "processor_type", processor_types);
	dmi_put_name(s, props, "Manufacturer", "manufacturer");
	dmi_put_name(s, props, "Version", "model");
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
