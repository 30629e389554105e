/* Values of `nvidia-smi -q` and how they become properties. */
#include "nvidia.h"
#include "placeholder_put.h"

#include <string.h>

/* What the driver calls a value, over the years, and what we do: the first found wins. */
static const struct {
	const char *path;
	const char *prop;
	enum value_kind kind;
} values[] = {
	{ "Product Name", "model", VALUE_TEXT },
	{ "Product Brand", "brand", VALUE_TEXT },
	{ "Product Architecture", "architecture", VALUE_TEXT },
	{ "Serial Number", "serial_number", VALUE_IDENTITY },
	{ "GPU UUID", "uuid", VALUE_IDENTITY },
	{ "VBIOS Version", "vbios_version", VALUE_TEXT },
	{ "GPU Part Number", "gpu_part_number", VALUE_IDENTITY },
	{ "Board Part Number", "part_number", VALUE_IDENTITY },
	{ "GSP Firmware Version", "gsp_firmware_version", VALUE_TEXT },
	{ "Inforom Version/Image Version", "inforom_version", VALUE_TEXT },
	{ "Minor Number", "minor_number", VALUE_NUMBER },
	{ "Persistence Mode", "persistence_mode_enabled", VALUE_ENABLED },
	{ "MIG Mode/Current", "mig_mode_enabled", VALUE_ENABLED },
	{ "MIG Mode/Pending", "mig_mode_pending_enabled", VALUE_ENABLED },
	{ "Compute Mode", "compute_mode", VALUE_TEXT },
	{ "Performance State", "performance_state", VALUE_TEXT },
	{ "GPU Recovery Action", "recovery_action", VALUE_TEXT },
	{ "Fan Speed", "fan_speed_percent", VALUE_PERCENT },
	{ "PCI/GPU Link Info/PCIe Generation/Current", "link_generation", VALUE_NUMBER },
	{ "PCI/GPU Link Info/PCIe Generation/Max", "max_link_generation", VALUE_NUMBER },
	{ "PCI/GPU Link Info/Link Width/Current", "link_width_lanes", VALUE_LANES },
	{ "PCI/GPU Link Info/Link Width/Max", "max_link_width_lanes", VALUE_LANES },
	{ "PCI/Replays Since Reset", "pcie_replays", VALUE_NUMBER },
	{ "PCI/Replays since reset", "pcie_replays", VALUE_NUMBER },
	{ "FB Memory Usage/Total", "memory_bytes", VALUE_MIB },
	{ "FB Memory Usage/Used", "memory_used_bytes", VALUE_MIB },
	{ "FB Memory Usage/Reserved", "memory_reserved_bytes", VALUE_MIB },
	{ "BAR1 Memory Usage/Total", "bar1_memory_bytes", VALUE_MIB },
	{ "Ecc Mode/Current", "ecc_mode_enabled", VALUE_ENABLED },
	{ "ECC Mode/Current", "ecc_mode_enabled", VALUE_ENABLED },
	{ "ECC Mode/Pending", "ecc_mode_pending_enabled", VALUE_ENABLED },
	{ "Ecc Mode/Pending", "ecc_mode_pending_enabled", VALUE_ENABLED },
	{ "Retired Pages/Single Bit ECC", "retired_pages_single_bit", VALUE_NUMBER },
	{ "Retired Pages/Double Bit ECC", "retired_pages_double_bit", VALUE_NUMBER },
	{ "Retired Pages/Pending Page Blacklist", "retired_pages_pending", VALUE_YES },
	{ "Retired Pages/Pending", "retired_pages_pending", VALUE_YES },
	{ "Remapped Rows/Correctable Error", "remapped_rows_correctable", VALUE_NUMBER },
	{ "Remapped Rows/Uncorrectable Error", "remapped_rows_uncorrectable",
	  VALUE_NUMBER },
	{ "Remapped Rows/Pending", "remapped_rows_pending", VALUE_YES },
	{ "Remapped Rows/Remapping Failure Occurred", "remapped_rows_failed", VALUE_YES },
	{ "Temperature/GPU Current Temp", "temperature_celsius", VALUE_CELSIUS },
	{ "Temperature/GPU T.Limit Temp", "temperature_margin_celsius", VALUE_CELSIUS },
	{ "Temperature/GPU Shutdown Temp", "shutdown_temperature_celsius",
	  VALUE_CELSIUS },
	{ "Temperature/GPU Slowdown Temp", "slowdown_temperature_celsius",
	  VALUE_CELSIUS },
	{ "Temperature/GPU Max Operating Temp", "max_operating_temperature_celsius",
	  VALUE_CELSIUS },
	{ "Temperature/GPU Shutdown T.Limit Temp", "shutdown_margin_celsius",
	  VALUE_CELSIUS },
	{ "Temperature/GPU Slowdown T.Limit Temp", "slowdown_margin_celsius",
	  VALUE_CELSIUS },
	{ "Temperature/GPU Max Operating T.Limit Temp", "max_operating_margin_celsius",
	  VALUE_CELSIUS },
	{ "Temperature/Memory Current Temp", "memory_temperature_celsius",
	  VALUE_CELSIUS },
	{ "GPU Power Readings/Average Power Draw", "average_power_watts", VALUE_WATTS },
	{ "GPU Power Readings/Instantaneous Power Draw", "power_watts", VALUE_WATTS },
	{ "GPU Power Readings/Power Draw", "power_watts", VALUE_WATTS },
	{ "Power Readings/Power Draw", "power_watts", VALUE_WATTS },
	{ "GPU Power Readings/Current Power Limit", "power_limit_watts", VALUE_WATTS },
	{ "GPU Power Readings/GPU Ceiling Power Limit/Current Power Limit", /* 610 */
	  "power_limit_watts", VALUE_WATTS },
	{ "Power Readings/Power Limit", "power_limit_watts", VALUE_WATTS },
	{ "GPU Power Readings/Default Power Limit", "default_power_limit_watts",
	  VALUE_WATTS },
	{ "Power Readings/Default Power Limit", "default_power_limit_watts",
	  VALUE_WATTS },
	{ "GPU Power Readings/GPU Ceiling Power Limit/Default Power Limit",
	  "default_power_limit_watts", VALUE_WATTS },
	{ "GPU Power Readings/Max Power Limit", "max_power_limit_watts", VALUE_WATTS },
	{ "Power Readings/Max Power Limit", "max_power_limit_watts", VALUE_WATTS },
	{ "Fabric/State", "fabric_state", VALUE_TEXT },
	{ "Fabric/Status", "fabric_status", VALUE_TEXT },
	{ "Fabric/CliqueId", "fabric_clique_id", VALUE_NUMBER },
	{ "Fabric/ClusterUUID", "fabric_cluster_uuid", VALUE_IDENTITY },
	{ "Fabric/Health/Summary", "fabric_health", VALUE_TEXT },
	{ "Fabric/Health/Bandwidth", "fabric_bandwidth", VALUE_TEXT },
	{ "Fabric/Health/Route Recovery in progress", "fabric_route_recovery",
	  VALUE_TEXT },
	{ "Fabric/Health/Route Unhealthy", "fabric_route_unhealthy", VALUE_TEXT },
	{ "Fabric/Health/Access Timeout Recovery", "fabric_access_timeout_recovery",
	  VALUE_TEXT },
	{ "Fabric/Health/Incorrect Configuration", "fabric_configuration", VALUE_TEXT },
	{ "Clocks/Graphics", "graphics_clock_mhz", VALUE_MHZ },
	{ "Clocks/SM", "sm_clock_mhz", VALUE_MHZ },
	{ "Clocks/Memory", "memory_clock_mhz", VALUE_MHZ },
	{ "Max Clocks/Graphics", "max_graphics_clock_mhz", VALUE_MHZ },
	{ "Max Clocks/SM", "max_sm_clock_mhz", VALUE_MHZ },
	{ "Max Clocks/Memory", "max_memory_clock_mhz", VALUE_MHZ },
};

/* 610 writes "610.57 [Deprecated; will be removed in ...]", or that note alone. */
static struct span without_note(struct span value)
{
	const char *note = memmem(value.at, value.len, "[Deprecated", 11);

	if (note && text_ends(value, "]"))
		value.len = (size_t)(note - value.at);
	return text_trim(value);
}

/* Words for "there is no such value" in drivers from 450 to 610. */
bool nvidia_is_nothing(struct span value)
{
	static const char *const words[] = {
		"",
		"N/A",
		"[N/A]",
		"Not Supported",
		"[Not Supported]",
		"Unknown",
		"Not Found",
		"Insufficient Permissions",
		"Requested functionality has been deprecated",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_is(value, words[i]))
			return true;
	return false;
}

bool nvidia_is_lost(struct span value)
{
	return memmem(value.at, value.len, "Unknown Error", 13) ||
	       memmem(value.at, value.len, "is lost", 7) || text_is(value, "ERR!");
}

static json_t *number_with_unit(struct span value, enum value_kind kind)
{
	bool negative = kind == VALUE_CELSIUS && text_skip(&value, "-");
	uint64_t milli, bytes;

	if (!text_take_milli(&value, &milli))
		return json_null();
	value = text_trim(value);
	switch (kind) {
	case VALUE_CELSIUS:
		if (!text_is(value, "C") || milli > 1000000)
			return json_null();
		return json_integer((negative ? -1 : 1) * (json_int_t)(milli / 1000));
	case VALUE_WATTS:
		return text_is(value, "W") ? collect_milli(milli) : json_null();
	case VALUE_MIB:
		if (!text_is(value, "MiB") ||
		    __builtin_mul_overflow(milli / 1000, UINT64_C(1) << 20, &bytes))
			return json_null();
		return collect_integer(bytes);
	case VALUE_MHZ:
		return text_is(value, "MHz") ? collect_milli(milli) : json_null();
	case VALUE_PERCENT:
		return text_is(value, "%") ? collect_milli(milli) : json_null();
	case VALUE_LANES:
		return text_is(value, "x") ? collect_milli(milli) : json_null();
	default:
		return value.len == 0 ? collect_milli(milli) : json_null();
	}
}

static json_t *yes_or_no(struct span value, const char *yes, const char *no)
{
	if (text_is(value, yes))
		return json_true();
	return text_is(value, no) ? json_false() : json_null();
}

void nvidia_put(json_t *props, const char *prop, enum value_kind kind, struct span value)
{
	json_t *number = NULL;

	if (json_object_get(props, prop) && !json_is_null(json_object_get(props, prop)))
		return;
	value = without_note(value);
	if (nvidia_is_nothing(value) || nvidia_is_lost(value))
		json_put(props, prop, json_null());
	else if (kind == VALUE_TEXT)
		collect_span(props, prop, value);
	else if (kind == VALUE_IDENTITY)
		placeholder_put(props, prop, value.at, value.len, PLACEHOLDER_IDENTITY);
	else if (kind == VALUE_ENABLED)
		number = yes_or_no(value, "Enabled", "Disabled");
	else if (kind == VALUE_YES)
		number = yes_or_no(value, "Yes", "No");
	else
		number = number_with_unit(value, kind);
	if (json_is_null(number))
		collect_unread_span(props, prop, value);
	else if (number)
		json_put(props, prop, number);
}

void nvidia_put_known(json_t *props, const char *path, struct span value)
{
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (!strcmp(path, values[i].path))
			nvidia_put(props, values[i].prop, values[i].kind, value);
}
