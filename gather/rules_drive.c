/* Rules about drives, by what they say of themselves. */
#include "rules.h"

#define DRIVES "storage.drives"

static bool is_doubted(const struct judgement *j)
{
	return rule_text(j->subject, "health_doubted");
}

/* NVMe drives say why in critical_warnings, which has a rule of its own. */
static bool is_failing(const struct judgement *j)
{
	return rule_is(j->subject, "health", "Critical") &&
	       json_array_size(json_object_get(j->subject, "critical_warnings")) == 0;
}

static bool is_warning(const struct judgement *j)
{
	return rule_is(j->subject, "health", "Warning");
}

static bool was_below_threshold(const struct judgement *j)
{
	return rule_lists(j->subject, "smart_exit_reasons", "in the past");
}

/* NVMe 1.4, figure 194: the spare "falls below the threshold". */
static bool spare_is_low(const struct judgement *j)
{
	double spare, threshold;

	return rule_number(j->subject, "available_spare_percent", &spare) &&
	       rule_number(j->subject, "available_spare_threshold_percent", &threshold) &&
	       spare < threshold;
}

static bool has_only_entries(const struct judgement *j)
{
	double lost = 0;

	return rule_over(j) &&
	       (!rule_number(j->subject, "media_errors", &lost) || !(lost > 0));
}

/* Flash retires blocks as it wears, which spare and life left judge better. */
static bool disk_reallocates(const struct judgement *j)
{
	return !rule_is(j->subject, "media_type", "SSD") && rule_at_least(j);
}

/* What the rule for many does not tell already. */
static bool some_are_reallocated(const struct judgement *j)
{
	double count;

	return rule_number(j->subject, j->rule->evidence[0], &count) && count > 0 &&
	       !disk_reallocates(j);
}

static bool is_wearing_out(const struct judgement *j)
{
	double left;

	return rule_at_most(j) && rule_number(j->subject, j->rule->evidence[0], &left) &&
	       left > 0;
}

static bool has_some_crc_errors(const struct judgement *j)
{
	double count;

	return !rule_at_least(j) &&
	       rule_number(j->subject, j->rule->evidence[0], &count) && count > 0;
}

/* A trip point of 0 is one that was not set. */
static bool above(const json_t *drive, const char *limit_name)
{
	double now, limit;

	return rule_number(drive, "temperature_celsius", &now) &&
	       rule_number(drive, limit_name, &limit) && limit > 0 && now >= limit;
}

static bool is_too_hot(const struct judgement *j)
{
	return above(j->subject, "critical_temperature_celsius");
}

static bool is_hot(const struct judgement *j)
{
	return !above(j->subject, "critical_temperature_celsius") &&
	       (above(j->subject, "warning_temperature_celsius") ||
		above(j->subject, "temperature_limit_celsius"));
}

static bool was_hot(const struct judgement *j)
{
	double warning = 0, critical = 0;

	return (rule_number(j->subject, "warning_temperature_minutes", &warning) &&
		warning > 0) ||
	       (rule_number(j->subject, "critical_temperature_minutes", &critical) &&
		critical > 0);
}

static bool self_test_failed(const struct judgement *j)
{
	return json_is_object(json_object_get(j->subject, "self_test_failed"));
}

/* NVMe's log also counts commands that a controller merely does not know. */
static bool has_logged_errors(const struct judgement *j)
{
	return !rule_is(j->subject, "protocol", "NVMe") && rule_over(j);
}

/* What the host's port can do is not known: it may be the slower end. */
static bool link_is_slow(const struct judgement *j)
{
	double now, most;

	return rule_number(j->subject, "negotiated_speed_gbps", &now) &&
	       rule_number(j->subject, "capable_speed_gbps", &most) && now < most;
}

/* An empty card reader and an NVMe controller without a namespace have none either; one that was told and not
 * understood is not "none". */
static bool has_no_capacity(const struct judgement *j)
{
	const json_t *capacity = json_object_get(j->subject, "capacity_bytes");
	const json_t *unread = json_object_get(j->subject, "unparsed");
	double bytes;

	if (json_object_get(unread, "capacity_bytes"))
		return false;
	if (!rule_is(j->subject, "protocol", "SATA") &&
	    !rule_is(j->subject, "protocol", "SAS"))
		return false;
	if (json_is_true(json_object_get(j->subject, "removable")))
		return false;
	return json_is_null(capacity) ||
	       (rule_number(j->subject, "capacity_bytes", &bytes) && bytes <= 0);
}

static bool smart_is_off(const struct judgement *j)
{
	return json_is_true(json_object_get(j->subject, "smart_available")) &&
	       json_is_false(json_object_get(j->subject, "smart_enabled"));
}

#define REPLACE_SOON "Back up what is on it and replace the drive soon."

const struct rule rules_drive[] = {
	{ .id = "drive-failing",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .check = is_failing,
	  .evidence = { "health", "health_reason", "smart_exit_reasons" },
	  .condition = "SMART's overall status is \"failed\", and the drive gives no "
		       "`critical_warnings`",
	  .message = "the drive says that it is failing",
	  .resolution = "Back up what is on it now and replace the drive.",
	  .source = "ACS-4, SMART RETURN STATUS; SPC-5, informational exceptions" },
	{ .id = "drive-critical-warning",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .check = rule_filled,
	  .evidence = { "critical_warnings", "available_spare_percent",
			"available_spare_threshold_percent", "temperature_celsius",
			"predicted_media_life_left_percent", "media_errors" },
	  .condition = "a bit of the NVMe critical warning is set",
	  .message = "the drive warns: {critical_warnings}",
	  .resolution = "Back up what is on it; cool it where the warning is of its "
			"temperature, else replace the drive.",
	  .source = "NVMe 1.4, figure 194, byte 0" },
	{ .id = "drive-attribute-failed",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = is_warning,
	  .evidence = { "health", "smart_exit_reasons" },
	  .condition =
		  "SMART's status is \"passed\", and an attribute is at or below its "
		  "threshold (exit bit 4)",
	  .message = "an attribute of the drive is below its threshold",
	  .resolution = REPLACE_SOON,
	  .source = "smartctl(8), EXIT STATUS" },
	{ .id = "drive-pending-sectors",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = rule_over,
	  .evidence = { "pending_sector_count", "reallocated_sector_count" },
	  .condition = "`pending_sector_count` over 0",
	  .message = "{pending_sector_count} sectors cannot be read and wait to be "
		     "reallocated",
	  .resolution = REPLACE_SOON " Writing to the sectors reallocates them.",
	  .source = "ATA attribute 197; ACS-4, 9.5" },
	{ .id = "drive-pending-defects",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = rule_over,
	  .evidence = { "pending_defect_count" },
	  .condition = "`pending_defect_count` over 0",
	  .message = "{pending_defect_count} blocks are in the log of pending defects",
	  .resolution = REPLACE_SOON,
	  .source = "ACS-4, Pending Defects log" },
	{ .id = "drive-uncorrectable-sectors",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = rule_over,
	  .evidence = { "uncorrectable_sector_count" },
	  .condition = "`uncorrectable_sector_count` over 0",
	  .message =
		  "{uncorrectable_sector_count} sectors could not be corrected offline",
	  .resolution = REPLACE_SOON,
	  .source = "ATA attribute 198" },
	{ .id = "drive-uncorrected-reads",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = rule_over,
	  .evidence = { "uncorrected_read_errors" },
	  .condition = "`uncorrected_read_errors` over 0",
	  .message = "{uncorrected_read_errors} reads failed for good",
	  .resolution = REPLACE_SOON,
	  .source = "SPC-5, read error counter log page" },
	{ .id = "drive-uncorrected-writes",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = rule_over,
	  .evidence = { "uncorrected_write_errors" },
	  .condition = "`uncorrected_write_errors` over 0",
	  .message = "{uncorrected_write_errors} writes failed for good",
	  .resolution = REPLACE_SOON,
	  .source = "SPC-5, write error counter log page" },
	{ .id = "drive-media-errors",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = rule_over,
	  .evidence = { "media_errors" },
	  .condition = "`media_errors` over 0",
	  .message = "{media_errors} times the drive lost data that it could not restore",
	  .resolution = REPLACE_SOON,
	  .source = "NVMe 1.4, figure 194, Media and Data Integrity Errors" },
	{ .id = "drive-media-error-entries",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = has_only_entries,
	  .evidence = { "media_error_entry_count", "media_errors" },
	  .condition = "`media_error_entry_count` over 0, `media_errors` not",
	  .message = "{media_error_entry_count} commands failed for damaged data",
	  .resolution = REPLACE_SOON,
	  .source = "NVMe 1.4, 5.14.1.1 and figure 133" },
	{ .id = "drive-many-reallocated-sectors",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = disk_reallocates,
	  .limit = 100,
	  .evidence = { "reallocated_sector_count" },
	  .condition = "`reallocated_sector_count` 100 or more, and not an SSD",
	  .message = "{reallocated_sector_count} sectors were replaced by spare ones",
	  .resolution = REPLACE_SOON,
	  .source = "ATA attribute 5; experience" },
	{ .id = "drive-many-grown-defects",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = disk_reallocates,
	  .limit = 100,
	  .evidence = { "grown_defect_count" },
	  .condition = "`grown_defect_count` 100 or more, and not an SSD",
	  .message =
		  "{grown_defect_count} blocks were found bad since the drive was made",
	  .resolution = REPLACE_SOON,
	  .source = "SBC-4, grown defect list; experience" },
	{ .id = "drive-spare-low",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .check = spare_is_low,
	  .evidence = { "available_spare_percent", "available_spare_threshold_percent" },
	  .condition =
		  "`available_spare_percent` below `available_spare_threshold_percent`",
	  .message =
		  "{available_spare_percent} % of the spare blocks are left; the drive "
		  "asks for {available_spare_threshold_percent} %",
	  .resolution = "Replace the drive.",
	  .source = "NVMe 1.4, figure 194, Available Spare" },
	{ .id = "drive-worn-out",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .check = rule_at_most,
	  .limit = 0,
	  .evidence = { "predicted_media_life_left_percent", "data_written_bytes" },
	  .condition = "`predicted_media_life_left_percent` is 0 (100 % used or more)",
	  .message = "the drive has used up its rated life",
	  .resolution = "Replace the drive: it may go read-only, and its maker no longer "
			"vouches for data in it.",
	  .source = "NVMe 1.4, figure 194, Percentage Used; ACS-4, 9.5" },
	{ .id = "drive-wearing-out",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = is_wearing_out,
	  .limit = 10,
	  .evidence = { "predicted_media_life_left_percent", "data_written_bytes" },
	  .condition = "`predicted_media_life_left_percent` from 1 to 10",
	  .message =
		  "{predicted_media_life_left_percent} % of the drive's rated life are "
		  "left",
	  .resolution = "Plan a replacement.",
	  .source = "NVMe 1.4, figure 194, Percentage Used; ACS-4, 9.5" },
	{ .id = "drive-too-hot",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .check = is_too_hot,
	  .evidence = { "temperature_celsius", "critical_temperature_celsius" },
	  .condition = "`temperature_celsius` at or over `critical_temperature_celsius`",
	  .message =
		  "{temperature_celsius} C, and {critical_temperature_celsius} C is the "
		  "drive's critical limit",
	  .resolution = "Check fans and airflow now: the drive may shut down.",
	  .source = "NVMe 1.4, figure 247, CCTEMP" },
	{ .id = "drive-hot",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = is_hot,
	  .evidence = { "temperature_celsius", "warning_temperature_celsius",
			"temperature_limit_celsius" },
	  .condition =
		  "`temperature_celsius` at or over `warning_temperature_celsius` or "
		  "`temperature_limit_celsius`",
	  .message = "{temperature_celsius} C is over the drive's own limit",
	  .resolution = "Check fans and airflow.",
	  .source = "NVMe 1.4, figure 247, WCTEMP; SPC-5, temperature log page" },
	{ .id = "drive-self-test-failed",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = self_test_failed,
	  .evidence = { "self_test_failed", "self_test" },
	  .condition = "`self_test_failed` is there: no later test that was passed "
		       "outdates it",
	  .message = "the drive failed a self-test",
	  .resolution = REPLACE_SOON,
	  .source = "smartctl(8), -t" },
	{ .id = "drive-without-capacity",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = has_no_capacity,
	  .evidence = { "capacity_bytes", "protocol", "removable" },
	  .condition = "`capacity_bytes` is null or 0 and not `unparsed`, `protocol` "
		       "SATA or SAS, not removable",
	  .message = "the drive is there and has no capacity",
	  .resolution = "It may be locked, being formatted, or broken: look into the "
			"kernel's log.",
	  .source = "experience" },
	{ .id = "drive-many-crc-errors",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = rule_at_least,
	  .limit = 1000,
	  .evidence = { "interface_crc_errors" },
	  .condition = "`interface_crc_errors` 1,000 or more",
	  .message =
		  "{interface_crc_errors} transfers between drive and host were damaged",
	  .resolution = "Reseat or replace the cable or the backplane's slot; the count "
			"never goes back, so watch whether it grows.",
	  .source = "ATA attribute 199; ACS-4, 9.5" },
	{ .id = "drive-crc-errors",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = has_some_crc_errors,
	  .limit = 1000,
	  .evidence = { "interface_crc_errors" },
	  .condition = "`interface_crc_errors` from 1 to 999",
	  .message =
		  "{interface_crc_errors} transfers between drive and host were damaged",
	  .resolution = "Nothing, unless the count grows: then the cable.",
	  .source = "ATA attribute 199; ACS-4, 9.5" },
	{ .id = "drive-reallocated-sectors",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = some_are_reallocated,
	  .limit = 100,
	  .evidence = { "reallocated_sector_count" },
	  .condition = "`reallocated_sector_count` from 1 to 99, or more of an SSD",
	  .message = "{reallocated_sector_count} sectors were replaced by spare ones",
	  .resolution = "Nothing, unless the count grows.",
	  .source = "ATA attribute 5" },
	{ .id = "drive-reported-uncorrectable",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = rule_over,
	  .evidence = { "reported_uncorrectable_errors" },
	  .condition = "`reported_uncorrectable_errors` over 0",
	  .message = "{reported_uncorrectable_errors} errors were reported to the host",
	  .resolution = "Nothing, unless the count grows: then replace the drive.",
	  .source = "ATA attribute 187; ACS-4, 9.5" },
	{ .id = "drive-grown-defects",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = some_are_reallocated,
	  .limit = 100,
	  .evidence = { "grown_defect_count" },
	  .condition = "`grown_defect_count` from 1 to 99, or more of an SSD",
	  .message =
		  "{grown_defect_count} blocks were found bad since the drive was made",
	  .resolution = "Nothing, unless the count grows.",
	  .source = "SBC-4, grown defect list" },
	{ .id = "drive-attribute-failed-once",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = was_below_threshold,
	  .evidence = { "smart_exit_reasons" },
	  .condition =
		  "an attribute was at or below its threshold in the past (exit bit 5)",
	  .message = "an attribute of the drive was below its threshold in the past",
	  .resolution = "Nothing; most often it was the temperature.",
	  .source = "smartctl(8), EXIT STATUS" },
	{ .id = "drive-logged-errors",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = has_logged_errors,
	  .evidence = { "error_log_count" },
	  .condition = "`error_log_count` over 0, and not NVMe",
	  .message = "{error_log_count} errors are in the drive's log",
	  .resolution = "Nothing, unless the count grows.",
	  .source = "smartctl(8), -l error" },
	{ .id = "drive-counters-contradict",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = is_doubted,
	  .evidence = { "health_doubted", "host_read_commands", "data_read_bytes",
			"host_write_commands", "data_written_bytes" },
	  .condition = "`health_doubted`: commands of the host were counted, and no data",
	  .message = "the drive's counters contradict each other: its word is worth "
		     "nothing",
	  .resolution = "Update its firmware; judge it by other means.",
	  .source = "NVMe 1.4, figure 194" },
	{ .id = "drive-was-hot",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = was_hot,
	  .evidence = { "warning_temperature_minutes", "critical_temperature_minutes" },
	  .condition = "`warning_temperature_minutes` or `critical_temperature_minutes` "
		       "over 0",
	  .message = "the drive has been over its own temperature limit",
	  .resolution = "Check fans and airflow if it happens in this machine.",
	  .source = "NVMe 1.4, figure 194" },
	{ .id = "drive-link-slow",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = link_is_slow,
	  .evidence = { "negotiated_speed_gbps", "capable_speed_gbps" },
	  .condition =
		  "`negotiated_speed_gbps` below `capable_speed_gbps`; what the port "
		  "can do is not known",
	  .message = "{negotiated_speed_gbps} Gb/s, and the drive can do "
		     "{capable_speed_gbps} Gb/s",
	  .resolution = "Nothing where the port is slower; else the cable or the slot.",
	  .source = "smartctl(8)" },
	{ .id = "drive-smart-disabled",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = smart_is_off,
	  .evidence = { "smart_available", "smart_enabled" },
	  .condition = "`smart_available` and not `smart_enabled`",
	  .message = "the drive can watch its own health and does not",
	  .resolution = "smartctl -s on",
	  .source = "smartctl(8), -s" },
	{ .id = NULL },
};
