/* Rules about PCI Express functions and the links between them. */
#include "rules.h"

#include <string.h>

#define FUNCTIONS "pcie.devices"
#define PORTS_ABOVE_MAX 16

static bool is_lost(const struct judgement *j)
{
	return rule_is(j->subject, "health", "Critical");
}

/* The record of the port above, or NULL. */
static const json_t *port_above(const struct judgement *j, const json_t *device)
{
	const char *key = rule_text(device, "upstream_port");

	return key ? json_object_get(j->inventory->pcie, key) : NULL;
}

/*
 * Whether the function is the lower end of a link. Below a root port stand upper ports of
 * switches and endpoints; below those, on the switch's own bus, its lower ports, whose
 * link is the one that leads down. So every second level is a lower end (PCIe 5.0, 1.3
 * and 7.5.3.2).
 */
static bool ends_a_link(const struct judgement *j)
{
	const json_t *device = j->subject;
	unsigned level = 0;

	while (rule_text(device, "upstream_port")) {
		device = port_above(j, device);
		if (!device || ++level > PORTS_ABOVE_MAX)
			return false;
	}
	return level % 2 == 1;
}

/* Functions of one device share its link: the first one speaks for all. */
static bool is_first_function(const struct judgement *j)
{
	const char *key = rule_text(j->subject, "key");
	char first[32];
	size_t len = key ? strlen(key) : 0;

	if (len < 2 || len >= sizeof(first) || rule_text(j->subject, "physical_function"))
		return false;
	if (key[len - 1] == '0')
		return true;
	memcpy(first, key, len + 1);
	first[len - 1] = '0';
	return !json_object_get(j->inventory->pcie, first);
}

/* Below what both ends can do; adds the port's side to the evidence. */
static bool is_below(const struct judgement *j, const char *now_name,
		     const char *most_name)
{
	const json_t *port = port_above(j, j->subject);
	double now, most, ports_most;
	AUTO_JSON json_t *side = NULL;

	if (!rule_number(j->subject, now_name, &now) ||
	    !rule_number(j->subject, most_name, &most) ||
	    !rule_number(port, most_name, &ports_most) || now >= most ||
	    now >= ports_most)
		return false;
	if (!is_first_function(j) || !ends_a_link(j))
		return false;
	side = json_object();
	json_put(side, most_name, json_incref(json_object_get(port, most_name)));
	json_put(j->evidence, "upstream", json_incref(side));
	return true;
}

static bool display_chain(const struct judgement *j)
{
	const char *key = rule_text(j->subject, "key");

	return key && json_object_get(j->inventory->displays, key);
}

/* nvidia-smi knows the most of GPU and slot together: a rule on gpus tells of those. */
static bool is_known_gpu(const struct judgement *j)
{
	const char *key = rule_text(j->subject, "key");
	const json_t *gpu = key ? json_object_get(j->inventory->gpus, key) : NULL;
	double lanes;

	return rule_link_maximum_is_shared(gpu) &&
	       rule_number(gpu, "max_link_width_lanes", &lanes);
}

static bool link_is_narrow(const struct judgement *j)
{
	return !is_known_gpu(j) &&
	       is_below(j, "link_width_lanes", "max_link_width_lanes");
}

static bool link_is_slow(const struct judgement *j)
{
	return !display_chain(j) && is_below(j, "link_speed_gtps", "max_link_speed_gtps");
}

static bool link_rests(const struct judgement *j)
{
	return display_chain(j) && is_below(j, "link_speed_gtps", "max_link_speed_gtps");
}

/*
 * Requests that a device does not know are how firmware and kernel find out what it is:
 * counts of those alone say nothing of the link.
 */
static bool has_nonfatal(const struct judgement *j)
{
	const json_t *kinds = json_object_get(j->subject, "aer_errors");
	double count, unsupported = 0;

	(void)!rule_number(kinds, "UnsupReq", &unsupported);
	return rule_number(j->subject, "aer_nonfatal_count", &count) &&
	       count > unsupported;
}

static bool has_some_correctable(const struct judgement *j)
{
	double count;

	return !rule_at_least(j) &&
	       rule_number(j->subject, "aer_correctable_count", &count) && count > 0;
}

static bool is_told_by(const json_t *record, const char *job)
{
	const json_t *src = json_object_get(record, "src");

	for (size_t i = 0; i < json_array_size(src); i++) {
		const char *one = json_string_value(json_array_get(src, i));

		if (one && !strcmp(one, job))
			return true;
	}
	return false;
}

/* The driver holds it, and the driver's own tool does not list it. */
static bool gpu_is_missing(const struct judgement *j)
{
	const char *class = rule_text(j->subject, "class_code");
	const char *key = rule_text(j->subject, "key");

	return key && class && !strncmp(class, "0x03", 4) &&
	       rule_is(j->subject, "vendor_id", "0x10de") &&
	       rule_is(j->subject, "driver", "nvidia") &&
	       !rule_text(j->subject, "physical_function") && j->inventory->gpus_listed &&
	       !is_told_by(json_object_get(j->inventory->gpus, key), "nvidia/smi");
}

#define AER_EVIDENCE "aer_errors", "upstream_port", "slot_designation", "model"
#define LINK_EVIDENCE                                                                    \
	"link_width_lanes", "max_link_width_lanes", "link_speed_gtps",                   \
		"max_link_speed_gtps", "upstream_port", "physical_slot", "model"

const struct rule rules_pcie[] = {
	{ .id = "pcie-off-the-bus",
	  .severity = SEVERITY_CRITICAL,
	  .type = FUNCTIONS,
	  .check = is_lost,
	  .evidence = { "health", "health_reason", "vendor_id", "device_id", "model",
			"physical_slot" },
	  .condition =
		  "`health` Critical: configuration space or link status reads all ones",
	  .message = "the device fell off the bus[: {health_reason}]",
	  .resolution = "Power the machine off and on; reseat the card, then replace it.",
	  .source = "PCIe 5.0, 2.3.2: reads nobody completes give all ones" },
	{ .id = "gpu-not-listed",
	  .severity = SEVERITY_CRITICAL,
	  .type = FUNCTIONS,
	  .check = gpu_is_missing,
	  .evidence = { "driver", "model", "physical_slot" },
	  .condition =
		  "an NVIDIA display function whose driver is nvidia, a job nvidia/smi "
		  "that is ok or partial, and no record of that job in gpus",
	  .message = "the GPU is on the bus, and its driver does not list it",
	  .resolution =
		  "Look for Xid messages in the kernel's log (79: fallen off the bus); "
		  "power the machine off and on, then reseat or replace the GPU.",
	  .source = "NVIDIA, XID Errors" },
	{ .id = "pcie-fatal-errors",
	  .severity = SEVERITY_CRITICAL,
	  .type = FUNCTIONS,
	  .check = rule_over,
	  .evidence = { "aer_fatal_count", AER_EVIDENCE },
	  .condition = "`aer_fatal_count` over 0",
	  .message = "{aer_fatal_count} fatal errors on its link since the start",
	  .resolution = "Reseat the card or its riser and cable, then replace it.",
	  .source = "PCIe 6.0, 7.8.4; Linux, sysfs-bus-pci-devices-aer_stats" },
	{ .id = "pcie-nonfatal-errors",
	  .severity = SEVERITY_WARNING,
	  .type = FUNCTIONS,
	  .check = has_nonfatal,
	  .evidence = { "aer_nonfatal_count", AER_EVIDENCE },
	  .condition = "`aer_nonfatal_count` over `aer_errors.UnsupReq`",
	  .message =
		  "{aer_nonfatal_count} uncorrected errors on its link since the start",
	  .resolution = "Reseat the card or its riser and cable; update its firmware.",
	  .source = "PCIe 6.0, 7.8.4; Linux, sysfs-bus-pci-devices-aer_stats" },
	{ .id = "pcie-many-corrected-errors",
	  .severity = SEVERITY_WARNING,
	  .type = FUNCTIONS,
	  .check = rule_at_least,
	  .limit = 1000,
	  .evidence = { "aer_correctable_count", AER_EVIDENCE },
	  .condition = "`aer_correctable_count` 1,000 or more",
	  .message =
		  "{aer_correctable_count} errors on its link were corrected since the "
		  "start",
	  .resolution = "Reseat the card or its riser and cable.",
	  .source = "PCIe 6.0, 7.8.4; experience" },
	{ .id = "pcie-corrected-errors",
	  .severity = SEVERITY_OK,
	  .type = FUNCTIONS,
	  .check = has_some_correctable,
	  .limit = 1000,
	  .evidence = { "aer_correctable_count", AER_EVIDENCE },
	  .condition = "`aer_correctable_count` from 1 to 999",
	  .message =
		  "{aer_correctable_count} errors on its link were corrected since the "
		  "start",
	  .resolution = "Nothing, unless the count grows.",
	  .source = "PCIe 6.0, 7.8.4; Linux, sysfs-bus-pci-devices-aer_stats" },
	{ .id = "pcie-link-narrow",
	  .severity = SEVERITY_WARNING,
	  .type = FUNCTIONS,
	  .check = link_is_narrow,
	  .evidence = { LINK_EVIDENCE },
	  .condition =
		  "`link_width_lanes` below `max_link_width_lanes` of the function and "
		  "of its `upstream_port`; a GPU that nvidia-smi knows has "
		  "gpu-link-narrow",
	  .message = "{link_width_lanes} lanes, and both ends can do more (this one "
		     "{max_link_width_lanes})",
	  .resolution = "Reseat the card or its riser and cable; clean the contacts.",
	  .source = "PCIe 5.0, 7.5.3.6 and 7.5.3.8" },
	{ .id = "pcie-link-slow",
	  .severity = SEVERITY_WARNING,
	  .type = FUNCTIONS,
	  .check = link_is_slow,
	  .evidence = { LINK_EVIDENCE },
	  .condition =
		  "`link_speed_gtps` below `max_link_speed_gtps` of the function and of "
		  "its `upstream_port`, and no display controller at or below it",
	  .message = "{link_speed_gtps} GT/s, and both ends can do more (this one "
		     "{max_link_speed_gtps})",
	  .resolution =
		  "Reseat the card or its riser and cable; see whether the firmware's "
		  "set-up limits the slot.",
	  .source = "PCIe 5.0, 7.5.3.6 and 7.5.3.8" },
	{ .id = "pcie-link-resting",
	  .severity = SEVERITY_OK,
	  .type = FUNCTIONS,
	  .check = link_rests,
	  .evidence = { LINK_EVIDENCE },
	  .condition = "as pcie-link-slow, with a display controller at or below it",
	  .message = "{link_speed_gtps} GT/s, and both ends can do more (this one "
		     "{max_link_speed_gtps})",
	  .resolution = "Nothing: a GPU at rest slows its link. Look again under load.",
	  .source = "experience" },
	{ .id = NULL },
};
