/* storage/smart: `smartctl -j -x` of one ATA, SCSI or NVMe drive. */
#include "storage.h"

#include <string.h>

#define MESSAGES_MAX 32 /* of smartctl about one drive */

/* In order of trust: the first member that is there gives the property. */
static const struct field smart_fields[] = {
	{ "model", "scsi_product", FIELD_TEXT },
	{ "model", "product", FIELD_TEXT }, /* its model_name begins with the vendor */
	{ "model", "model_name", FIELD_TEXT },
	{ "model", "scsi_model_name", FIELD_TEXT },
	{ "model_family", "model_family", FIELD_TEXT },
	{ "serial_number", "serial_number", FIELD_TEXT },
	{ "manufacturer", "scsi_vendor", FIELD_TEXT },
	{ "manufacturer", "vendor", FIELD_TEXT }, /* without "scsi_": up to 7.2 */
	{ "firmware_version", "firmware_version", FIELD_TEXT },
	{ "firmware_version", "scsi_revision", FIELD_TEXT },
	{ "firmware_version", "revision", FIELD_TEXT },
	{ "capacity_bytes", "user_capacity.bytes", FIELD_NUMBER },
	{ "capacity_bytes", "nvme_total_capacity", FIELD_NUMBER },
	{ "block_size_bytes", "logical_block_size", FIELD_NUMBER },
	{ "physical_block_size_bytes", "physical_block_size", FIELD_NUMBER },
	{ "form_factor", "form_factor.name", FIELD_TEXT },
	{ "trim_supported", "trim.supported", FIELD_BOOL },
	{ "smart_available", "smart_support.available", FIELD_BOOL },
	{ "smart_enabled", "smart_support.enabled", FIELD_BOOL },
	{ "power_on_hours", "power_on_time.hours", FIELD_NUMBER },
	{ "power_cycles", "power_cycle_count", FIELD_NUMBER },
	{ "available_spare_percent", "spare_available.current_percent", FIELD_NUMBER },
	{ "available_spare_threshold_percent", "spare_available.threshold_percent",
	  FIELD_NUMBER },
	{ "health_reason", "smart_status.scsi.ie_string", FIELD_TEXT },
	{ "grown_defect_count", "scsi_grown_defect_list", FIELD_NUMBER },
	{ "pending_defect_count", "scsi_pending_defects.count", FIELD_NUMBER },
	{ "uncorrected_read_errors",
	  "scsi_error_counter_log.read.total_uncorrected_errors", FIELD_NUMBER },
	{ "uncorrected_write_errors",
	  "scsi_error_counter_log.write.total_uncorrected_errors", FIELD_NUMBER },
	{ "uncorrected_verify_errors",
	  "scsi_error_counter_log.verify.total_uncorrected_errors", FIELD_NUMBER },
	{ "start_stop_cycles",
	  "scsi_start_stop_cycle_counter.accumulated_start_stop_cycles", FIELD_NUMBER },
	{ "start_stop_cycles_rated",
	  "scsi_start_stop_cycle_counter.specified_cycle_count_over_device_lifetime",
	  FIELD_NUMBER },
	{ "load_unload_cycles",
	  "scsi_start_stop_cycle_counter.accumulated_load_unload_cycles", FIELD_NUMBER },
	{ "load_unload_cycles_rated",
	  "scsi_start_stop_cycle_counter.specified_load_unload_count_over_device_"
	  "lifetime",
	  FIELD_NUMBER },
	{ "nvme_version", "nvme_version.string", FIELD_TEXT },
	{ "controller_id", "nvme_controller_id", FIELD_NUMBER },
	{ "unallocated_capacity_bytes", "nvme_unallocated_capacity", FIELD_NUMBER },
	{ "warning_temperature_celsius", "nvme_composite_temperature_threshold.warning",
	  FIELD_NUMBER },
	{ "critical_temperature_celsius", "nvme_composite_temperature_threshold.critical",
	  FIELD_NUMBER },
	{ NULL, NULL, FIELD_TEXT },
};

static const struct field nvme_log_fields[] = {
	{ "available_spare_percent", "available_spare", FIELD_NUMBER },
	{ "available_spare_threshold_percent", "available_spare_threshold",
	  FIELD_NUMBER },
	{ "host_read_commands", "host_reads", FIELD_NUMBER },
	{ "host_write_commands", "host_writes", FIELD_NUMBER },
	{ "media_errors", "media_errors", FIELD_NUMBER },
	{ "error_log_count", "num_err_log_entries", FIELD_NUMBER },
	{ "unsafe_shutdowns", "unsafe_shutdowns", FIELD_NUMBER },
	{ "warning_temperature_minutes", "warning_temp_time", FIELD_NUMBER },
	{ "critical_temperature_minutes", "critical_comp_time", FIELD_NUMBER },
	{ "thermal_throttle_1_count", "thermal_mgmt_temperature_1_transition_count",
	  FIELD_NUMBER },
	{ "thermal_throttle_2_count", "thermal_mgmt_temperature_2_transition_count",
	  FIELD_NUMBER },
	{ "thermal_throttle_1_seconds", "thermal_mgmt_temperature_1_total_time",
	  FIELD_NUMBER },
	{ "thermal_throttle_2_seconds", "thermal_mgmt_temperature_2_total_time",
	  FIELD_NUMBER },
	{ NULL, NULL, FIELD_TEXT },
};

/* What is there and was not understood; not there is no trouble. */
static void put_lost(json_t *props, const char *prop, const json_t *value)
{
	if (value)
		tool_json_put_unread(props, prop, value);
}

/* smartctl(8), EXIT STATUS. Bits 0 and 1 mean that there is little else. */
static void put_exit_status(json_t *props, const json_t *root)
{
	static const char *const names[] = {
		"command line did not parse",
		"device open failed or in low-power mode",
		"a command to the disk failed or a checksum was wrong",
		"disk failing",
		"prefail attribute at or below threshold",
		"attribute was at or below threshold in the past",
		"errors in the error log",
		"errors in the self-test log",
	};
	const json_t *said = tool_json_at(root, "smartctl.exit_status");
	json_t *list;
	uint64_t status;

	if (tool_json_u64(said, &status)) {
		put_lost(props, "smart_exit_status", said);
		return;
	}
	list = json_array();
	for (size_t bit = 0; bit < ARRAY_LEN(names); bit++)
		if (status >> bit & 1)
			json_push(list, json_string(names[bit]));
	json_put(props, "smart_exit_status", collect_integer(status));
	json_put(props, "smart_exit_reasons", list);
}

static void put_messages(json_t *props, const json_t *root)
{
	const json_t *messages = tool_json_at(root, "smartctl.messages");
	json_t *list = NULL;

	for (size_t i = 0; i < json_array_size(messages) && i < MESSAGES_MAX; i++) {
		AUTO_JSON json_t *one = json_object();
		const json_t *text =
			json_object_get(json_array_get(messages, i), "string");

		collect_json_text(one, "text", text);
		if (!list)
			json_put(props, "smart_messages", list = json_array());
		json_push(list, json_incref(json_object_get(one, "text")));
	}
}

/*
 * With -n smartctl asks a drive nothing that is in such a mode, and says "Device is in STANDBY mode,
 * exit(0)" (ataPrintMain, scsiPrintMain). False: none of its messages is that.
 */
static bool power_mode(const json_t *root, struct span *mode)
{
	const json_t *messages = tool_json_at(root, "smartctl.messages");

	for (size_t i = 0; i < json_array_size(messages) && i < MESSAGES_MAX; i++) {
		const json_t *text =
			json_object_get(json_array_get(messages, i), "string");
		struct span rest = { json_string_value(text), json_string_length(text) };
		const char *end;

		if (!text_skip(&rest, "Device is in "))
			continue;
		end = memmem(rest.at, rest.len, " mode, exit(", 12);
		if (!end || end == rest.at)
			continue;
		*mode = (struct span){ rest.at, (size_t)(end - rest.at) };
		return true;
	}
	return false;
}

static void put_power_mode(json_t *props, const json_t *root)
{
	struct span mode;

	if (power_mode(root, &mode))
		collect_span(props, "power_mode", mode);
}

/*
 * Kelvin 0 of an NVMe drive is printed as -273, and for what a SCSI device does not
 * report smartctl prints 0 or the 255 of its log page (SPC-5, 7.3.21). A SATA drive's 0 is what
 * its SCT status (ACS-4, 8.3) holds where there is no sensor.
 */
static bool no_temperature(const json_t *celsius, bool scsi)
{
	json_int_t value = json_integer_value(celsius);

	return json_is_integer(celsius) &&
	       (value <= -273 || value == 0 || (scsi && value == 255));
}

/* The environmental reports (SPC-5, 7.3.6) have one where the others do not. */
static void put_temperature(json_t *props, const json_t *root, const char *prop,
			    const char *path, const char *other)
{
	const char *protocol = json_string_value(tool_json_at(root, "device.protocol"));
	bool scsi = protocol && !strcmp(protocol, "SCSI");
	const json_t *value = tool_json_at(root, path);

	if (scsi && other && tool_json_at(root, other) &&
	    (!value || no_temperature(value, true)))
		value = tool_json_at(root, other);
	if (value && !no_temperature(value, scsi))
		tool_json_put_number(props, prop, value);
	else if (value)
		json_put(props, prop,
			 other ? storage_smart_ata_celsius(root) : json_null());
}

static void put_health(json_t *props, const json_t *root)
{
	const json_t *passed = tool_json_at(root, "smart_status.passed");
	uint64_t status = 0;

	if (!json_is_boolean(passed)) {
		put_lost(props, "health", passed);
		return;
	}
	(void)!tool_json_u64(tool_json_at(root, "smartctl.exit_status"), &status);
	json_put(props, "health",
		 json_string(!json_is_true(passed) ? "Critical"
			     : status & 0x10       ? "Warning"
						   : "OK"));
}

/* NAA 5 and 6 names as the kernel and the label on the drive write them. */
static void put_wwn(json_t *props, const json_t *root)
{
	uint64_t naa, oui, id;
	char text[32];
	int n;

	if (tool_json_at(root, "logical_unit_id")) {
		collect_json_text(props, "wwn", tool_json_at(root, "logical_unit_id"));
		return;
	}
	if (tool_json_u64(tool_json_at(root, "wwn.naa"), &naa) || naa > 0xf ||
	    tool_json_u64(tool_json_at(root, "wwn.oui"), &oui) || oui > 0xffffff ||
	    tool_json_u64(tool_json_at(root, "wwn.id"), &id) || id > 0xfffffffff) {
		put_lost(props, "wwn", json_object_get(root, "wwn"));
		return;
	}
	n = snprintf(text, sizeof(text), "0x%016llx",
		     (unsigned long long)(naa << 60 | oui << 36 | id));
	collect_text(props, "wwn", text, (size_t)n);
}

static void put_rotation(json_t *props, const json_t *root)
{
	const json_t *rate = json_object_get(root, "rotation_rate");
	uint64_t rpm;
	const char *protocol = json_string_value(tool_json_at(root, "device.protocol"));

	if (tool_json_u64(rate, &rpm)) {
		put_lost(props, "rotation_speed_rpm", rate);
		return;
	}
	/* SCSI's 0 is "not reported" (SBC-4, 6.6.2) and 1 "does not rotate": smartctl 7.3
	 * prints 0 for both. The kernel's flag tells them apart. */
	if (!rpm && protocol && !strcmp(protocol, "SCSI"))
		return;
	json_put(props, "media_type", json_string(rpm ? "HDD" : "SSD"));
	json_put(props, "rotation_speed_rpm", rpm ? collect_integer(rpm) : json_null());
}

static void put_protocol(json_t *props, const json_t *root)
{
	const char *protocol = json_string_value(tool_json_at(root, "device.protocol"));
	const char *transport =
		json_string_value(tool_json_at(root, "scsi_transport_protocol.name"));
	const char *word = NULL;

	if (!protocol)
		return;
	if (!strcmp(protocol, "ATA"))
		word = json_object_get(root, "pata_version") ? "PATA" : "SATA";
	else if (!strcmp(protocol, "NVMe"))
		word = "NVMe";
	else if (transport && !strncmp(transport, "SAS", 3))
		word = "SAS";
	else if (transport && !strncmp(transport, "Fibre", 5))
		word = "FC";
	else if (transport && !strncmp(transport, "iSCSI", 5))
		word = "iSCSI";
	if (word)
		json_put(props, "protocol", json_string(word));
}

static void put_sata_speed(json_t *props, const char *prop, const json_t *speed)
{
	uint64_t units, bits, rate;

	if (tool_json_u64(json_object_get(speed, "units_per_second"), &units) ||
	    tool_json_u64(json_object_get(speed, "bits_per_unit"), &bits) ||
	    __builtin_mul_overflow(units, bits, &rate)) {
		put_lost(props, prop, speed);
		return;
	}
	json_put(props, prop, collect_milli(rate / 1000000));
}

static void put_nvme(json_t *props, const json_t *root)
{
	const json_t *log = json_object_get(root, "nvme_smart_health_information_log");
	uint64_t warning;

	if (!log)
		return;
	json_put(props, "media_type", json_string("SSD"));
	tool_json_fields(props, log, nvme_log_fields);
	storage_life_used(props, json_object_get(log, "percentage_used"));
	storage_nvme_units(props, "data_read_bytes",
			   json_object_get(log, "data_units_read"));
	storage_nvme_units(props, "data_written_bytes",
			   json_object_get(log, "data_units_written"));
	if (!tool_json_u64(json_object_get(log, "critical_warning"), &warning))
		storage_nvme_warnings(props, warning);
	else if (json_object_get(log, "critical_warning"))
		tool_json_put_unread(props, "critical_warnings",
				     json_object_get(log, "critical_warning"));
}

/*
 * Exit bit 2 is set for every log that a simple drive, a bridge or a RAID volume does not
 * have; smart_exit_reasons says so. It is trouble when what was asked for is lost: the
 * verdict of a drive that has one to give.
 */
static bool lost_smart(const json_t *root, uint64_t status)
{
	const char *protocol = json_string_value(tool_json_at(root, "device.protocol"));
	bool ata = protocol && !strcmp(protocol, "ATA");

	if (!(status & 4) ||
	    json_is_false(tool_json_at(root, "smart_support.available")) ||
	    json_is_false(tool_json_at(root, "smart_support.enabled")))
		return false;
	if (!json_is_true(tool_json_at(root, "smart_support.available")) && !ata)
		return false;
	return !json_is_boolean(tool_json_at(root, "smart_status.passed")) ||
	       (ata && !tool_json_at(root, "ata_smart_attributes"));
}

void storage_smart_version(const json_t *root, struct output *out)
{
	const json_t *version = tool_json_at(root, "smartctl.version");
	char text[48];
	int n;

	if (!json_is_array(version))
		return;
	n = snprintf(text, sizeof(text), "%lld.%lld",
		     (long long)json_integer_value(json_array_get(version, 0)),
		     (long long)json_integer_value(json_array_get(version, 1)));
	collect_tool_version(out, "smartctl", text, (size_t)n);
}

/* The instance is the record's key; a file someone mailed in has the device's name
 * inside. */
static struct drive_key record_key(const json_t *root, const char *instance)
{
	const char *name = json_string_value(tool_json_at(root, "device.name"));

	if (*instance || !name)
		name = *instance ? instance : "unknown";
	else if (!strncmp(name, "/dev/", 5))
		name += 5;
	return storage_key((struct span){ name, strlen(name) });
}

json_t *storage_smart_props(const json_t *root)
{
	json_t *props = json_object();

	tool_json_fields(props, root, smart_fields);
	put_temperature(props, root, "temperature_celsius", "temperature.current",
			"scsi_environmental_reports.temperature_1.current");
	put_temperature(props, root, "temperature_limit_celsius",
			"temperature.drive_trip", NULL);
	put_exit_status(props, root);
	put_messages(props, root);
	put_power_mode(props, root);
	put_health(props, root);
	put_wwn(props, root);
	put_rotation(props, root);
	put_protocol(props, root);
	put_sata_speed(props, "capable_speed_gbps",
		       tool_json_at(root, "interface_speed.max"));
	put_sata_speed(props, "negotiated_speed_gbps",
		       tool_json_at(root, "interface_speed.current"));
	put_nvme(props, root);
	storage_life_used(props, tool_json_at(root, "endurance_used.current_percent"));
	storage_life_used(
		props, json_object_get(root, "scsi_percentage_used_endurance_indicator"));
	storage_smart_ata(props, root);
	storage_smart_scsi(props, root);
	storage_smart_self_test(props, root);
	storage_check_identity(props); /* some USB bridges have one for all */
	return props;
}

static void tell_messages(const json_t *root, const char *key, struct output *out)
{
	const json_t *messages = tool_json_at(root, "smartctl.messages");

	for (size_t i = 0; i < json_array_size(messages) && i < MESSAGES_MAX; i++) {
		const char *text = json_string_value(
			json_object_get(json_array_get(messages, i), "string"));

		if (text)
			collect_error(out, key, "smartctl says: %.200s", text);
	}
}

/* Bit 0 is a USB bridge that smartctl does not know. */
void storage_smart_trouble(const json_t *root, const char *key, struct output *out)
{
	struct span mode;
	uint64_t status;

	if (tool_json_u64(tool_json_at(root, "smartctl.exit_status"), &status) ||
	    power_mode(root, &mode))
		return;
	if ((status & 2) || lost_smart(root, status))
		collect_error(out, key, "smartctl could not read %s (exit bits 0x%llx)",
			      status & 2 ? "the drive" : "its SMART data",
			      (unsigned long long)status);
	if ((status & 3) || lost_smart(root, status))
		tell_messages(root, key, out);
}

void collect_storage_smart(const struct input *in, const char *instance,
			   struct output *out)
{
	AUTO_JSON json_t *root = tool_json_load(in, "smartctl", out);
	struct drive_key key;
	json_t *props;

	if (!root)
		return;
	storage_smart_version(root, out);
	key = record_key(root, instance);
	props = storage_smart_props(root);
	if (json_object_size(props) == 0 && !json_object_get(root, "device"))
		collect_error(out, key.text, "nothing in smartctl's JSON is known");
	if (*instance)
		collect_record(out, STORAGE_DRIVES, key.text, props);
	else
		collect_json_record(out, STORAGE_DRIVES, key.text, props);
	storage_smart_trouble(root, key.text, out);
}
