/*
 * What a machine of this kind could have told. A tool that is not installed for a device that the
 * machine does not have has taught nobody less; a BMC that the firmware lists and the kernel has no
 * way to is not one that is absent.
 */
#include "expect.h"

#include "inventory.h"
#include "record.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

typedef bool present_fn(const json_t *record);

/* PCI code of NVIDIA; class 03h is a display controller. */
static bool is_nvidia_gpu(const json_t *device)
{
	const char *class = rule_text(device, "class_code");

	return rule_is(device, "vendor_id", "0x10de") && class &&
	       !strncmp(class, "0x03", 4);
}

static bool is_megaraid(const json_t *controller)
{
	return rule_is(controller, "driver", "megaraid_sas");
}

/* Smart Array, and the SmartRAID that came after it */
static bool is_smart_array(const json_t *controller)
{
	return rule_is(controller, "driver", "hpsa") ||
	       rule_is(controller, "driver", "smartpqi");
}

static bool is_mpt(const json_t *controller)
{
	return rule_is(controller, "driver", "mpt2sas") ||
	       rule_is(controller, "driver", "mpt3sas");
}

static bool is_broadcom(const json_t *controller)
{
	return is_megaraid(controller) || is_mpt(controller);
}

/* Which devices a tool is for, by the jobs' names that begin so. */
static const struct {
	const char *jobs, *type;
	present_fn *present;
	const char *reason;
} tools[] = {
	{ "nvidia/", "pcie.devices", is_nvidia_gpu, "no GPU of NVIDIA" },
	{ "megaraid/", "storage.controllers", is_megaraid, "no MegaRAID controller" },
	{ "cciss/", "storage.controllers", is_smart_array, "no Smart Array controller" },
	{ "raid/storcli", "storage.controllers", is_broadcom,
	  "no controller of Broadcom" },
	{ "raid/perccli", "storage.controllers", is_broadcom,
	  "no controller of Broadcom" },
	{ "raid/sas2ircu", "storage.controllers", is_mpt, "no MPT controller" },
	{ "raid/sas3ircu", "storage.controllers", is_mpt, "no MPT controller" },
};

static void put_verdict(struct verdict *verdict, enum job_status status,
			const char *reason)
{
	char *before = verdict->reason;

	verdict->status = status;
	verdict->reason = xstrdup(reason);
	free(before);
}

/* The list was made, and has no such device. */
static bool has_none(const json_t *document, const char *type, present_fn *present)
{
	const json_t *list = inventory_section(document, type);

	if (!json_is_array(list))
		return false;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (present(json_array_get(list, i)))
			return false;
	return true;
}

static void judge_tool(struct verdict *verdict, const char *job, const json_t *document)
{
	for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
		if (strncmp(job, tools[i].jobs, strlen(tools[i].jobs)) != 0)
			continue;
		if (has_none(document, tools[i].type, tools[i].present))
			put_verdict(verdict, JOB_ABSENT, tools[i].reason);
		return;
	}
}

bool expect_bmc(const json_t *document)
{
	const json_t *bmc = json_object_get(document, "bmc");

	/* A type of structure 38 that is "Unknown" is a template's (SMBIOS 3.6, 7.39.1). */
	return (rule_text(bmc, "interface_type") &&
		!rule_is(bmc, "interface_type", "Unknown")) ||
	       rule_text(bmc, "acpi_hid");
}

/* One of those that ask by /dev/ipmi0, which is the one thing that they all miss. */
static bool asks_bmc(const char *job)
{
	static const char *const jobs[] = { "psu/fru", "psu/info", "psu/sel", "psu/sdr" };

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		if (!strcmp(job, jobs[i]))
			return true;
	return false;
}

static bool is_bmc_missed(const json_t *document, const struct gather *gather,
			  const struct verdict *verdicts)
{
	for (unsigned i = 0; i < gather->job_count; i++)
		if (asks_bmc(gather->jobs[i].name) && verdicts[i].status != JOB_ABSENT)
			return false;
	return expect_bmc(document);
}

void expect_judge(const json_t *document, const struct gather *gather,
		  struct verdict *verdicts)
{
	bool bmc = is_bmc_missed(document, gather, verdicts);

	for (unsigned i = 0; i < gather->job_count; i++) {
		const struct gathered *job = &gather->jobs[i];

		if (verdicts[i].status == JOB_UNAVAILABLE)
			judge_tool(&verdicts[i], job->name, document);
		if (bmc && asks_bmc(job->name))
			put_verdict(&verdicts[i], JOB_UNAVAILABLE,
				    "the firmware lists a BMC, and the kernel has no "
				    "/dev/ipmi0");
	}
}
