/* Rules about sensors, the BMC and its event log. */
#include "rules.h"

#include <string.h>

#define SENSORS "sensors"

static bool is_critical(const struct judgement *j)
{
	return rule_is(j->subject, "health", "Critical");
}

static bool is_warning(const struct judgement *j)
{
	return rule_is(j->subject, "health", "Warning");
}

/* An open lid is no fault of the machine. */
static bool chassis_has_fault(const struct judgement *j)
{
	const json_t *all = json_object_get(j->subject, "chassis_faults");
	AUTO_JSON json_t *faults = json_array();

	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *word = json_string_value(json_array_get(all, i));

		if (word && strcmp(word, "chassis intrusion") != 0)
			json_push(faults, json_string(word));
	}
	if (json_array_size(faults) == 0)
		return false;
	json_put(j->evidence, "chassis_faults", json_incref(faults));
	return true;
}

/* derive_ghosts.c puts the counts, and what the system has where that is less. */
static bool parts_are_missing(const struct judgement *j)
{
	static const struct {
		const char *prop, *name;
	} kinds[] = { { "present_processor_count", "processors" },
		      { "present_module_count", "memory modules" },
		      { "present_drive_count", "drives" } };
	const json_t *conflicts = json_object_get(j->subject, "conflicts");
	AUTO_JSON json_t *parts = json_array();

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		json_t *own = json_object_get(conflicts, kinds[i].prop);
		void *first = json_object_iter(own);
		AUTO_FREE char *text = NULL;
		double seen;

		if (!first || !rule_number(j->subject, kinds[i].prop, &seen))
			continue;
		text = xasprintf(
			"%.0f %s and not %lld", seen, kinds[i].name,
			(long long)json_integer_value(json_object_iter_value(first)));
		json_push(parts, json_string(text));
	}
	if (json_array_size(parts) == 0)
		return false;
	json_put(j->evidence, "parts", json_incref(parts));
	return true;
}

static bool chassis_is_open(const struct judgement *j)
{
	return rule_lists(j->subject, "chassis_faults", "chassis intrusion");
}

static bool log_is_full(const struct judgement *j)
{
	double free;

	return json_is_true(json_object_get(j->subject, "overflow")) ||
	       (rule_number(j->subject, "free_bytes", &free) && free <= 0);
}

/* What the log tells is past: the sensors say what is now. */
static bool log_has_events(const struct judgement *j)
{
	const json_t *counts = json_object_get(j->subject, "count_by_severity");
	double critical = 0, warning = 0;

	(void)!rule_number(counts, "Critical", &critical);
	(void)!rule_number(counts, "Warning", &warning);
	return critical + warning > 0;
}

/* expect.c has told its jobs from those of a machine without a BMC. */
static bool is_unreachable(const struct judgement *j)
{
	const json_t *jobs = json_object_get(j->inventory->document, "collectors");

	for (size_t i = 0; i < json_array_size(jobs); i++) {
		const json_t *job = json_array_get(jobs, i);

		if (rule_is(job, "collector", "psu") && rule_is(job, "step", "info") &&
		    rule_is(job, "status", "unavailable"))
			return true;
	}
	return false;
}

#define READINGS                                                                         \
	"name", "health_reason", "reading_celsius", "reading_rpm", "reading_volts",      \
		"reading_amperes", "reading_watts", "states"

const struct rule rules_bmc[] = {
	{ .id = "sensor-critical",
	  .severity = SEVERITY_CRITICAL,
	  .type = SENSORS,
	  .check = is_critical,
	  .evidence = { READINGS },
	  .condition =
		  "`health` Critical: a critical or non-recoverable limit is passed, or "
		  "a state says so",
	  .message = "[{name}: ]{health_reason}",
	  .resolution = "Look at what it measures: fans, airflow, power.",
	  .source =
		  "IPMI 2.0, 35.14, tables 42-2 and 42-3; Linux, hwmon/sysfs-interface" },
	{ .id = "sensor-warning",
	  .severity = SEVERITY_WARNING,
	  .type = SENSORS,
	  .check = is_warning,
	  .evidence = { READINGS },
	  .condition =
		  "`health` Warning: a non-critical limit is passed, or a state says so",
	  .message = "[{name}: ]{health_reason}",
	  .resolution = "Look at what it measures: fans, airflow, power.",
	  .source =
		  "IPMI 2.0, 35.14, tables 42-2 and 42-3; Linux, hwmon/sysfs-interface" },
	{ .id = "chassis-fault",
	  .severity = SEVERITY_WARNING,
	  .type = "bmc",
	  .check = chassis_has_fault,
	  .condition = "`chassis_faults` has another word than \"chassis intrusion\"",
	  .message = "the BMC reports: {chassis_faults}",
	  .resolution = "Look at the sensors and the BMC's log.",
	  .source = "IPMI 2.0, 28.2" },
	{ .id = "bmc-sees-more",
	  .severity = SEVERITY_WARNING,
	  .type = "bmc",
	  .check = parts_are_missing,
	  .condition =
		  "`conflicts` has `present_processor_count`, `present_module_count` or "
		  "`present_drive_count`: the BMC's sensors see more than the system has",
	  .message = "the BMC sees {parts}",
	  .resolution = "Look into the BMC's and the kernel's log for a part that was "
			"switched off "
			"or lost; reseat or replace it.",
	  .source = "IPMI 2.0, tables 42-3 and 43-13" },
	{ .id = "chassis-open",
	  .severity = SEVERITY_OK,
	  .type = "bmc",
	  .check = chassis_is_open,
	  .evidence = { "chassis_faults" },
	  .condition = "`chassis_faults` has \"chassis intrusion\"",
	  .message = "the enclosure is open, or was",
	  .resolution = "Close it; the firmware's set-up resets the flag.",
	  .source = "IPMI 2.0, 28.2" },
	{ .id = "bmc-unavailable",
	  .severity = SEVERITY_WARNING,
	  .type = "bmc",
	  .check = rule_false,
	  .evidence = { "available", "firmware_version" },
	  .condition = "`available` is false",
	  .message = "the BMC is updating its firmware, or stayed in the middle of that",
	  .resolution = "Wait; where it stays so, update its firmware again.",
	  .source = "IPMI 2.0, 20.1" },
	{ .id = "bmc-unreachable",
	  .severity = SEVERITY_WARNING,
	  .type = "bmc",
	  .check = is_unreachable,
	  .evidence = { "interface_type", "acpi_hid", "base_address" },
	  .condition =
		  "SMBIOS or ACPI lists a BMC, and jobs of psu are `unavailable`: the "
		  "kernel has no /dev/ipmi0",
	  .message = "the firmware lists a BMC[ ({interface_type})], and it does not "
		     "answer the kernel",
	  .resolution =
		  "Look at the kernel's log for ipmi_si; where its driver is loaded, "
		  "take the machine off its power for a minute.",
	  .source = "SMBIOS 3.6, 7.39; Linux, Documentation/driver-api/ipmi.rst" },
	{ .id = "event-log-full",
	  .severity = SEVERITY_OK,
	  .type = "event_log",
	  .check = log_is_full,
	  .evidence = { "entries", "free_bytes", "overflow" },
	  .condition = "`overflow`, or `free_bytes` is 0",
	  .message = "the BMC's log is full: what happens is no longer recorded",
	  .resolution = "Save and clear it: ipmitool sel save, ipmitool sel clear.",
	  .source = "IPMI 2.0, 31.2" },
	{ .id = "event-log-events",
	  .severity = SEVERITY_OK,
	  .type = "event_log",
	  .check = log_has_events,
	  .evidence = { "count_by_severity", "count_by_type", "last_entry_time" },
	  .condition = "`count_by_severity` has Warning or Critical over 0",
	  .message = "the BMC's log has events that were no good news",
	  .resolution = "Read it: ipmitool sel elist. It tells of the past.",
	  .source = "IPMI 2.0, 32, tables 42-2 and 42-3" },
	{ .id = NULL },
};
