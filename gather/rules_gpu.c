/* Rules about GPUs as their driver describes them. */
#include "rules.h"

#include <string.h>

#define GPUS "gpus"

/* A failed remapping is Critical too, and has a rule of its own. */
static bool is_lost(const struct judgement *j)
{
	return rule_is(j->subject, "health", "Critical") &&
	       !json_is_true(json_object_get(j->subject, "remapped_rows_failed"));
}

static bool is_not_readable(const struct judgement *j)
{
	return rule_is(j->subject, "health", "Warning") &&
	       rule_text(j->subject, "health_reason");
}

static bool wants_recovery(const struct judgement *j)
{
	const char *action = rule_text(j->subject, "recovery_action");

	return action && strcmp(action, "None") != 0;
}

/* The counters above 0 that stand for data that was lost; names differ by driver. */
static bool uncorrected(const struct judgement *j, const char *span)
{
	const json_t *errors = json_object_get(j->subject, "ecc_errors");
	json_t *counters = json_object_get(errors, span), *value;
	AUTO_JSON json_t *seen = json_object();
	AUTO_JSON json_t *spans = json_object();
	const char *name;

	json_object_foreach(counters, name, value)
	{
		if (!strstr(name, "uncorrectable") && !strstr(name, "double_bit"))
			continue;
		if (json_is_integer(value) && json_integer_value(value) > 0)
			json_put(seen, name, json_incref(value));
	}
	if (json_object_size(seen) == 0)
		return false;
	json_put(spans, span, json_incref(seen));
	json_put(j->evidence, "ecc_errors", json_incref(spans));
	return true;
}

static bool uncorrected_now(const struct judgement *j)
{
	return uncorrected(j, "volatile");
}

static bool uncorrected_ever(const struct judgement *j)
{
	return uncorrected(j, "aggregate");
}

static bool sram_threshold(const struct judgement *j)
{
	const json_t *errors = json_object_get(j->subject, "ecc_errors");
	const json_t *aggregate = json_object_get(errors, "aggregate");

	return json_is_true(json_object_get(aggregate, "sram_threshold_exceeded"));
}

/* Two a row of HBM, 64 a GPU: NVIDIA asks for a replacement at 60 retired pages. */
static bool many_retired_pages(const struct judgement *j)
{
	double single = 0, twice = 0;
	bool known = rule_number(j->subject, "retired_pages_single_bit", &single);

	known = rule_number(j->subject, "retired_pages_double_bit", &twice) || known;
	return known && single + twice >= j->rule->limit;
}

/* hw_slowdown stands for its two causes, and is listed with them. */
/* NVML: nvmlGpuFabricState_t; the status counts where the state is "Completed" alone. */
static bool fabric_is_not_joined(const struct judgement *j)
{
	if (rule_is(j->subject, "fabric_state", "Completed"))
		return rule_text(j->subject, "fabric_status") &&
		       !rule_is(j->subject, "fabric_status", "Success");
	return rule_is(j->subject, "fabric_state", "Not Started") ||
	       rule_is(j->subject, "fabric_state", "In Progress");
}

static bool fabric_is_unwell(const struct judgement *j)
{
	return rule_is(j->subject, "fabric_health", "Unhealthy") ||
	       rule_is(j->subject, "fabric_health", "Limited Capacity") ||
	       rule_is(j->subject, "fabric_bandwidth", "Degraded") ||
	       rule_is(j->subject, "fabric_route_unhealthy", "True");
}

/* How a machine is wired is not known, but GPUs of one model are wired alike. */
static bool has_fewer_links(const struct judgement *j)
{
	const json_t *all = json_object_get(j->inventory->document, "gpu_links");
	const char *model = rule_text(j->subject, "model");
	double most = 0, own, other;

	if (!model || !rule_number(j->subject, "active_link_count", &own))
		return false;
	for (size_t i = 0; i < json_array_size(all); i++)
		if (rule_is(json_array_get(all, i), "model", model) &&
		    rule_number(json_array_get(all, i), "active_link_count", &other) &&
		    other > most)
			most = other;
	json_put(j->evidence, "most", json_integer((json_int_t)most));
	return own < most;
}

static bool is_throttled(const struct judgement *j)
{
	return rule_lists(j->subject, "clock_limit_reasons", "hw_slowdown") ||
	       rule_lists(j->subject, "clock_limit_reasons", "thermal_slowdown") ||
	       rule_lists(j->subject, "clock_limit_reasons", "power_brake");
}

/* Drivers tell either limits, or how far below them the GPU is (Hopper and later). */
static bool reaches(const struct judgement *j, const char *limit_name,
		    const char *margin_name)
{
	double now, limit;

	if (rule_number(j->subject, "temperature_celsius", &now) &&
	    rule_number(j->subject, limit_name, &limit) && limit > 0 && now >= limit)
		return true;
	return rule_number(j->subject, "temperature_margin_celsius", &now) &&
	       rule_number(j->subject, margin_name, &limit) && now <= limit;
}

static bool is_too_hot(const struct judgement *j)
{
	return reaches(j, "slowdown_temperature_celsius", "slowdown_margin_celsius");
}

static bool is_hot(const struct judgement *j)
{
	return !is_too_hot(j) && reaches(j, "max_operating_temperature_celsius",
					 "max_operating_margin_celsius");
}

static bool is_below(const struct judgement *j, const char *now_name,
		     const char *most_name)
{
	double now, most;

	return rule_number(j->subject, now_name, &now) &&
	       rule_number(j->subject, most_name, &most) && now < most;
}

static bool link_is_narrow(const struct judgement *j)
{
	return rule_link_maximum_is_shared(j->subject) &&
	       is_below(j, "link_width_lanes", "max_link_width_lanes");
}

static bool link_rests(const struct judgement *j)
{
	return rule_link_maximum_is_shared(j->subject) &&
	       is_below(j, "link_generation", "max_link_generation");
}

/* What is known of it comes from the bus alone. */
static bool has_no_driver(const struct judgement *j)
{
	const json_t *src = json_object_get(j->subject, "src");

	for (size_t i = 0; i < json_array_size(src); i++) {
		const char *job = json_string_value(json_array_get(src, i));

		if (!job || strncmp(job, "pcie/", strlen("pcie/")) != 0)
			return false;
	}
	return json_array_size(src) > 0;
}

static bool mode_is_pending(const struct judgement *j)
{
	static const char *const modes[][2] = {
		{ "ecc_mode_enabled", "ecc_mode_pending_enabled" },
		{ "mig_mode_enabled", "mig_mode_pending_enabled" },
	};

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		const json_t *now = json_object_get(j->subject, modes[i][0]);
		const json_t *next = json_object_get(j->subject, modes[i][1]);

		if (json_is_boolean(now) && json_is_boolean(next) &&
		    !json_equal((json_t *)(uintptr_t)now, (json_t *)(uintptr_t)next))
			return true;
	}
	return false;
}

const struct rule rules_gpu[] = {
	{ .id = "gpu-lost",
	  .severity = SEVERITY_CRITICAL,
	  .type = GPUS,
	  .check = is_lost,
	  .evidence = { "health", "health_reason", "recovery_action" },
	  .condition = "`health` Critical: the driver calls it lost, or three values are "
		       "\"Unknown Error\"",
	  .message = "the driver can no longer talk to the GPU",
	  .resolution =
		  "Look for Xid messages in the kernel's log; power the machine off and "
		  "on, then reseat or replace the GPU.",
	  .source = "nvidia-smi; NVIDIA, XID Errors" },
	{ .id = "gpu-remapping-failed",
	  .severity = SEVERITY_CRITICAL,
	  .type = GPUS,
	  .check = rule_true,
	  .evidence = { "remapped_rows_failed", "remapped_rows_uncorrectable",
			"remapped_rows_correctable" },
	  .condition = "`remapped_rows_failed`",
	  .message = "a bad row of the GPU's memory could not be replaced by a spare one",
	  .resolution = "Replace the GPU.",
	  .source = "NVIDIA, GPU Memory Error Management" },
	{ .id = "gpu-uncorrected-errors",
	  .severity = SEVERITY_CRITICAL,
	  .type = GPUS,
	  .check = uncorrected_now,
	  .condition =
		  "a counter of uncorrectable errors in `ecc_errors.volatile` over 0",
	  .message = "the GPU's memory lost data since its driver was loaded",
	  .resolution = "Reset the GPU or reboot; where it comes again, replace the GPU.",
	  .source = "nvidia-smi, ECC Errors" },
	{ .id = "gpu-not-answering",
	  .severity = SEVERITY_CRITICAL,
	  .type = GPUS,
	  .jobs = "nvidia",
	  .check = rule_job_stuck,
	  .evidence = { "job", "status", "reason", "since" },
	  .condition = "a job of nvidia is `stuck`: its process cannot be killed",
	  .message = "a process that asks the GPUs hangs in the kernel[, in {wchan}]",
	  .resolution =
		  "Look for Xid messages in the kernel's log; only a reboot ends the "
		  "process.",
	  .source = "bee-audit.json(5), JOBS" },
	{ .id = "gpu-row-remapping-pending",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = rule_true,
	  .evidence = { "remapped_rows_pending", "remapped_rows_uncorrectable",
			"remapped_rows_correctable" },
	  .condition = "`remapped_rows_pending`",
	  .message = "a bad row of the GPU's memory waits to be replaced by a spare one",
	  .resolution = "Reset the GPU: that is when rows are remapped.",
	  .source = "NVIDIA, GPU Memory Error Management" },
	{ .id = "gpu-page-retirement-pending",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = rule_true,
	  .evidence = { "retired_pages_pending", "retired_pages_single_bit",
			"retired_pages_double_bit" },
	  .condition = "`retired_pages_pending`",
	  .message = "a bad page of the GPU's memory waits to be taken out of use",
	  .resolution = "Reset the GPU or reboot.",
	  .source = "NVIDIA, Dynamic Page Retirement" },
	{ .id = "gpu-many-retired-pages",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = many_retired_pages,
	  .limit = 60,
	  .evidence = { "retired_pages_single_bit", "retired_pages_double_bit" },
	  .condition = "60 retired pages or more",
	  .message = "{retired_pages_single_bit} pages were retired for single and "
		     "{retired_pages_double_bit} for double bit errors",
	  .resolution = "Replace the GPU: there is room for 64.",
	  .source = "NVIDIA, Dynamic Page Retirement, RMA policy" },
	{ .id = "gpu-sram-threshold",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = sram_threshold,
	  .evidence = { "ecc_errors" },
	  .condition = "`ecc_errors.aggregate.sram_threshold_exceeded`",
	  .message = "more errors in the GPU's caches than its maker tolerates",
	  .resolution = "Have the maker look at the GPU.",
	  .source = "NVIDIA, GPU Memory Error Management" },
	{ .id = "gpu-recovery-needed",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = wants_recovery,
	  .evidence = { "recovery_action" },
	  .condition = "`recovery_action` is not None",
	  .message = "the driver asks for a recovery: {recovery_action}",
	  .resolution = "Do what it asks for: reset the GPU, drain it, or reboot.",
	  .source = "nvidia-smi, GPU Recovery Action, GPU Reset Status" },
	{ .id = "gpu-not-readable",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = is_not_readable,
	  .evidence = { "health_reason" },
	  .condition = "`health` Warning with a `health_reason`: a value or two are "
		       "\"Unknown Error\"",
	  .message = "the driver cannot read all of the GPU[: {health_reason}]",
	  .resolution =
		  "Look for Xid messages in the kernel's log and at the fans; reset "
		  "the GPU, and replace it where it stays.",
	  .source = "nvidia-smi" },
	{ .id = "gpu-links-missing",
	  .severity = SEVERITY_WARNING,
	  .type = "gpu_links",
	  .check = has_fewer_links,
	  .evidence = { "active_link_count", "link_count", "model", "index" },
	  .condition =
		  "`active_link_count` below that of another GPU of the same `model`",
	  .message = "{active_link_count} NVLinks are active, and {most} on others of "
		     "the model",
	  .resolution = "Look into the kernel's log for Xid 74; reset or reseat the GPU, "
			"look at its "
			"bridge or switch.",
	  .source = "nvidia-smi nvlink -s" },
	{ .id = "gpu-fabric-not-joined",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = fabric_is_not_joined,
	  .evidence = { "fabric_state", "fabric_status" },
	  .condition = "`fabric_state` Not Started or In Progress, or Completed with a "
		       "`fabric_status` other than Success",
	  .message = "the GPU is not part of its NVLink fabric: {fabric_state}[, "
		     "{fabric_status}]",
	  .resolution =
		  "See whether NVIDIA's fabric manager runs, and what its log says.",
	  .source = "NVML, nvmlGpuFabricState_t" },
	{ .id = "gpu-fabric-unwell",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = fabric_is_unwell,
	  .evidence = { "fabric_health", "fabric_bandwidth", "fabric_route_unhealthy" },
	  .condition = "`fabric_health` Unhealthy or Limited Capacity, "
		       "`fabric_bandwidth` Degraded, "
		       "or `fabric_route_unhealthy` True",
	  .message = "the NVLink fabric does not work as it should[: {fabric_health}]",
	  .resolution =
		  "See what the fabric manager's log says; look at links and switches.",
	  .source = "NVML, nvmlGpuFabricInfo_v3_t" },
	{ .id = "gpu-throttled",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = is_throttled,
	  .evidence = { "clock_limit_reasons", "temperature_celsius", "power_watts",
			"power_limit_watts" },
	  .condition =
		  "`clock_limit_reasons` has a hardware slowdown, a thermal slowdown or "
		  "a power brake",
	  .message = "the GPU is slowed down[: {clock_limit_reasons}]",
	  .resolution = "Check fans, airflow and the power cables.",
	  .source = "nvidia-smi, Clocks Event Reasons" },
	{ .id = "gpu-too-hot",
	  .severity = SEVERITY_CRITICAL,
	  .type = GPUS,
	  .check = is_too_hot,
	  .evidence = { "temperature_celsius", "slowdown_temperature_celsius",
			"temperature_margin_celsius", "slowdown_margin_celsius" },
	  .condition =
		  "`temperature_celsius` at or over `slowdown_temperature_celsius`, or "
		  "`temperature_margin_celsius` at or below `slowdown_margin_celsius`",
	  .message = "[{temperature_celsius} C: ]the GPU is at the limit where it slows "
		     "down",
	  .resolution = "Check fans and airflow now.",
	  .source = "nvidia-smi, Temperature" },
	{ .id = "gpu-hot",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = is_hot,
	  .evidence = { "temperature_celsius", "max_operating_temperature_celsius",
			"temperature_margin_celsius", "max_operating_margin_celsius" },
	  .condition = "as gpu-too-hot, with `max_operating_temperature_celsius` and "
		       "`max_operating_margin_celsius`",
	  .message = "{temperature_celsius} C is over the GPU's operating limit",
	  .resolution = "Check fans and airflow.",
	  .source = "nvidia-smi, Temperature" },
	{ .id = "gpu-link-narrow",
	  .severity = SEVERITY_WARNING,
	  .type = GPUS,
	  .check = link_is_narrow,
	  .evidence = { "link_width_lanes", "max_link_width_lanes" },
	  .condition =
		  "`link_width_lanes` below `max_link_width_lanes`, which is of GPU and "
		  "slot together (NVIDIA)",
	  .message = "{link_width_lanes} lanes of {max_link_width_lanes}",
	  .resolution = "Reseat the GPU or its riser and cable; clean the contacts.",
	  .source = "nvidia-smi(1), Link Width" },
	{ .id = "gpu-link-resting",
	  .severity = SEVERITY_OK,
	  .type = GPUS,
	  .check = link_rests,
	  .evidence = { "link_generation", "max_link_generation", "performance_state" },
	  .condition = "`link_generation` below `max_link_generation` (NVIDIA)",
	  .message = "PCIe generation {link_generation} of {max_link_generation}",
	  .resolution = "Nothing: a GPU at rest slows its link. Look again under load.",
	  .source = "nvidia-smi(1), PCIe Generation" },
	{ .id = "gpu-uncorrected-errors-before",
	  .severity = SEVERITY_OK,
	  .type = GPUS,
	  .check = uncorrected_ever,
	  .condition =
		  "a counter of uncorrectable errors in `ecc_errors.aggregate` over 0",
	  .message = "the GPU's memory has lost data in its life",
	  .resolution = "Nothing, unless it comes again.",
	  .source = "nvidia-smi, ECC Errors" },
	{ .id = "gpu-remapped-rows",
	  .severity = SEVERITY_OK,
	  .type = GPUS,
	  .check = rule_over,
	  .evidence = { "remapped_rows_uncorrectable", "remapped_rows_correctable" },
	  .condition = "`remapped_rows_uncorrectable` over 0",
	  .message =
		  "{remapped_rows_uncorrectable} rows were replaced after uncorrectable "
		  "errors",
	  .resolution = "Nothing, unless the count grows.",
	  .source = "NVIDIA, GPU Memory Error Management" },
	{ .id = "gpu-pcie-replays",
	  .severity = SEVERITY_OK,
	  .type = GPUS,
	  .check = rule_at_least,
	  .limit = 100,
	  .evidence = { "pcie_replays" },
	  .condition = "`pcie_replays` 100 or more",
	  .message = "{pcie_replays} packets were sent again since the last reset",
	  .resolution = "Nothing, unless the count grows fast: then reseat the GPU.",
	  .source = "nvidia-smi, Replays Since Reset" },
	{ .id = "gpu-unknown",
	  .severity = SEVERITY_OK,
	  .type = GPUS,
	  .check = has_no_driver,
	  .evidence = { "model", "vendor_id", "device_id", "driver", "physical_slot" },
	  .condition = "every job in `src` is one of pcie",
	  .message = "no driver tells of this GPU: its health is not known",
	  .resolution = "Load its driver and look again; where there is none, nothing.",
	  .source = "Linux, sysfs-bus-pci" },
	{ .id = "gpu-ecc-off",
	  .severity = SEVERITY_OK,
	  .type = GPUS,
	  .check = rule_false,
	  .evidence = { "ecc_mode_enabled" },
	  .condition = "`ecc_mode_enabled` is false",
	  .message = "the GPU can correct memory errors, and this is switched off",
	  .resolution = "nvidia-smi -e 1, then reset the GPU.",
	  .source = "nvidia-smi(1), Ecc Mode" },
	{ .id = "gpu-mode-pending",
	  .severity = SEVERITY_OK,
	  .type = GPUS,
	  .check = mode_is_pending,
	  .evidence = { "ecc_mode_enabled", "ecc_mode_pending_enabled",
			"mig_mode_enabled", "mig_mode_pending_enabled" },
	  .condition = "ECC or MIG mode differs from what is pending",
	  .message = "another mode of ECC or MIG waits for the next reset",
	  .resolution = "Reset the GPU or reboot.",
	  .source = "nvidia-smi(1), Ecc Mode, MIG Mode" },
	{ .id = NULL },
};
