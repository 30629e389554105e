/* Rules about power, the enclosure, serial numbers, and health nobody explained. */
#include "rules.h"

#include <string.h>

#define SUPPLIES "power_supplies"

struct bays {
	unsigned enabled, absent;
};

static struct bays count_bays(const json_t *supplies)
{
	struct bays bays = { 0, 0 };

	for (size_t i = 0; i < json_array_size(supplies); i++) {
		const json_t *supply = json_array_get(supplies, i);

		bays.absent += rule_is_absent(supply);
		bays.enabled += rule_is(supply, "state", "Enabled");
	}
	return bays;
}

static void put_bays(const struct judgement *j, struct bays bays)
{
	json_put(j->evidence, "enabled", json_integer(bays.enabled));
	json_put(j->evidence, "absent", json_integer(bays.absent));
}

static bool is_not_redundant(const struct judgement *j)
{
	struct bays bays = count_bays(j->subject);

	if (bays.enabled != 1 || bays.absent == 0)
		return false;
	put_bays(j, bays);
	return true;
}

static bool is_single(const struct judgement *j)
{
	struct bays bays = count_bays(j->subject);

	if (bays.enabled != 1 || json_array_size(j->subject) != 1)
		return false;
	put_bays(j, bays);
	return true;
}

static bool is_empty_bay(const struct judgement *j)
{
	return rule_is_absent(j->subject);
}

/* What somebody looks for on the supply or its bay: "PSU1 (PWS-706P-1R)". */
static void put_supply(const struct judgement *j)
{
	static const char *const names[] = { "name", "location", "model", "key" };
	const char *text = NULL, *model = rule_text(j->subject, "model");
	AUTO_FREE char *both = NULL;

	for (size_t i = 0; !text && i < ARRAY_LEN(names); i++)
		text = rule_text(j->subject, names[i]);
	if (!text)
		return;
	if (model && strcmp(text, model) != 0)
		both = xasprintf("%s (%s)", text, model);
	json_put(j->evidence, "supply", json_string(both ? both : text));
}

static bool is_failed(const struct judgement *j)
{
	put_supply(j);
	return rule_is(j->subject, "health", "Critical") && !rule_is_absent(j->subject);
}

static bool is_warned_of(const struct judgement *j)
{
	put_supply(j);
	return rule_is(j->subject, "health", "Warning") && !rule_is_absent(j->subject);
}

/* SMBIOS's is a template's word more often than not; a BMC has looked. */
static bool failures_are_doubted(const struct judgement *j)
{
	AUTO_JSON json_t *names = json_array();

	for (size_t i = 0; i < json_array_size(j->subject); i++) {
		const json_t *supply = json_array_get(j->subject, i);
		const char *key = rule_text(supply, "key");

		if (!rule_text(supply, "health_doubted") || !key)
			continue;
		if (!rule_lists(supply, "src", "psu/sdr"))
			return false;
		json_push(names, json_string(key));
	}
	if (json_array_size(names) == 0)
		return false;
	json_put(j->evidence, "supplies", json_incref(names));
	return true;
}

static bool supplies_differ(const struct judgement *j)
{
	const json_t *first = NULL;

	for (size_t i = 0; i < json_array_size(j->subject); i++) {
		const json_t *supply = json_array_get(j->subject, i);
		const json_t *model = json_object_get(supply, "model");

		if (rule_is_absent(supply) || !json_is_string(model))
			continue;
		if (first &&
		    strcmp(json_string_value(first), json_string_value(model)) != 0) {
			json_t *both = json_array();

			json_push(both, json_string(json_string_value(first)));
			json_push(both, json_string(json_string_value(model)));
			json_put(j->evidence, "model", both);
			return true;
		}
		first = model;
	}
	return false;
}

/* audit.clock has the judgement; "rtc" is the machine's clock when it is believed. */
static bool clock_is_wrong(const struct judgement *j)
{
	const json_t *audit = json_object_get(j->inventory->document, "audit");
	const json_t *clock = json_object_get(audit, "clock");
	const char *reason = rule_text(clock, "reason");

	if (!reason || !rule_text(clock, "rtc") || rule_is(clock, "believed", "rtc"))
		return false;
	json_put(j->evidence, "reason", json_string(reason));
	return true;
}

/* SMBIOS 3.6, 7.4.2: as they were when the machine was last started. */
static bool chassis_state_is(const struct judgement *j, const char *word,
			     const char *other)
{
	static const char *const states[] = { "boot_up_state", "power_supply_state",
					      "thermal_state" };

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (rule_is(j->subject, states[i], word) ||
		    (other && rule_is(j->subject, states[i], other)))
			return true;
	return false;
}

static bool chassis_is_critical(const struct judgement *j)
{
	return chassis_state_is(j, "Critical", "Non-recoverable");
}

static bool chassis_warns(const struct judgement *j)
{
	return !chassis_is_critical(j) && chassis_state_is(j, "Warning", NULL);
}

static bool serials_conflict(const struct judgement *j)
{
	const json_t *all = json_object_get(j->subject, "conflicts");
	json_t *said = json_object_get(all, "serial_number");
	AUTO_JSON json_t *conflicts = NULL;

	if (!said)
		return false;
	conflicts = json_object();
	json_put(conflicts, "serial_number", json_incref(said));
	json_put(j->evidence, "conflicts", json_incref(conflicts));
	return true;
}

/* What the machine's papers go by; a module's or a drive's missing number harms less. */
static bool serial_is_placeholder(const struct judgement *j)
{
	const json_t *all = json_object_get(j->subject, "placeholders");
	const char *text = rule_text(all, "serial_number");
	AUTO_JSON json_t *placeholders = NULL;

	if (!text)
		return false;
	placeholders = json_object();
	json_put(placeholders, "serial_number", json_string(text));
	json_put(j->evidence, "placeholders", json_incref(placeholders));
	return true;
}

/* collectors/quantity.c has the ranges, and set these aside. A plain 0 is how firmware writes that it
 * does not know (41 of 514 servers: a processor's voltage). */
static bool has_raw(const struct judgement *j)
{
	json_t *raw = json_object_get(j->subject, "raw");
	const char *name;
	json_t *value;

	json_object_foreach(raw, name, value)
	{
		if (!json_is_number(value) || json_number_value(value) != 0)
			return true;
	}
	return false;
}

/* audit.blocked_processes has them; the first names go into the message. */
static bool others_hang(const struct judgement *j)
{
	const json_t *audit = json_object_get(j->inventory->document, "audit");
	const json_t *list = json_object_get(audit, "blocked_processes");
	json_t *names;

	if (json_array_size(list) == 0)
		return false;
	names = json_array();
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *process = json_array_get(list, i);
		const char *comm = rule_text(process, "comm");
		const char *wchan = rule_text(process, "wchan");
		AUTO_FREE char *text =
			xasprintf("%s in %s", comm ? comm : "?", wchan ? wchan : "?");

		json_push(names, json_string(text));
	}
	json_put(j->evidence, "processes", names);
	return true;
}

/* UEFI 2.10, 3.1.1: the firmware takes it once and deletes it before it starts it. */
static bool boots_elsewhere(const struct judgement *j)
{
	return rule_text(j->subject, "boot_next") != NULL;
}

static bool is_unwell(const struct judgement *j)
{
	return !rule_is_absent(j->subject) &&
	       rule_is(j->subject, "health", severity_names[j->rule->severity]);
}

#define STATES "boot_up_state", "power_supply_state", "thermal_state"

const struct rule rules_machine[] = {
	{ .id = "power-supply-failed",
	  .severity = SEVERITY_CRITICAL,
	  .share = 1.0,
	  .type = SUPPLIES,
	  .check = is_failed,
	  .evidence = { "health", "health_reason", "plugged_in", "name", "model" },
	  .condition = "`health` Critical of one that is not absent",
	  .message = "the power supply {supply} has failed[: {health_reason}]",
	  .resolution = "Check its cord; then replace it.",
	  .source = "IPMI 2.0, 42.2, sensor type 08h" },
	{ .id = "power-supply-warning",
	  .severity = SEVERITY_WARNING,
	  .share = SHARE_NONE,
	  .type = SUPPLIES,
	  .check = is_warned_of,
	  .evidence = { "health", "health_reason", "name", "model" },
	  .condition = "`health` Warning of one that is not absent",
	  .message = "the BMC or the firmware warns of the power supply {supply}[: "
		     "{health_reason}]",
	  .resolution = "Check its cord and where that leads to.",
	  .source = "IPMI 2.0, 42.2, sensor type 08h; SMBIOS 3.6, 7.40.1" },
	{ .id = "power-supplies-doubtful",
	  .severity = SEVERITY_WARNING,
	  .type = SUPPLIES,
	  .list = true,
	  .check = failures_are_doubted,
	  .condition = "the BMC calls every supply that is there failed, and the machine "
		       "runs: `health_doubted`",
	  .message = "every power supply is said to have failed, and the machine runs: "
		     "{supplies}",
	  .resolution = "Look at their lamps; reset the BMC where those are green.",
	  .source = "IPMI 2.0, 42.2, sensor type 08h" },
	{ .id = "power-not-redundant",
	  .severity = SEVERITY_WARNING,
	  .share = 1.6,
	  .type = SUPPLIES,
	  .list = true,
	  .check = is_not_redundant,
	  .condition = "one supply is `Enabled`, and at least one bay is `Absent`",
	  .message = "one power supply, and {absent} empty bay(s)",
	  .resolution = "Fit the second supply, or see why it is not seen.",
	  .source = "IPMI 2.0, 34.1" },
	{ .id = "power-supplies-mixed",
	  .severity = SEVERITY_OK,
	  .share = 0.8,
	  .type = SUPPLIES,
	  .list = true,
	  .check = supplies_differ,
	  .evidence = { "model" },
	  .condition = "supplies that are there differ in `model`",
	  .message = "power supplies of different models: {model}",
	  .resolution = "See whether the machine's manual allows it.",
	  .source = "FRU 1.0, 12" },
	{ .id = "power-supply-absent",
	  .severity = SEVERITY_OK,
	  .share = 1.6,
	  .type = SUPPLIES,
	  .check = is_empty_bay,
	  .evidence = { "state", "name" },
	  .condition = "`state` Absent",
	  .message = "no power supply in this bay",
	  .resolution = "Nothing, where it was meant so.",
	  .source = "IPMI 2.0, 34.1" },
	{ .id = "power-supply-single",
	  .severity = SEVERITY_OK,
	  .share = 3.9,
	  .type = SUPPLIES,
	  .list = true,
	  .check = is_single,
	  .condition = "the only record is a supply that is `Enabled`",
	  .message = "one power supply is known",
	  .resolution = "Nothing, where it was meant so.",
	  .source = "IPMI 2.0, 34.1" },
	{ .id = "bmc-not-answering",
	  .severity = SEVERITY_CRITICAL,
	  .type = SUPPLIES,
	  .jobs = "psu",
	  .check = rule_job_stuck,
	  .evidence = { "job", "status", "reason", "since" },
	  .condition = "a job of psu is `stuck`: its process cannot be killed",
	  .message = "a process that asks the BMC hangs in the kernel[, in {wchan}]",
	  .resolution =
		  "Reset the BMC: through its own network, or by taking all power away.",
	  .source = "bee-audit.json(5), JOBS" },
	{ .id = "chassis-critical",
	  .severity = SEVERITY_WARNING,
	  .share = 1.6,
	  .type = "chassis",
	  .check = chassis_is_critical,
	  .evidence = { STATES },
	  .condition = "a state is Critical or Non-recoverable",
	  .message = "the enclosure was in a critical state when the machine was started",
	  .resolution =
		  "Look at fans, power supplies and the BMC's log; the state is that of "
		  "the last start.",
	  .source = "SMBIOS 3.6, 7.4.2" },
	{ .id = "chassis-warning",
	  .severity = SEVERITY_OK,
	  .share = 0.2,
	  .type = "chassis",
	  .check = chassis_warns,
	  .evidence = { STATES },
	  .condition = "a state is Warning, none is worse",
	  .message = "the enclosure warned when the machine was started",
	  .resolution =
		  "Look at fans, power supplies and the BMC's log; the state is that of "
		  "the last start.",
	  .source = "SMBIOS 3.6, 7.4.2" },
	{ .id = "serial-numbers-conflict",
	  .severity = SEVERITY_WARNING,
	  .check = serials_conflict,
	  .evidence = { "serial_number", "src" },
	  .condition = "two sources tell different serial numbers of one record",
	  .message = "the sources disagree about the serial number; {serial_number} is "
		     "believed",
	  .resolution =
		  "Look at the label; a device may have been exchanged since the start.",
	  .source = "bee-audit.json(5), RECORDS AND MERGING" },
	{ .id = "clock-not-believed",
	  .severity = SEVERITY_WARNING,
	  .type = "system",
	  .check = clock_is_wrong,
	  .evidence = { "rtc_unix_seconds" },
	  .condition =
		  "the machine's own clock is before the firmware's release date or "
		  "bee's "
		  "making, ten years after the latter, or a day off the system's time",
	  .message = "{reason}",
	  .resolution = "Set the clock; where it loses the time without power, replace "
			"its battery.",
	  .source = "Linux, drivers/rtc/sysfs.c, since_epoch; SMBIOS 3.6, 7.1, 08h" },
	{ .id = "value-not-believed",
	  .severity = SEVERITY_OK,
	  .share = 1.2,
	  .check = has_raw,
	  .evidence = { "raw", "notes" },
	  .condition = "`raw` has a number that nothing measures, other than 0",
	  .message = "{notes}",
	  .resolution =
		  "Nothing; where the number comes back, update the part's firmware.",
	  .source = "doc/fields.md, ranges of units" },
	{ .id = "processes-blocked",
	  .severity = SEVERITY_OK,
	  .type = "system",
	  .check = others_hang,
	  .condition = "`audit.blocked_processes` has one: not of the audit, in state D "
		       "at its "
		       "beginning and at its end, and not run in between",
	  .message = "processes of the system hang in the kernel: {processes}",
	  .resolution = "See what they wait for: a disk, a network file system, a "
			"driver. Where "
			"jobs of the audit are stuck too, it is the same.",
	  .source = "proc(5), /proc/PID/stat and status" },
	{ .id = "boot-next-set",
	  .severity = SEVERITY_OK,
	  .type = "firmware",
	  .check = boots_elsewhere,
	  .evidence = { "boot_next", "boot_order", "boot_current" },
	  .condition = "`boot_next` is there",
	  .message = "the next start, and that alone, is of {boot_next}",
	  .resolution = "Nothing, where it was meant so; else efibootmgr -N.",
	  .source = "UEFI 2.10, 3.1.1" },
	{ .id = "system-serial-placeholder",
	  .severity = SEVERITY_OK,
	  .type = "system",
	  .check = serial_is_placeholder,
	  .condition = "the serial number is a placeholder",
	  .message = "nobody has given the machine a serial number",
	  .resolution = "Nothing; the maker's tool can write one.",
	  .source = "doc/fields.md, placeholders" },
	{ .id = "board-serial-placeholder",
	  .severity = SEVERITY_OK,
	  .type = "baseboards",
	  .check = serial_is_placeholder,
	  .condition = "the serial number is a placeholder",
	  .message = "nobody has given the board a serial number",
	  .resolution = "Nothing; the maker's tool can write one.",
	  .source = "doc/fields.md, placeholders" },
	{ .id = "chassis-serial-placeholder",
	  .severity = SEVERITY_OK,
	  .type = "chassis",
	  .check = serial_is_placeholder,
	  .condition = "the serial number is a placeholder",
	  .message = "nobody has given the enclosure a serial number",
	  .resolution = "Nothing; the maker's tool can write one.",
	  .source = "doc/fields.md, placeholders" },
	{ .id = NULL },
};

/* For records whose health no other rule explains: findings.c runs these last. */
const struct rule rules_unexplained[] = {
	{ .id = "component-critical",
	  .severity = SEVERITY_CRITICAL,
	  .check = is_unwell,
	  .evidence = { "health", "health_reason", "self_test", "name", "model" },
	  .condition =
		  "`health` Critical, and no other finding about the record is Critical",
	  .message = "its source calls it Critical",
	  .resolution = "Look at the record, and ask the source it came from.",
	  .source = "the record's `src`" },
	{ .id = "component-warning",
	  .severity = SEVERITY_WARNING,
	  .check = is_unwell,
	  .evidence = { "health", "health_reason", "self_test", "name", "model" },
	  .condition =
		  "`health` Warning, and no other finding about the record is as bad",
	  .message = "its source warns",
	  .resolution = "Look at the record, and ask the source it came from.",
	  .source = "the record's `src`" },
	{ .id = NULL },
};
