/* Rules about drives that do not answer, or not by every path. */
#include "rules.h"

#include <string.h>

#define DRIVES "storage.drives"

/* scsi_device's states, and NVMe's "dead": drivers/scsi/scsi_sysfs.c,
 * drivers/nvme/host/sysfs.c of Linux. */
static bool is_given_up(const json_t *path)
{
	static const char *const states[] = { "offline", "transport-offline", "dead",
					      "blocked" };

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (rule_is(path, "device_state", states[i]))
			return true;
	return false;
}

static bool is_offline(const struct judgement *j)
{
	return is_given_up(j->subject);
}

/* The other path still works; when that goes too, the drive is gone. */
static bool has_lost_a_path(const struct judgement *j)
{
	const json_t *paths = json_object_get(j->subject, "paths");
	AUTO_JSON json_t *lost = json_array();

	for (size_t i = 0; !is_given_up(j->subject) && i < json_array_size(paths); i++) {
		const json_t *path = json_array_get(paths, i);
		const char *key = rule_text(path, "key");

		if (key && is_given_up(path))
			json_push(lost, json_string(key));
	}
	if (json_array_size(lost) == 0)
		return false;
	json_put(j->evidence, "lost", json_incref(lost));
	return true;
}

/* A step without an instance asks no drive in particular, and a host's is the controller's. */
static bool asks_drive(const struct judgement *j)
{
	const char *step = rule_text(j->subject, "step");

	return rule_text(j->subject, "instance") && step &&
	       (!strcmp(step, "smart") || !strncmp(step, "nvme-", 5));
}

static bool is_stuck(const struct judgement *j)
{
	return asks_drive(j) && rule_job_stuck(j);
}

static bool is_slow(const struct judgement *j)
{
	return asks_drive(j) && rule_job_slow(j);
}

static bool controller_is_stuck(const struct judgement *j)
{
	return rule_is(j->subject, "step", "hba") && rule_job_stuck(j);
}

static bool controller_is_slow(const struct judgement *j)
{
	return rule_is(j->subject, "step", "hba") && rule_job_slow(j);
}

static bool enclosure_is_stuck(const struct judgement *j)
{
	return rule_is(j->subject, "step", "enclosure") && rule_job_stuck(j);
}

static bool enclosure_is_slow(const struct judgement *j)
{
	return rule_is(j->subject, "step", "enclosure") && rule_job_slow(j);
}

/* Disks of the machine's own at a plain port: a RAID volume and a USB bridge answer as they like. */
static bool is_at_plain_port(const json_t *drive)
{
	const json_t *src = json_object_get(drive, "src");

	if (!rule_is(drive, "transport", "ata") && !rule_is(drive, "transport", "sas") &&
	    !rule_is(drive, "transport", "pcie"))
		return false;
	for (size_t i = 0; i < json_array_size(src); i++) {
		const char *job = json_string_value(json_array_get(src, i));

		if (!job || strncmp(job, "storage/", strlen("storage/")) != 0)
			return false;
	}
	return true;
}

/* Exit bit 1 of smartctl, but for what has other causes: who may ask, and a disk that sleeps. */
static bool smart_was_refused(const json_t *drive)
{
	static const char *const others[] = { "Permission denied", "not permitted",
					      "mode, exit(" };
	double status;

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (rule_lists(drive, "smart_messages", others[i]))
			return false;
	return rule_number(drive, "smart_exit_status", &status) && ((unsigned)status & 2);
}

/* A step that asked the drive and got nothing; `*asked` where it asked at all. */
static bool got_nothing(const json_t *job, const json_t *drive, bool *asked)
{
	double records;

	*asked = rule_is(job, "status", "ok") || rule_is(job, "status", "partial") ||
		 rule_is(job, "status", "failed");
	if (!*asked)
		return false;
	if (rule_is(job, "step", "smart"))
		return smart_was_refused(drive);
	return rule_is(job, "status", "failed") &&
	       rule_number(job, "records", &records) && records <= 0;
}

/* Every step that asked this drive itself, and none got an answer. */
static bool is_silent(const struct judgement *j)
{
	const json_t *jobs = json_object_get(j->inventory->document, "collectors");
	const char *key = rule_text(j->subject, "key");
	AUTO_JSON json_t *silent = json_array();

	if (!key || !is_at_plain_port(j->subject))
		return false;
	for (size_t i = 0; i < json_array_size(jobs); i++) {
		const json_t *job = json_array_get(jobs, i);
		bool asked;

		if (!rule_is(job, "collector", "storage") ||
		    !rule_is(job, "instance", key))
			continue;
		if (got_nothing(job, j->subject, &asked))
			json_push(silent, json_string(rule_text(job, "job")));
		else if (asked)
			return false;
	}
	if (json_array_size(silent) == 0)
		return false;
	json_put(j->evidence, "jobs", json_incref(silent));
	return true;
}

const struct rule rules_answer[] = {
	{ .id = "drive-offline",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .check = is_offline,
	  .evidence = { "device_state" },
	  .condition =
		  "the kernel's `device_state` is offline, transport-offline, dead or "
		  "blocked",
	  .message = "the kernel has given the drive up: {device_state}",
	  .resolution =
		  "Look into the kernel's log; reseat drive and cable, then replace "
		  "the drive.",
	  .source = "Linux, sysfs-block-device, scsi_device state" },
	{ .id = "drive-not-answering",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .jobs = "storage",
	  .check = is_stuck,
	  .evidence = { "job", "status", "reason", "since" },
	  .condition =
		  "a storage job of that drive is `stuck`: its process cannot be killed",
	  .message = "a process that asks the drive hangs in the kernel[, in {wchan}]",
	  .resolution =
		  "Look into the kernel's log for resets of the drive; replace drive "
		  "or cable. Only a reboot ends the process.",
	  .source = "bee-audit.json(5), JOBS" },
	{ .id = "drive-silent",
	  .severity = SEVERITY_CRITICAL,
	  .type = DRIVES,
	  .check = is_silent,
	  .evidence = { "device_state", "smart_messages", "transport" },
	  .condition =
		  "`transport` is ata, sas or pcie, no RAID controller speaks of it, and "
		  "every storage job that asked the drive itself got nothing: smartctl "
		  "could "
		  "not open or identify it (exit bit 1), nvme failed without a record",
	  .message = "the drive answers no question: {jobs}",
	  .resolution =
		  "Look into the kernel's log; reseat drive and cable, then replace "
		  "the drive.",
	  .source = "smartctl(8), EXIT STATUS; experience" },
	{ .id = "drive-slow-to-answer",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES,
	  .jobs = "storage",
	  .check = is_slow,
	  .limit = 5000,
	  .evidence = { "job", "status", "duration_ms" },
	  .condition = "a storage job of that drive is `timeout` after at least 5 s (a "
		       "sleeping disk takes 2 s)",
	  .message = "the drive did not answer within {duration_ms} ms",
	  .resolution = "Audit again with a longer --timeout; where it stays, treat the "
			"drive as failing.",
	  .source = "experience" },
	{ .id = "controller-not-answering",
	  .severity = SEVERITY_CRITICAL,
	  .type = "storage.controllers",
	  .jobs = "storage",
	  .check = controller_is_stuck,
	  .evidence = { "job", "status", "reason", "since" },
	  .condition = "a `hba` job is `stuck`: its process cannot be killed",
	  .message =
		  "a process that asks the controller hangs in the kernel[, in {wchan}]",
	  .resolution = "Look into the kernel's log for resets of the controller. Only a "
			"reboot ends the process.",
	  .source = "bee-audit.json(5), JOBS" },
	{ .id = "controller-slow-to-answer",
	  .severity = SEVERITY_WARNING,
	  .type = "storage.controllers",
	  .jobs = "storage",
	  .check = controller_is_slow,
	  .limit = 5000,
	  .evidence = { "job", "status", "duration_ms" },
	  .condition = "a `hba` job is `timeout` after at least 5 s",
	  .message = "the controller did not answer within {duration_ms} ms",
	  .resolution = "Audit again with a longer --timeout; where it stays, look into "
			"the kernel's log for resets of the controller.",
	  .source = "experience" },
	{ .id = "enclosure-not-answering",
	  .severity = SEVERITY_CRITICAL,
	  .type = "storage.enclosures",
	  .jobs = "storage",
	  .check = enclosure_is_stuck,
	  .evidence = { "job", "status", "reason", "since" },
	  .condition = "a `enclosure` job is `stuck`: its process cannot be killed",
	  .message =
		  "a process that asks the enclosure hangs in the kernel[, in {wchan}]",
	  .resolution = "Look into the kernel's log for resets of the enclosure and its "
			"controller. Only a "
			"reboot ends the process.",
	  .source = "bee-audit.json(5), JOBS" },
	{ .id = "enclosure-slow-to-answer",
	  .severity = SEVERITY_WARNING,
	  .type = "storage.enclosures",
	  .jobs = "storage",
	  .check = enclosure_is_slow,
	  .limit = 5000,
	  .evidence = { "job", "status", "duration_ms" },
	  .condition = "a `enclosure` job is `timeout` after at least 5 s",
	  .message = "the enclosure did not answer within {duration_ms} ms",
	  .resolution =
		  "Audit again with a longer --timeout; where it stays, look into "
		  "the kernel's log for resets of the enclosure and its controller.",
	  .source = "experience" },
	{ .id = "drive-path-lost",
	  .severity = SEVERITY_WARNING,
	  .type = DRIVES " storage.others",
	  .check = has_lost_a_path,
	  .evidence = { "paths" },
	  .condition = "the kernel has given up one of the drive's `paths`, not all",
	  .message = "the drive has lost a path: {lost}",
	  .resolution = "Look at cable, port and controller of that path.",
	  .source = "Linux, sysfs-block-device, scsi_device state" },
	{ .id = NULL },
};
