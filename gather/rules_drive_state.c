/* Rules about drives: locks, erasing, throttling, cycles. */
#include "rules.h"

#define DRIVES "storage.drives"

static bool is_locked(const struct judgement *j)
{
	return json_is_true(
		json_object_get(json_object_get(j->subject, "ata_security"), "locked"));
}

static bool sanitize_failed(const struct judgement *j)
{
	return rule_is(j->subject, "sanitize_state", "Failed");
}

static bool sanitize_runs(const struct judgement *j)
{
	return rule_is(j->subject, "sanitize_state", "InProgress");
}

static bool is_over(const json_t *drive, const char *count, const char *rated)
{
	double cycles, most;

	return rule_number(drive, count, &cycles) && rule_number(drive, rated, &most) &&
	       most > 0 && cycles > most;
}

static bool cycles_are_over(const struct judgement *j)
{
	return is_over(j->subject, "start_stop_cycles", "start_stop_cycles_rated") ||
	       is_over(j->subject, "load_unload_cycles", "load_unload_cycles_rated");
}

const struct rule rules_drive_state[] = {
	{ .id = "drive-endurance-group-warning",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .check = rule_filled,
	  .evidence = { "endurance_group_warnings", "available_spare_percent" },
	  .condition = "a bit of the NVMe summary of endurance groups is set",
	  .message = "an endurance group of the drive warns: {endurance_group_warnings}",
	  .resolution = "See which one: nvme endurance-log; replace the drive.",
	  .source = "NVMe 1.4, figure 194, byte 6" },
	{ .id = "drive-sanitize-failed",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .check = sanitize_failed,
	  .evidence = { "sanitize_state" },
	  .condition = "`sanitize_state` is \"Failed\"",
	  .message = "the drive could not erase itself, and serves no data until it can",
	  .resolution = "Sanitize it again, or let it leave the failure "
			"(nvme sanitize -a 1); else replace it.",
	  .source = "NVMe 1.4, 5.24, 8.15" },
	{ .id = "drive-sanitize-running",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = sanitize_runs,
	  .evidence = { "sanitize_state", "sanitize_progress_percent" },
	  .condition = "`sanitize_state` is \"InProgress\"",
	  .message = "the drive is being erased",
	  .resolution = "Wait for it: nothing stops it, a restart neither.",
	  .source = "NVMe 1.4, 8.15" },
	{ .id = "drive-locked",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = is_locked,
	  .evidence = { "ata_security" },
	  .condition = "`ata_security.locked` is true",
	  .message = "the drive is locked by a password: its data cannot be read",
	  .resolution = "Unlock it (hdparm --security-unlock), or erase it.",
	  .source = "ACS-4, 4.18" },
	{ .id = "drive-cycles-over-rating",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = cycles_are_over,
	  .evidence = { "start_stop_cycles", "start_stop_cycles_rated",
			"load_unload_cycles", "load_unload_cycles_rated" },
	  .condition = "`start_stop_cycles` over `start_stop_cycles_rated`, or "
		       "`load_unload_cycles` over `load_unload_cycles_rated`",
	  .message = "the drive has started, or parked its heads, more often than its "
		     "maker meant",
	  .resolution = "Plan to replace it; see what lets it stop so often.",
	  .source = "SPC-5, 7.3.20: Start-Stop Cycle Counter log page" },
	{ .id = "drive-was-throttled",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = rule_over,
	  .evidence = { "thermal_throttle_2_count", "thermal_throttle_2_seconds",
			"thermal_throttle_1_count", "thermal_throttle_1_seconds" },
	  .condition = "`thermal_throttle_2_count` over 0",
	  .message = "the drive has slowed itself down for its heat, at the cost of "
		     "speed: {thermal_throttle_2_count} times",
	  .resolution = "Check fans and airflow if it happens in this machine.",
	  .source = "NVMe 1.4, figure 194, 8.4.5" },
	{ .id = NULL },
};
