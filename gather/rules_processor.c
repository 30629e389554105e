/* Rules about processors, as the firmware and as the kernel see them. */
#include "rules.h"

#include <string.h>

#define PROCESSORS "processors"

static bool is_there(const json_t *processor)
{
	return rule_is(processor, "state", "Enabled");
}

/* Firmware that read past its string leaves bytes that no processor's name has. */
static bool has_clean_model(const json_t *processor)
{
	const char *model = rule_text(processor, "model");

	for (; model && *model; model++)
		if (*model < ' ' || *model > '~')
			return false;
	return model && is_there(processor);
}

static bool processors_mixed(const struct judgement *j)
{
	return rule_mixed(j, has_clean_model);
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

/* SMBIOS 3.6, 7.5, offset 18h, value 3; dmidecode 3.7 writes it "Disabled by firmware". */
static bool is_disabled_by_firmware(const json_t *processor)
{
	const char *status = rule_text(processor, "status");

	return status && (strcasestr(status, "disabled by bios") ||
			  strcasestr(status, "disabled by firmware"));
}

/*
 * Somebody runs this audit: where the table has no enabled processor, it is wrong. So it is
 * where the kernel has found as many packages as there are filled sockets.
 */
static bool table_is_disproved(const json_t *document)
{
	const json_t *list = inventory_section(document, PROCESSORS);
	unsigned enabled = 0, filled = 0;
	double packages;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *processor = json_array_get(list, i);

		enabled += is_there(processor);
		filled += !rule_is_absent(processor);
	}
	if (enabled == 0)
		return true;
	return rule_number(inventory_section(document, "cpu"), "socket_count",
			   &packages) &&
	       packages >= filled;
}

static bool disabled_by_firmware(const struct judgement *j)
{
	return is_disabled_by_firmware(j->subject) &&
	       !is_virtual(j->inventory->document) &&
	       !table_is_disproved(j->inventory->document);
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
	  .share = SHARE_NONE,
	  .type = PROCESSORS,
	  .check = disabled_by_firmware,
	  .evidence = { "status", "socket", "model" },
	  .condition = "`status` is \"Populated, Disabled By BIOS\" (an error at "
		       "start-up); another processor is `Enabled`; the kernel sees fewer "
		       "packages (`cpu.socket_count`) than sockets are filled; neither "
		       "system nor firmware is a virtual machine's",
	  .message = "the firmware has disabled the processor[ in {socket}]",
	  .resolution =
		  "Look into the firmware's log; reseat the processor, then replace it.",
	  .source = "SMBIOS 3.6, 7.5, offset 18h" },
	{ .id = "processor-disabled",
	  .severity = SEVERITY_OK,
	  .share = SHARE_NONE,
	  .type = PROCESSORS,
	  .check = disabled_by_user,
	  .evidence = { "status", "socket", "model" },
	  .condition = "`status` is \"Populated, Disabled By User\"",
	  .message = "the processor[ in {socket}] is switched off",
	  .resolution = "Nothing, where it was meant so: it is in the firmware's set-up.",
	  .source = "SMBIOS 3.6, 7.5, offset 18h" },
	{ .id = "processors-mixed",
	  .severity = SEVERITY_WARNING,
	  .share = SHARE_NONE,
	  .type = PROCESSORS,
	  .list = true,
	  .check = processors_mixed,
	  .evidence = { "model" },
	  .condition = "enabled processors differ in `model`, in names of printable "
		       "characters",
	  .message = "processors of different models",
	  .resolution = "Fit processors of one model: no maker supports others.",
	  .source = "SMBIOS 3.6, 7.5" },
	{ .id = "processor-cores-off",
	  .severity = SEVERITY_OK,
	  .share = 0.2,
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
