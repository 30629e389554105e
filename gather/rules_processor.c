/* Rules about processors, as the firmware and as the kernel see them. */
#include "findings.h"

#include "util.h"

#include <string.h>

#define PROCESSORS "processors"

static bool is_there(const json_t *processor)
{
	return rule_is(processor, "state", "Enabled");
}

static bool processors_mixed(const struct judgement *j)
{
	return rule_mixed(j, is_there);
}

/* Hypervisors list sockets for processors to come as populated and disabled. */
static bool is_virtual(const json_t *document)
{
	static const char *const names[] = { "VMware", "QEMU",    "KVM",    "Xen",
					     "Bochs",  "Virtual", "innotek" };
	const json_t *system = inventory_section(document, "system");
	const json_t *firmware = inventory_section(document, "firmware");
	const char *maker = rule_text(system, "manufacturer");
	const char *model = rule_text(system, "model");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if ((maker && strstr(maker, names[i])) ||
		    (model && strstr(model, names[i])))
			return true;
	return json_is_true(json_object_get(firmware, "virtual_machine"));
}

static bool disabled_by_firmware(const struct judgement *j)
{
	return rule_is(j->subject, "status", "Populated, Disabled By BIOS") &&
	       !is_virtual(j->inventory->document);
}

static bool disabled_by_user(const struct judgement *j)
{
	return rule_is(j->subject, "status", "Populated, Disabled By User");
}

static bool cores_are_off(const struct judgement *j)
{
	double all, enabled;

	return is_there(j->subject) && rule_number(j->subject, "core_count", &all) &&
	       rule_number(j->subject, "core_enabled", &enabled) && enabled > 0 &&
	       enabled < all;
}

static bool microcode_differs(const struct judgement *j)
{
	return json_array_size(json_object_get(j->subject, "microcode_versions")) > 1;
}

static bool some_are_offline(const struct judgement *j)
{
	return rule_text(j->subject, "offline_cpus");
}

const struct rule rules_processor[] = {
	{ .id = "processor-disabled-by-firmware",
	  .severity = SEVERITY_CRITICAL,
	  .type = PROCESSORS,
	  .check = disabled_by_firmware,
	  .evidence = { "status", "socket", "model" },
	  .condition = "`status` is \"Populated, Disabled By BIOS\" (an error at "
		       "start-up), and "
		       "neither system nor firmware is a virtual machine's",
	  .message = "the firmware has disabled the processor in {socket}",
	  .resolution =
		  "Look into the firmware's log; reseat the processor, then replace it.",
	  .source = "SMBIOS 3.6, 7.5, offset 18h" },
	{ .id = "processor-disabled",
	  .severity = SEVERITY_OK,
	  .type = PROCESSORS,
	  .check = disabled_by_user,
	  .evidence = { "status", "socket", "model" },
	  .condition = "`status` is \"Populated, Disabled By User\"",
	  .message = "the processor in {socket} is switched off",
	  .resolution = "Nothing, where it was meant so: it is in the firmware's set-up.",
	  .source = "SMBIOS 3.6, 7.5, offset 18h" },
	{ .id = "processors-mixed",
	  .severity = SEVERITY_WARNING,
	  .type = PROCESSORS,
	  .list = true,
	  .check = processors_mixed,
	  .evidence = { "model" },
	  .condition = "enabled processors differ in `model`",
	  .message = "processors of different models",
	  .resolution = "Fit processors of one model: no maker supports others.",
	  .source = "SMBIOS 3.6, 7.5" },
	{ .id = "processor-cores-off",
	  .severity = SEVERITY_OK,
	  .type = PROCESSORS,
	  .check = cores_are_off,
	  .evidence = { "core_enabled", "core_count", "socket" },
	  .condition = "`core_enabled` below `core_count`",
	  .message = "{core_enabled} of {core_count} cores are enabled",
	  .resolution = "Nothing, where it was meant so: it is in the firmware's set-up.",
	  .source = "SMBIOS 3.6, 7.5.6 and 7.5.7" },
	{ .id = "cpu-microcode-mixed",
	  .severity = SEVERITY_WARNING,
	  .type = "cpu",
	  .check = microcode_differs,
	  .evidence = { "microcode_versions" },
	  .condition = "more than one of `microcode_versions`",
	  .message = "processors run different microcode: {microcode_versions}",
	  .resolution =
		  "Update the firmware; see whether the processors are of one stepping.",
	  .source = "Linux, sysfs-devices-system-cpu" },
	{ .id = "cpu-vulnerable",
	  .severity = SEVERITY_OK,
	  .type = "cpu",
	  .check = rule_filled,
	  .evidence = { "vulnerable_to" },
	  .condition = "`vulnerable_to` is not empty",
	  .message = "flaws the kernel cannot work around: {vulnerable_to}",
	  .resolution = "Update firmware and microcode, where there are newer ones.",
	  .source = "Linux, Documentation/admin-guide/hw-vuln" },
	{ .id = "cpu-offline",
	  .severity = SEVERITY_OK,
	  .type = "cpu",
	  .check = some_are_offline,
	  .evidence = { "offline_cpus" },
	  .condition = "`offline_cpus` is there",
	  .message = "the kernel has processors switched off: {offline_cpus}",
	  .resolution = "Nothing, where it was meant so.",
	  .source = "Linux, sysfs-devices-system-cpu" },
	{ .id = NULL },
};
