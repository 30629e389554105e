/* What `bee show` can show. */
#include "sections.h"

#include "kinds.h"
#include "rows.h"
#include "unlearned.h"

#include <string.h>

#define HEALTH                                                                           \
	{                                                                                \
		"HEALTH", { "health_rollup" }, PLAIN, JUDGED, NULL                       \
	}

static const struct column drives[] = {
	{ "NAME", { "key" }, PLAIN, 0, NULL },
	HEALTH,
	{ "SIZE", { "capacity_bytes" }, DECIMAL, RIGHT, NULL },
	{ "MODEL", { "model" }, PLAIN, CUT, NULL },
	{ "SERIAL", { "serial_number" }, PLAIN, 0, NULL },
	{ "LIFE", { "predicted_media_life_left_percent" }, PLAIN, RIGHT, "%" },
	{ "TEMP", { "temperature_celsius" }, PLAIN, RIGHT, " C" },
	{ "BUS", { "protocol", "transport" }, PLAIN, 0, NULL },
	{ "FIRMWARE", { "firmware_version", "revision" }, PLAIN, CUT, NULL },
	{ "TYPE", { "media_type" }, PLAIN, 0, NULL },
	{ "SLOT", { "enclosure_slot_name", "raid_slot" }, PLAIN, 0, NULL },
	{ "HOURS", { "power_on_hours" }, PLAIN, RIGHT, NULL },
	{ "MAKER", { "manufacturer" }, PLAIN, CUT | MORE, NULL },
	{ "WWN", { "wwn" }, PLAIN, MORE, NULL },
	{ "CONTROLLER", { "controller_pci_address" }, PLAIN, MORE, NULL },
	{ "ARRAYS", { "member_of" }, PLAIN, MORE, NULL },
	{ "STATE", { "raid_state", "device_state" }, PLAIN, MORE, NULL },
	{ "REALLOCATED", { "reallocated_sector_count" }, PLAIN, RIGHT | MORE, NULL },
	{ "PENDING", { "pending_sector_count" }, PLAIN, RIGHT | MORE, NULL },
	{ "MEDIA-ERRORS", { "media_errors" }, PLAIN, RIGHT | MORE, NULL },
	{ "CRC-ERRORS", { "interface_crc_errors" }, PLAIN, RIGHT | MORE, NULL },
	{ "WRITTEN", { "data_written_bytes" }, DECIMAL, RIGHT | MORE, NULL },
	{ "WEAR", { "wear_percent" }, PLAIN, RIGHT | MORE, "%" },
	{ "UNLEARNED", { "not_learned" }, PLAIN, WRAP | MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column memory[] = {
	{ "SLOT", { "locator", "bank_locator", "key" }, PLAIN, CUT, NULL },
	{ "SIZE", { "capacity_bytes", "state" }, BINARY, RIGHT, NULL },
	HEALTH,
	{ "TYPE", { "memory_device_type" }, PLAIN, 0, NULL },
	{ "MT/S", { "configured_speed_mts", "rated_speed_mts" }, PLAIN, RIGHT, NULL },
	{ "PART", { "part_number" }, PLAIN, CUT, NULL },
	{ "SERIAL", { "serial_number" }, PLAIN, 0, NULL },
	{ "MAKER", { "manufacturer" }, PLAIN, CUT, NULL },
	{ "BANK", { "bank_locator" }, PLAIN, CUT, NULL },
	{ "CE", { "corrected_error_count" }, PLAIN, RIGHT, NULL },
	{ "UE", { "uncorrected_error_count" }, PLAIN, RIGHT, NULL },
	{ "RATED", { "rated_speed_mts" }, PLAIN, RIGHT | MORE, NULL },
	{ "RANKS", { "rank_count" }, PLAIN, RIGHT | MORE, NULL },
	{ "FORM", { "form_factor" }, PLAIN, MORE, NULL },
	{ "VOLTS", { "configured_voltage_volts" }, PLAIN, RIGHT | MORE, NULL },
	{ "ASSET", { "asset_tag" }, PLAIN, CUT | MORE, NULL },
	{ "KEY", { "key" }, PLAIN, MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column processors[] = {
	{ "SOCKET", { "socket", "key" }, PLAIN, CUT, NULL },
	{ "STATE", { "state" }, PLAIN, 0, NULL },
	{ "MODEL", { "model" }, PLAIN, CUT, NULL },
	{ "CORES", { "core_enabled", "core_count" }, PLAIN, RIGHT, NULL },
	{ "THREADS", { "thread_count" }, PLAIN, RIGHT, NULL },
	{ "MHZ", { "current_speed_mhz" }, PLAIN, RIGHT, NULL },
	HEALTH,
	{ "SERIAL", { "serial_number" }, PLAIN, MORE, NULL },
	{ "PART", { "part_number" }, PLAIN, CUT | MORE, NULL },
	{ "SIGNATURE", { "signature" }, PLAIN, CUT | MORE, NULL },
	{ "KEY", { "key" }, PLAIN, MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column pcie[] = {
	{ "ADDRESS", { "key" }, PLAIN, BRANCH, NULL },
	{ "HEALTH", { "health_rollup" }, PLAIN, JUDGED, NULL },
	{ "LINK", { "link_speed_gtps" }, LINK, 0, NULL },
	{ "MODEL", { "model", "device_id" }, PLAIN, CUT, NULL },
	{ "CLASS", { "class", "class_code" }, PLAIN, CUT, NULL },
	{ "DRIVER", { "driver" }, PLAIN, 0, NULL },
	{ "SLOT", { "slot_designation", "physical_slot" }, PLAIN, CUT, NULL },
	{ "MAKER", { "manufacturer", "vendor_id" }, PLAIN, CUT | MORE, NULL },
	{ "NUMA", { "numa_node" }, PLAIN, RIGHT | MORE, NULL },
	{ "CE", { "aer_correctable_count" }, PLAIN, RIGHT | MORE, NULL },
	{ "NONFATAL", { "aer_nonfatal_count" }, PLAIN, RIGHT | MORE, NULL },
	{ "FATAL", { "aer_fatal_count" }, PLAIN, RIGHT | MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column network[] = {
	{ "NAME", { "key" }, PLAIN, 0, NULL },
	{ "LINK", { "link_status", "operational_state" }, PLAIN, 0, NULL },
	{ "GB/S", { "speed_gbps" }, PLAIN, RIGHT, NULL },
	{ "MAX", { "max_speed_gbps" }, PLAIN, RIGHT, NULL },
	HEALTH,
	{ "MAC", { "permanent_mac_address", "mac_address" }, PLAIN, 0, NULL },
	{ "MODEL", { "model" }, PLAIN, CUT, NULL },
	{ "FIRMWARE", { "firmware_version" }, PLAIN, CUT, NULL },
	{ "DRIVER", { "driver" }, PLAIN, 0, NULL },
	{ "ADDRESS", { "pci_address" }, PLAIN, 0, NULL },
	{ "SLOT", { "physical_slot" }, PLAIN, CUT | MORE, NULL },
	{ "MAKER", { "manufacturer" }, PLAIN, CUT | MORE, NULL },
	{ "MTU", { "mtu_bytes" }, PLAIN, RIGHT | MORE, NULL },
	{ "PORT", { "port_type" }, PLAIN, MORE, NULL },
	{ "RX-ERRORS", { "receive_errors" }, PLAIN, RIGHT | MORE, NULL },
	{ "TX-ERRORS", { "send_errors" }, PLAIN, RIGHT | MORE, NULL },
	{ "UNLEARNED", { "not_learned" }, PLAIN, WRAP | MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column gpus[] = {
	{ "ADDRESS", { "key" }, PLAIN, 0, NULL },
	HEALTH,
	{ "MODEL", { "model", "device_id" }, PLAIN, CUT, NULL },
	{ "MEMORY", { "memory_bytes" }, BINARY, RIGHT, NULL },
	{ "TEMP", { "temperature_celsius" }, PLAIN, RIGHT, " C" },
	{ "POWER", { "power_watts" }, PLAIN, RIGHT, " W" },
	{ "SERIAL", { "serial_number" }, PLAIN, 0, NULL },
	{ "LANES", { "link_width_lanes" }, PLAIN, RIGHT, NULL },
	{ "MAXLANES", { "max_link_width_lanes" }, PLAIN, RIGHT, NULL },
	{ "DRIVER", { "driver_version", "driver" }, PLAIN, 0, NULL },
	{ "VBIOS", { "vbios_version" }, PLAIN, CUT, NULL },
	{ "MAKER", { "manufacturer" }, PLAIN, CUT | MORE, NULL },
	{ "UUID", { "uuid", "unique_id" }, PLAIN, MORE, NULL },
	{ "PART", { "part_number" }, PLAIN, CUT | MORE, NULL },
	{ "SLOT", { "physical_slot" }, PLAIN, CUT | MORE, NULL },
	{ "RECOVERY", { "recovery_action" }, PLAIN, MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column power[] = {
	{ "SLOT", { "location", "name", "key" }, PLAIN, CUT, NULL },
	{ "STATE", { "state" }, PLAIN, 0, NULL },
	HEALTH,
	{ "WATTS", { "power_capacity_watts" }, PLAIN, RIGHT, NULL },
	{ "MODEL", { "model" }, PLAIN, CUT, NULL },
	{ "SERIAL", { "serial_number" }, PLAIN, 0, NULL },
	{ "MAKER", { "manufacturer" }, PLAIN, CUT, NULL },
	{ "PART", { "part_number" }, PLAIN, CUT, NULL },
	{ "VERSION", { "version" }, PLAIN, CUT | MORE, NULL },
	{ "KEY", { "key" }, PLAIN, MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column sensors[] = {
	{ "NAME", { "name", "key" }, PLAIN, CUT, NULL },
	{ "READING", { "reading" }, READING, RIGHT, NULL },
	{ "HEALTH", { "health_rollup", "health" }, PLAIN, JUDGED, NULL },
	{ "LOW", { "low" }, READING, RIGHT, NULL },
	{ "HIGH", { "high" }, READING, RIGHT, NULL },
	{ "STATES", { "states", "alarms", "state" }, PLAIN, CUT, NULL },
	{ "TYPE", { "type" }, PLAIN, CUT, NULL },
	{ "UNIT", { "unit" }, PLAIN, MORE, NULL },
	{ "KEY", { "key" }, PLAIN, MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column firmware[] = {
	{ "CLASS", { "class" }, PLAIN, 0, NULL },
	{ "PART", { "part" }, PLAIN, CUT, NULL },
	{ "VERSION", { "version" }, PLAIN, 0, NULL },
	{ "MODEL", { "model" }, PLAIN, CUT, NULL },
	{ "DATE", { "release_date" }, PLAIN, 0, NULL },
	{ "MAKER", { "manufacturer" }, PLAIN, CUT, NULL },
	{ "PROPERTY", { "property" }, PLAIN, MORE, NULL },
	{ "KEY", { "key" }, PLAIN, MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column gpu_links[] = {
	{ "GPU", { "uuid", "key" }, PLAIN, 0, NULL },
	{ "STATE", { "state" }, PLAIN, 0, NULL },
	{ "HEALTH", { "health_rollup" }, PLAIN, JUDGED, NULL },
	{ "LINKS", { "link_count" }, PLAIN, RIGHT, NULL },
	{ "ACTIVE", { "active_link_count" }, PLAIN, RIGHT, NULL },
	{ "GB/S", { "speed_gbps" }, PLAIN, RIGHT, NULL },
	{ "MODEL", { "model" }, PLAIN, CUT, NULL },
	{ "DOWN", { "down" }, PLAIN, CUT, NULL },
	{ "INDEX", { "index" }, PLAIN, RIGHT | MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column smbios_firmware[] = {
	{ "NAME", { "name", "key" }, PLAIN, CUT, NULL },
	{ "VERSION", { "version" }, PLAIN, 0, NULL },
	{ "DATE", { "release_date" }, PLAIN, 0, NULL },
	{ "STATE", { "state" }, PLAIN, 0, NULL },
	{ "MAKER", { "manufacturer" }, PLAIN, CUT, NULL },
	{ "ID", { "firmware_id" }, PLAIN, CUT, NULL },
	{ "LOWEST", { "lowest_supported_version" }, PLAIN, CUT, NULL },
	{ "SIZE", { "image_size_bytes" }, BINARY, RIGHT | MORE, NULL },
	{ "UPDATABLE", { "updatable" }, PLAIN, MORE, NULL },
	{ "PROTECTED", { "write_protected" }, PLAIN, MORE, NULL },
	{ "KEY", { "key" }, PLAIN, MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column boot[] = {
	{ "ORDER", { "order" }, PLAIN, RIGHT, NULL },
	{ "OPTION", { "boot_option_reference" }, PLAIN, 0, NULL },
	{ "IS", { "is" }, PLAIN, 0, NULL },
	{ "NAME", { "display_name" }, PLAIN, CUT, NULL },
	{ "ENABLED", { "boot_option_enabled" }, PLAIN, 0, NULL },
	{ "FILE", { "file", "mac_address" }, PLAIN, CUT, NULL },
	{ "PATH", { "uefi_device_path" }, PLAIN, WRAP | MORE, NULL },
	{ "PARTITION", { "partition_uuid" }, PLAIN, MORE, NULL },
	{ "HIDDEN", { "hidden" }, PLAIN, MORE, NULL },
	{ "CATEGORY", { "category" }, PLAIN, MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column findings[] = {
	{ "SEVERITY", { "severity" }, PLAIN, JUDGED, NULL },
	{ "PART", { "part" }, PLAIN, CUT, NULL },
	{ "FINDING", { "message" }, PLAIN, WRAP, NULL },
	{ "DO", { "resolution" }, PLAIN, WRAP, NULL },
	{ "RULE", { "id" }, PLAIN, MORE, NULL },
	{ "EVIDENCE", { "evidence" }, PLAIN, WRAP | MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column jobs[] = {
	{ "JOB", { "job" }, PLAIN, CUT, NULL },
	{ "STATUS", { "status" }, PLAIN, JUDGED, NULL },
	{ "TIME", { "duration_ms" }, MILLI, RIGHT, " s" },
	{ "REASON", { "reason" }, PLAIN, WRAP, NULL },
	{ "HANGS-IN", { "hangs_in" }, PLAIN, CUT, NULL },
	{ "RECORDS", { "records" }, PLAIN, RIGHT, NULL },
	{ "REFUSED", { "denied" }, PLAIN, WRAP | MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column serials[] = {
	{ "KIND", { "kind" }, PLAIN, 0, NULL },
	{ "PART", { "part" }, PLAIN, CUT, NULL },
	{ "SERIAL", { "serial_number" }, PLAIN, 0, NULL },
	{ "MODEL", { "model", "product", "part_number" }, PLAIN, CUT, NULL },
	{ "MAKER", { "manufacturer" }, PLAIN, CUT, NULL },
	{ "ASSET", { "asset_tag" }, PLAIN, CUT | MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column unlearned[] = {
	{ "STATUS", { "status" }, PLAIN, JUDGED, NULL },
	{ "COUNT", { "count" }, PLAIN, RIGHT, NULL },
	{ "REASON", { "reason" }, PLAIN, WRAP, NULL },
	{ "HANGS-IN", { "hangs_in" }, PLAIN, CUT, NULL },
	{ "JOBS", { "jobs" }, PLAIN, 0, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column events[] = {
	{ "SEVERITY", { "severity" }, PLAIN, JUDGED, NULL },
	{ "COUNT", { "count" }, PLAIN, RIGHT, NULL },
	{ "DEVICE", { "device" }, PLAIN, CUT, NULL },
	{ "EVENT", { "event" }, PLAIN, CUT, NULL },
	{ "MESSAGE", { "message" }, PLAIN, WRAP, NULL },
	{ "LAST", { "last_time" }, PLAIN, MORE, NULL },
	{ "CRASH", { "crash" }, PLAIN, MORE, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

const struct section sections[] = {
	{ "findings", "what is wrong or odd, and what to do", "findings", rows_findings,
	  NULL, findings },
	{ "drives", "disks and SSDs", "storage.drives", rows_drives, NULL, drives },
	{ "memory", "slots and modules, empty ones too", "memory.modules", NULL, NULL,
	  memory },
	{ "processors", "sockets", "processors", rows_processors, NULL, processors },
	{ "gpus", "GPUs and accelerators", "gpus", NULL, NULL, gpus },
	{ "network", "network ports", "network.interfaces", rows_network, NULL, network },
	{ "pcie", "PCI functions, as a tree", "pcie.devices", NULL, "upstream_port",
	  pcie },
	{ "power", "power supplies, empty bays too", "power_supplies", NULL, NULL,
	  power },
	{ "sensors", "temperatures, fans, voltages", "sensors", rows_sensors, NULL,
	  sensors },
	{ "firmware", "every version that some part tells", "firmware_inventory",
	  rows_firmware, NULL, firmware },
	{ "smbios", "what the BIOS was told of other firmware", "smbios.firmware", NULL,
	  NULL, smbios_firmware },
	{ "boot", "what the firmware starts, in its order", "firmware.boot_options",
	  rows_boot, NULL, boot },
	{ "nvlinks", "NVLinks of each GPU", "gpu_links", rows_gpu_links, NULL,
	  gpu_links },
	{ "serials", "every serial number", NULL, rows_serials, NULL, serials },
	{ "events", "what the kernel logged", "kernel.events", NULL, NULL, events },
	{ "others", "drives that are not the machine's own", "storage.others",
	  rows_others, NULL, drives },
	{ "jobs", "what ran, how it ended, how long it took", "collectors", rows_jobs,
	  NULL, jobs },
	{ "unlearned", "what could not be learned, by reason", "collectors",
	  unlearned_rows, NULL, unlearned },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

const struct section *section_find(const char *name)
{
	for (const struct section *section = sections; section->name; section++)
		if (!strcmp(section->name, name))
			return section;
	return NULL;
}

json_t *section_rows(const struct section *section, const json_t *document)
{
	const struct kind plain = { section->type, NULL, { NULL } };

	return section->rows ? section->rows(document) : kind_records(&plain, document);
}
