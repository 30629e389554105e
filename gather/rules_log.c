/*
 * Rules about what the kernel logged. A rule judges the part that a line is about, where it has a
 * record, else the event itself. What was logged stays so, whatever the part says of itself later.
 */
#include "rules.h"

#include <string.h>

/* What a cable that is pulled or a port that nothing is plugged into brings is no error. */
static bool is_plugging(const json_t *event)
{
	return rule_is(event, "class", "network") || rule_is(event, "class", "usb");
}

static bool counts(const struct judgement *j, const json_t *event)
{
	if (!rule_is(event, "severity", severity_names[j->rule->severity]))
		return false;
	if (j->rule->severity == SEVERITY_OK)
		return json_object_get(event, "warns_from") && !is_plugging(event);
	return rule_is(event, "class", j->rule->word);
}

static void put_evidence(const struct judgement *j, const json_t *event)
{
	const char *name = rule_text(event, "event"),
		   *message = rule_text(event, "message");

	if (!json_object_get(j->evidence, "events")) {
		json_put(j->evidence, "events", json_array());
		json_put(j->evidence, "message",
			 message ? json_string(message) : json_null());
	}
	json_push(json_object_get(j->evidence, "events"), json_string(name ? name : "?"));
	rule_count(j->evidence, "count",
		   json_integer_value(json_object_get(event, "count")));
}

static bool was_logged(const struct judgement *j)
{
	const json_t *list = json_object_get(j->subject, "kernel_events");

	if (rule_text(j->subject, "event")) {
		if (json_is_object(json_object_get(j->subject, "component")) ||
		    !counts(j, j->subject))
			return false;
		put_evidence(j, j->subject);
		return true;
	}
	for (size_t i = 0; i < json_array_size(list); i++)
		if (counts(j, json_array_get(list, i)))
			put_evidence(j, json_array_get(list, i));
	return json_object_get(j->evidence, "events") != NULL;
}

/* A crash of several parts has its reason in each. */
static bool has_crashed(const struct judgement *j)
{
	double part = 1;

	(void)!rule_number(j->subject, "part", &part);
	return part <= 1 && (rule_is(j->subject, "reason", "Panic") ||
			     rule_is(j->subject, "reason", "Oops"));
}

static bool was_cut_short(const struct judgement *j)
{
	const char *ended = rule_text(j->subject, "ended");

	return rule_over(j) || (ended && strcmp(ended, "empty") != 0);
}

#define LOGGED(id_, severity_, class_, what, todo)                                       \
	{                                                                                \
		.id = (id_), .severity = (severity_), .word = (class_),                  \
		.check = was_logged, .evidence = { "device", "last_time", "crash" },     \
		.condition = "an event of class `" class_ "` and severity " what         \
			     " is in the kernel's log",                                  \
		.message = "logged by the kernel ({count} x): {message}",                \
		.resolution = (todo), .source = "doc/kernel-log.md"                      \
	}
#define BOTH(name, class_, critical, warning)                                            \
	LOGGED("log-" name "-failed", SEVERITY_CRITICAL, class_, "Critical", critical),  \
		LOGGED("log-" name "-errors", SEVERITY_WARNING, class_, "Warning",       \
		       warning)

const struct rule rules_log[] = {
	BOTH("drive", "drive",
	     "Replace the drive, or its cable or slot where others fail there.",
	     "Look at the drive's own health and its cabling; replace it if it goes on."),
	BOTH("controller", "controller", "Update its firmware; replace the controller.",
	     "Look for a drive behind it that does not answer; update its firmware."),
	BOTH("array", "array", "Replace the drive and rebuild the array.",
	     "Look at the array's members."),
	BOTH("filesystem", "filesystem",
	     "Save what can be read, look at the drive below, then check the file "
	     "system.",
	     "Look at the drive below, then check the file system."),
	BOTH("pcie", "pcie", "Reseat or replace the device; look at its slot.",
	     "Reseat the device; look at its slot, riser and firmware."),
	BOTH("usb", "usb", "Replace the device or its cable.",
	     "Plug it in elsewhere; replace it or its cable."),
	BOTH("gpu", "gpu",
	     "Take the GPU out of use; reset it, and replace it if that lasts.",
	     "Drain and reset the GPU when it suits; watch whether it comes back."),
	BOTH("network", "network", "Reset or replace the adapter.",
	     "Look at cable, module and the switch's port; update the adapter's "
	     "firmware."),
	BOTH("memory", "memory", "Replace the module.",
	     "Plan to replace the module; an uncorrectable error may follow."),
	BOTH("processor", "processor", "Look for a faulty processor, module or board.",
	     "Watch whether it comes back; look for load, firmware and hardware that "
	     "stalls."),
	BOTH("thermal", "thermal", "Check fans and airflow now.",
	     "Check fans, airflow and the heat sink."),
	BOTH("firmware", "firmware",
	     "Look into the BMC's event log; update the firmware; replace what it names.",
	     "Look into the BMC's event log; update the firmware."),
	BOTH("kernel", "kernel",
	     "Find out why the kernel stopped: the log around it says more.",
	     "Look for a drive or a driver that does not answer."),
	BOTH("machine", "machine", "Look into the BMC's event log for the part.",
	     "Look into the BMC's event log."),
	{ .id = "log-corrected-errors",
	  .severity = SEVERITY_OK,
	  .check = was_logged,
	  .evidence = { "device", "last_time", "crash" },
	  .condition = "an event of severity OK with `warns_from` is in the kernel's "
		       "log, fewer "
		       "times than that, and its class is not network or usb",
	  .message = "logged by the kernel ({count} x): {message}",
	  .resolution = "Nothing, unless it repeats.",
	  .source = "doc/kernel-log.md" },
	{ .id = "kernel-crashed",
	  .severity = SEVERITY_WARNING,
	  .type = "kernel.crashes",
	  .check = has_crashed,
	  .evidence = { "reason", "kept_by" },
	  .condition = "`reason` Panic or Oops, first `part`",
	  .message = "the firmware kept the log of an earlier crash ({reason})",
	  .resolution = "Read it in /sys/fs/pstore, then delete it there.",
	  .source = "Linux, Documentation/ABI/testing/pstore" },
	{ .id = "log-not-read-whole",
	  .severity = SEVERITY_OK,
	  .type = "kernel.log",
	  .check = was_cut_short,
	  .evidence = { "lost_count", "ended" },
	  .condition = "`lost_count` over 0, or `ended` is not `empty`",
	  .message =
		  "the kernel logs faster than its log can be read: it ended by {ended}, "
		  "{lost_count} lines lost",
	  .resolution = "See what floods the log.",
	  .source = "Linux, Documentation/ABI/testing/dev-kmsg" },
	{ .id = NULL },
};
