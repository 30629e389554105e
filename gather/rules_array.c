/* Rules about what drives are put together to: arrays, paths, enclosures. */
#include "rules.h"

#include <string.h>

#define ARRAYS "storage.arrays"
#define ENCLOSURES "storage.enclosures"

static bool is_degraded(const struct judgement *j)
{
	double missing;

	return rule_number(j->subject, "degraded_count", &missing) && missing > 0;
}

/* Words of RAID controllers for the same; they do not tell how many are missing. */
static bool volume_is_degraded(const struct judgement *j)
{
	return rule_is(j->subject, "array_state", "Dgrd") ||
	       rule_is(j->subject, "array_state", "Pdgd") ||
	       rule_is(j->subject, "array_state", "DGD");
}

static bool does_not_run(const struct judgement *j)
{
	return rule_is(j->subject, "health", "Critical") && !is_degraded(j) &&
	       !volume_is_degraded(j);
}

static bool volume_is_at_work(const struct judgement *j)
{
	return rule_text(j->subject, "active_operations") &&
	       !rule_is(j->subject, "active_operations", "None");
}

/* Members that the kernel calls faulty: {"member", "drive"} of each. */
static bool has_faulty_member(const struct judgement *j)
{
	const json_t *members = json_object_get(j->subject, "members");
	AUTO_JSON json_t *faulty = json_array();

	for (size_t i = 0; i < json_array_size(members); i++) {
		json_t *member = json_array_get(members, i);
		const char *state = rule_text(member, "state");

		if (state && strstr(state, "faulty"))
			json_push(faulty, json_incref(member));
	}
	if (json_array_size(faulty) == 0)
		return false;
	json_put(j->evidence, "members", json_incref(faulty));
	return true;
}

static bool is_syncing(const struct judgement *j)
{
	static const char *const actions[] = { "recover", "resync", "reshape", "repair" };

	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (rule_is(j->subject, "sync_action", actions[i]))
			return true;
	return false;
}

static bool has_one_path(const struct judgement *j)
{
	return rule_is(j->subject, "level", "multipath") &&
	       json_array_size(json_object_get(j->subject, "members")) == 1;
}

/* SES-3, 7.3.2: status codes of an element, in the kernel's words
 * (drivers/misc/enclosure.c). */
static bool slot_is_bad(const json_t *slot)
{
	static const char *const words[] = { "critical", "non-critical",
					     "unrecoverable" };

	if (json_is_true(json_object_get(slot, "fault")))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (rule_is(slot, "status", words[i]))
			return true;
	return false;
}

static bool has_bad_slot(const struct judgement *j)
{
	const json_t *slots = json_object_get(j->subject, "slots");
	AUTO_JSON json_t *bad = json_array();

	for (size_t i = 0; i < json_array_size(slots); i++) {
		json_t *slot = json_array_get(slots, i);

		if (slot_is_bad(slot))
			json_push(bad, json_incref(slot));
	}
	if (json_array_size(bad) == 0)
		return false;
	json_put(j->evidence, "slots", json_incref(bad));
	return true;
}

static bool link_is_bad(const struct judgement *j)
{
	double count;

	for (int i = 0; i < FINDING_EVIDENCE_MAX && j->rule->evidence[i]; i++)
		if (rule_number(j->subject, j->rule->evidence[i], &count) &&
		    count >= j->rule->limit)
			return true;
	return false;
}

const struct rule rules_array[] = {
	{ .id = "raid-not-running",
	  .severity = SEVERITY_CRITICAL,
	  .type = ARRAYS,
	  .check = does_not_run,
	  .evidence = { "health_reason", "array_state", "level", "members" },
	  .condition = "`health` Critical, and the array is not merely degraded",
	  .message = "the array does not run[: {array_state}]",
	  .resolution = "Stop writing to its drives; mdadm --examine or the controller's "
			"tool tells which are missing.",
	  .source = "Linux, Documentation/admin-guide/md.rst, array_state" },
	{ .id = "raid-degraded",
	  .severity = SEVERITY_CRITICAL,
	  .type = ARRAYS,
	  .check = is_degraded,
	  .evidence = { "degraded_count", "member_count", "level", "sync_action",
			"members" },
	  .condition = "`degraded_count` over 0",
	  .message =
		  "{degraded_count}[ of {member_count}] members are missing[ ({level})]",
	  .resolution = "Back up what is on it and replace the missing drives now.",
	  .source = "Linux, Documentation/admin-guide/md.rst, degraded" },
	{ .id = "raid-volume-degraded",
	  .severity = SEVERITY_CRITICAL,
	  .type = ARRAYS,
	  .check = volume_is_degraded,
	  .evidence = { "array_state", "level", "members" },
	  .condition =
		  "`array_state` is Dgrd, Pdgd (storcli) or DGD (sas2ircu, sas3ircu)",
	  .message = "the RAID controller calls the volume degraded[: {array_state}]",
	  .resolution = "Back up what is on it and replace the missing drives now.",
	  .source = "Storage Command Line Tool User Guide; SAS2IRCU User Guide" },
	{ .id = "raid-member-faulty",
	  .severity = SEVERITY_WARNING,
	  .type = ARRAYS,
	  .check = has_faulty_member,
	  .evidence = { "level" },
	  .condition = "`state` of one of `members` has \"faulty\"",
	  .message = "the kernel has thrown a member out for its errors",
	  .resolution = "Look at the drive's own findings; replace it.",
	  .source = "Linux, Documentation/admin-guide/md.rst, dev-*/state" },
	{ .id = "multipath-single-path",
	  .severity = SEVERITY_WARNING,
	  .type = ARRAYS,
	  .check = has_one_path,
	  .evidence = { "name", "members" },
	  .condition = "`level` is multipath, with one of `members`",
	  .message = "one path is left",
	  .resolution = "Look for the cable, expander or controller of the other one.",
	  .source = "Linux, device-mapper multipath" },
	{ .id = "enclosure-slot-fault",
	  .severity = SEVERITY_WARNING,
	  .type = ENCLOSURES,
	  .check = has_bad_slot,
	  .evidence = { "model" },
	  .condition =
		  "a slot's `fault` is set, or its `status` is critical, non-critical or "
		  "unrecoverable",
	  .message = "the enclosure reports slots in trouble",
	  .resolution =
		  "Look at the drives in them; replace them, or switch the lamp off.",
	  .source = "SES-3, 7.3.2" },
	{ .id = "raid-syncing",
	  .severity = SEVERITY_OK,
	  .type = ARRAYS,
	  .check = is_syncing,
	  .evidence = { "sync_action", "level" },
	  .condition = "`sync_action` is recover, resync, reshape or repair",
	  .message = "the array is at work: {sync_action}",
	  .resolution = "Nothing: it takes hours, and drives are slower meanwhile.",
	  .source = "Linux, Documentation/admin-guide/md.rst, sync_action" },
	{ .id = "raid-volume-at-work",
	  .severity = SEVERITY_OK,
	  .type = ARRAYS,
	  .check = volume_is_at_work,
	  .evidence = { "active_operations", "level" },
	  .condition = "`active_operations` is not None",
	  .message = "the RAID controller works on the volume: {active_operations}",
	  .resolution = "Nothing: it takes hours, and drives are slower meanwhile.",
	  .source = "Storage Command Line Tool User Guide" },
	{ .id = "raid-mismatches",
	  .severity = SEVERITY_OK,
	  .type = ARRAYS,
	  .check = rule_over,
	  .evidence = { "mismatch_count", "level" },
	  .condition = "`mismatch_count` over 0",
	  .message = "the last check found {mismatch_count} sectors whose copies differ",
	  .resolution =
		  "On RAID 1 and 10 mostly swap space; else check again, and the drives.",
	  .source = "Linux, Documentation/admin-guide/md.rst, mismatch_cnt" },
	{ .id = "sas-link-errors",
	  .severity = SEVERITY_WARNING,
	  .type = "storage.phys",
	  .check = link_is_bad,
	  .limit = 1000,
	  .evidence = { "invalid_dword_count", "disparity_error_count",
			"loss_of_sync_count", "reset_problem_count" },
	  .condition = "one of the counters 1,000 or more",
	  .message = "the link is bad[: {invalid_dword_count} invalid words]"
		     "[, {loss_of_sync_count} times out of step]",
	  .resolution =
		  "Reseat or replace the cable or the backplane; the counts go on from "
		  "the adapter's start, so watch whether they grow.",
	  .source = "SPL-4, 9.2.9; experience" },
	{ .id = NULL },
};
