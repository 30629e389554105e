/* storage/nvme-id and storage/nvme-smart: nvme-cli's JSON of one controller. */
#include "storage.h"

static const struct field id_fields[] = {
	{ "model", "mn", FIELD_TEXT },
	{ "serial_number", "sn", FIELD_TEXT },
	{ "firmware_version", "fr", FIELD_TEXT },
	{ "subsystem_nqn", "subnqn", FIELD_TEXT },
	{ "controller_id", "cntlid", FIELD_NUMBER },
	{ "namespaces_max", "nn", FIELD_NUMBER },
	{ "warning_temperature_celsius", "wctemp", FIELD_KELVIN },
	{ "critical_temperature_celsius", "cctemp", FIELD_KELVIN },
	{ NULL, NULL, FIELD_TEXT },
};

static const struct field smart_fields[] = {
	{ "temperature_celsius", "temperature", FIELD_KELVIN },
	{ "available_spare_percent", "avail_spare", FIELD_NUMBER },
	{ "available_spare_threshold_percent", "spare_thresh", FIELD_NUMBER },
	{ "power_on_hours", "power_on_hours", FIELD_NUMBER },
	{ "power_cycles", "power_cycles", FIELD_NUMBER },
	{ "unsafe_shutdowns", "unsafe_shutdowns", FIELD_NUMBER },
	{ "media_errors", "media_errors", FIELD_NUMBER },
	{ "host_read_commands", "host_read_commands", FIELD_NUMBER },
	{ "host_write_commands", "host_write_commands", FIELD_NUMBER },
	{ "error_log_count", "num_err_log_entries", FIELD_NUMBER },
	{ "warning_temperature_minutes", "warning_temp_time", FIELD_NUMBER },
	{ "critical_temperature_minutes", "critical_comp_time", FIELD_NUMBER },
	{ "thermal_throttle_1_count", "thm_temp1_trans_count", FIELD_NUMBER },
	{ "thermal_throttle_2_count", "thm_temp2_trans_count", FIELD_NUMBER },
	{ "thermal_throttle_1_seconds", "thm_temp1_total_time", FIELD_NUMBER },
	{ "thermal_throttle_2_seconds", "thm_temp2_total_time", FIELD_NUMBER },
	{ NULL, NULL, FIELD_TEXT },
};

static void put_hex(json_t *props, const char *prop, const json_t *value)
{
	uint64_t number;
	char text[24];
	int n;

	if (tool_json_u64(value, &number) || number > 0xffff) {
		if (value)
			tool_json_put_unread(props, prop, value);
		return;
	}
	n = snprintf(text, sizeof(text), "0x%04llx", (unsigned long long)number);
	json_put(props, prop, json_stringn(text, (size_t)n));
}

/* 0x010400 is "1.4" (NVMe 1.4, 3.1.2: major, minor, tertiary). */
static void put_version(json_t *props, const json_t *value)
{
	uint64_t ver;
	char text[32];
	int n;

	if (!tool_json_u64(value, &ver) && ver == 0) /* NVMe before 1.2 */
		return;
	if (tool_json_u64(value, &ver) || ver > UINT32_MAX) {
		if (value)
			tool_json_put_unread(props, "nvme_version", value);
		return;
	}
	n = snprintf(text, sizeof(text), "%u.%u", (unsigned)(ver >> 16),
		     (unsigned)(ver >> 8 & 0xff));
	if (ver & 0xff)
		n += snprintf(text + n, sizeof(text) - (size_t)n, ".%u",
			      (unsigned)(ver & 0xff));
	json_put(props, "nvme_version", json_stringn(text, (size_t)n));
}

/* 0 is what a controller without namespace management reports: not known. */
static void put_capacity(json_t *props, const char *prop, const json_t *value,
			 bool zero_is_real)
{
	uint64_t bytes;

	if (!value)
		return;
	if (!tool_json_u64(value, &bytes) && bytes == 0 && !zero_is_real)
		return;
	tool_json_put_number(props, prop, value);
}

void collect_storage_nvme_id(const struct input *in, const char *instance,
			     struct output *out)
{
	AUTO_JSON json_t *root = tool_json_load(in, "nvme id-ctrl", out);
	json_t *props;

	if (!root)
		return;
	props = json_object();
	tool_json_fields(props, root, id_fields);
	put_hex(props, "vendor_id", json_object_get(root, "vid"));
	put_hex(props, "subsystem_vendor_id", json_object_get(root, "ssvid"));
	put_version(props, json_object_get(root, "ver"));
	put_capacity(props, "capacity_bytes", json_object_get(root, "tnvmcap"), false);
	put_capacity(props, "unallocated_capacity_bytes",
		     json_object_get(root, "unvmcap"), true);
	if (json_object_size(props) == 0)
		collect_error(out, "nvme id-ctrl", "nothing in it is known");
	json_put(props, "protocol", json_string("NVMe"));
	json_put(props, "media_type", json_string("SSD"));
	storage_check_identity(props);
	collect_record(out, STORAGE_DRIVES, *instance ? instance : "unknown", props);
}

static void put_sensors(json_t *props, const json_t *root)
{
	AUTO_JSON json_t *list = json_array();

	for (unsigned i = 1; i <= 8; i++) {
		char name[32];
		const json_t *value;
		json_t *celsius;
		uint64_t kelvin;

		(void)snprintf(name, sizeof(name), "temperature_sensor_%u", i);
		value = json_object_get(root, name);
		celsius = value ? tool_json_celsius(value) : json_null();
		if (!json_is_null(celsius))
			json_push(list, celsius);
		else if (value && (tool_json_u64(value, &kelvin) || kelvin))
			tool_json_put_unread(props, "sensors_celsius", value);
	}
	if (json_array_size(list) > 0)
		json_put(props, "sensors_celsius", json_incref(list));
}

/* Of all endurance groups together: NVMe 1.4, figure 194, byte 6. 0 too where there are none. */
static void put_group_warnings(json_t *props, const json_t *root)
{
	static const struct {
		unsigned bit;
		const char *name;
	} bits[] = {
		{ 0, "available spare below threshold" },
		{ 2, "reliability degraded" },
		{ 3, "read only" },
	};
	const json_t *said =
		json_object_get(root, "endurance_grp_critical_warning_summary");
	uint64_t value;
	json_t *list;

	if (tool_json_u64(said, &value)) {
		if (said)
			tool_json_put_unread(props, "endurance_group_warnings", said);
		return;
	}
	if (value == 0)
		return;
	list = json_array();
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (value >> bits[i].bit & 1)
			json_push(list, json_string(bits[i].name));
	json_put(props, "endurance_group_warnings", list);
}

void collect_storage_nvme_smart(const struct input *in, const char *instance,
				struct output *out)
{
	AUTO_JSON json_t *root = tool_json_load(in, "nvme smart-log", out);
	const json_t *warning;
	json_t *props;
	uint64_t bits;

	if (!root)
		return;
	props = json_object();
	tool_json_fields(props, root, smart_fields);
	put_sensors(props, root);
	storage_life_used(props, json_object_get(root, "percent_used"));
	storage_nvme_units(props, "data_read_bytes",
			   json_object_get(root, "data_units_read"));
	storage_nvme_units(props, "data_written_bytes",
			   json_object_get(root, "data_units_written"));
	/* An object with the bits taken apart since nvme-cli 1.13 -H and 2.x -v. */
	warning = json_object_get(root, "critical_warning");
	if (json_object_get(warning, "value"))
		warning = json_object_get(warning, "value");
	if (!tool_json_u64(warning, &bits))
		storage_nvme_warnings(props, bits);
	else if (warning)
		tool_json_put_unread(props, "critical_warnings", warning);
	put_group_warnings(props, root);
	if (json_object_size(props) == 0)
		collect_error(out, "nvme smart-log", "nothing in it is known");
	collect_record(out, STORAGE_DRIVES, *instance ? instance : "unknown", props);
}
