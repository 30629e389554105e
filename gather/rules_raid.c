/* Rules about RAID controllers, and what they say of their drives. */
#include "rules.h"

#include <string.h>

#define CONTROLLERS "storage.controllers"
#define DRIVES "storage.drives"

static bool state_is_one_of(const struct judgement *j, const char *const *words)
{
	for (; *words; words++)
		if (rule_is(j->subject, "raid_state", *words))
			return true;
	return false;
}

/* What storcli and sas2ircu call a drive that is no longer used. */
static bool is_thrown_out(const struct judgement *j)
{
	static const char *const words[] = { "UBad", "UBUnsp", "Offln", "Failed", "Msng",
					     "DGD",  "FLD",    "MIS",   "OFL",    NULL };

	return state_is_one_of(j, words);
}

static bool is_foreign(const struct judgement *j)
{
	return json_is_true(json_object_get(j->subject, "foreign"));
}

static bool is_unsupported(const struct judgement *j)
{
	return rule_is(j->subject, "raid_state", "UGUnsp");
}

static bool is_rebuilding(const struct judgement *j)
{
	static const char *const words[] = { "Rbld", "RBLD", "OSY", "CpyBk", NULL };

	return state_is_one_of(j, words);
}

/* Words of CacheVault and of batteries; "Learning" and "Charging" pass by themselves. */
static bool battery_is_bad(const struct judgement *j)
{
	static const char *const good[] = { "Optimal", "Optl", "Opt", "Learning",
					    "Charging" };

	if (!rule_text(j->subject, "battery_status"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (rule_is(j->subject, "battery_status", good[i]))
			return false;
	return true;
}

static bool is_not_optimal(const struct judgement *j)
{
	return rule_text(j->subject, "controller_status") &&
	       !rule_is(j->subject, "controller_status", "Optimal") &&
	       !rule_is(j->subject, "controller_status", "OK");
}

/* Of the kernel alone: no vendor's tool has spoken of it. */
static bool is_not_asked(const struct judgement *j)
{
	const json_t *sources = json_object_get(j->subject, "src");

	if (!rule_is(j->subject, "driver", "megaraid_sas") || !json_array_size(sources))
		return false;
	for (size_t i = 0; i < json_array_size(sources); i++) {
		const char *job = json_string_value(json_array_get(sources, i));

		if (job && !strncmp(job, "raid/", strlen("raid/")))
			return false;
	}
	return true;
}

#define GUIDE "Storage Command Line Tool User Guide"

const struct rule rules_raid[] = {
	{ .id = "raid-drive-thrown-out",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .check = is_thrown_out,
	  .evidence = { "raid_state", "raid_slot", "media_errors", "other_errors" },
	  .condition = "`raid_state` is UBad, UBUnsp, Offln, Failed or Msng "
		       "(storcli), DGD, FLD, MIS or OFL (sas2ircu, sas3ircu)",
	  .message = "the RAID controller no longer uses the drive[ in {raid_slot}]: "
		     "{raid_state}",
	  .resolution = "Replace it; arrays that had it are degraded until then.",
	  .source = GUIDE "; SAS2IRCU User Guide" },
	{ .id = "raid-drive-unsupported",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = is_unsupported,
	  .evidence = { "raid_state", "raid_slot", "model" },
	  .condition = "`raid_state` is UGUnsp (storcli)",
	  .message = "the RAID controller does not support the drive[ in {raid_slot}]",
	  .resolution =
		  "It cannot be used there: update the controller's firmware, or put "
		  "in a drive of its list.",
	  .source = GUIDE ", UGUnsp: Unconfigured Good, Unsupported" },
	{ .id = "raid-drive-predicts-failure",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = rule_over,
	  .evidence = { "predictive_failure_count", "raid_slot" },
	  .condition = "`predictive_failure_count` over 0",
	  .message = "the drive has told the RAID controller {predictive_failure_count} "
		     "times that "
		     "it will fail",
	  .resolution = "Back up what is on it and replace the drive soon.",
	  .source = GUIDE ", Predictive Failure Count" },
	{ .id = "raid-drive-foreign",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .check = is_foreign,
	  .evidence = { "raid_slot", "raid_state" },
	  .condition = "`foreign` is true",
	  .message = "the drive[ in {raid_slot}] belongs to an array that another "
		     "controller has made",
	  .resolution = "Import the foreign configuration, or clear it: until then the "
			"drive is neither data nor spare.",
	  .source = GUIDE ", Foreign Configurations" },
	{ .id = "raid-battery",
	  .severity = SEVERITY_WARNING,
	  .type = CONTROLLERS,
	  .check = battery_is_bad,
	  .evidence = { "battery_status", "battery_model" },
	  .condition =
		  "`battery_status` is there and is not Optimal, Optl, Opt, Learning or "
		  "Charging",
	  .message = "the battery or capacitor of the controller's cache[: "
		     "{battery_status}]",
	  .resolution = "Replace it: until then the cache is not used for writes, or is "
			"lost with "
			"the power.",
	  .source = GUIDE ", BBU and CacheVault" },
	{ .id = "raid-controller-status",
	  .severity = SEVERITY_WARNING,
	  .type = CONTROLLERS,
	  .check = is_not_optimal,
	  .evidence = { "controller_status", "model" },
	  .condition = "`controller_status` is there and is neither Optimal nor OK",
	  .message = "the controller says of itself[: {controller_status}]",
	  .resolution = "Look at its arrays, drives and battery, and at its event log.",
	  .source = GUIDE ", Controller Status" },
	{ .id = "raid-controller-not-asked",
	  .severity = SEVERITY_OK,
	  .type = CONTROLLERS,
	  .check = is_not_asked,
	  .evidence = { "driver", "model" },
	  .condition = "`driver` is megaraid_sas, and no job of raid speaks of it",
	  .message = "no tool of the vendor was there to tell the controller's volumes, "
		     "battery and state",
	  .resolution = "Install storcli64 or perccli64 and audit with --with raid; the "
			"live image takes it from iso/vendor. --with megaraid asks the "
			"drives alone.",
	  .source = "Linux, drivers/scsi/megaraid: it shows volumes as disks, and no "
		    "more" },
	{ .id = "raid-memory-uncorrectable",
	  .severity = SEVERITY_CRITICAL,
	  .type = CONTROLLERS,
	  .check = rule_over,
	  .evidence = { "memory_uncorrectable_errors", "memory_correctable_errors" },
	  .condition = "`memory_uncorrectable_errors` over 0",
	  .message = "the controller's own memory had {memory_uncorrectable_errors} "
		     "uncorrectable "
		     "errors",
	  .resolution = "Replace the controller; check what is on its arrays.",
	  .source = GUIDE ", Memory Uncorrectable Errors" },
	{ .id = "raid-drive-rebuilding",
	  .severity = SEVERITY_OK,
	  .type = DRIVES,
	  .check = is_rebuilding,
	  .evidence = { "raid_state", "raid_slot" },
	  .condition = "`raid_state` is Rbld or CpyBk (storcli), RBLD or OSY (sas2ircu, "
		       "sas3ircu)",
	  .message = "the drive[ in {raid_slot}] is being filled: {raid_state}",
	  .resolution = "Nothing: it takes hours, and the array has no spare meanwhile.",
	  .source = GUIDE "; SAS2IRCU User Guide" },
	{ .id = NULL },
};
