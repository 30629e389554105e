/* Which properties of a document are metrics. Base units are Prometheus': seconds, bytes, ratios. */
#include "prometheus.h"

#include <stddef.h>

#define END                                                                              \
	{                                                                                \
		NULL, NULL, NULL, false, 0, 0                                            \
	}
#define COUNTER true
#define GAUGE false
#define HOURS 3600, 0
#define MINUTES 60, 0
#define MILLI 0, 1000
#define PERCENT 0, 100
#define GBPS 1e9, 8 /* bits to bytes */
#define ONE 0, 0

static const struct prometheus_metric audit[] = {
	{ "bee_audit_duration_seconds", "How long the audit took.", "duration_ms", GAUGE,
	  MILLI },
	{ "bee_audit_complete", "1: every job told what it was asked.", "complete", GAUGE,
	  ONE },
	END,
};

static const struct prometheus_metric identity[] = { END };

static const struct prometheus_metric memory_summary[] = {
	{ "bee_memory_installed_bytes", "Memory in the slots.", "installed_bytes", GAUGE,
	  ONE },
	{ "bee_memory_visible_bytes", "Memory that the kernel uses.", "visible_bytes",
	  GAUGE, ONE },
	END,
};

static const struct prometheus_metric cpu[] = {
	{ "bee_cpu_sockets", "Sockets with a processor, as the kernel sees them.",
	  "socket_count", GAUGE, ONE },
	{ "bee_cpu_cores", "Cores that are online.", "core_count", GAUGE, ONE },
	{ "bee_cpu_threads", "Threads that are online.", "online_cpu_count", GAUGE, ONE },
	END,
};

static const struct prometheus_metric processors[] = {
	{ "bee_processor_cores", "Cores of the socket.", "core_count", GAUGE, ONE },
	{ "bee_processor_cores_enabled", "Cores of the socket that firmware left on.",
	  "core_enabled", GAUGE, ONE },
	END,
};

static const struct prometheus_metric modules[] = {
	{ "bee_memory_module_capacity_bytes", "Size of the module.", "capacity_bytes",
	  GAUGE, ONE },
	{ "bee_memory_module_corrected_errors_total", "Corrected errors since the start.",
	  "corrected_error_count", COUNTER, ONE },
	{ "bee_memory_module_uncorrected_errors_total",
	  "Uncorrected errors since the start.", "uncorrected_error_count", COUNTER,
	  ONE },
	END,
};

static const struct prometheus_metric controllers[] = {
	{ "bee_memory_controller_corrected_errors_total",
	  "Corrected errors since the start.", "corrected_error_count", COUNTER, ONE },
	{ "bee_memory_controller_uncorrected_errors_total",
	  "Uncorrected errors since the start.", "uncorrected_error_count", COUNTER,
	  ONE },
	END,
};

static const struct prometheus_metric drives[] = {
	{ "bee_drive_capacity_bytes", "Size of the drive.", "capacity_bytes", GAUGE,
	  ONE },
	{ "bee_drive_temperature_celsius", "Temperature that the drive tells.",
	  "temperature_celsius", GAUGE, ONE },
	{ "bee_drive_life_left_ratio", "What is left of the rated life, 0 to 1.",
	  "predicted_media_life_left_percent", GAUGE, PERCENT },
	{ "bee_drive_spare_left_ratio", "What is left of the spare blocks, 0 to 1.",
	  "available_spare_percent", GAUGE, PERCENT },
	{ "bee_drive_power_on_seconds_total", "How long it was on.", "power_on_hours",
	  COUNTER, HOURS },
	{ "bee_drive_power_cycles_total", "How often it was switched on.", "power_cycles",
	  COUNTER, ONE },
	{ "bee_drive_unsafe_shutdowns_total", "How often its power was cut.",
	  "unsafe_shutdowns", COUNTER, ONE },
	{ "bee_drive_read_bytes_total", "Bytes that hosts read.", "data_read_bytes",
	  COUNTER, ONE },
	{ "bee_drive_written_bytes_total", "Bytes that hosts wrote.",
	  "data_written_bytes", COUNTER, ONE },
	{ "bee_drive_media_errors_total", "Errors of the medium.", "media_errors",
	  COUNTER, ONE },
	{ "bee_drive_interface_crc_errors_total", "Checksum errors on the cable.",
	  "interface_crc_errors", COUNTER, ONE },
	{ "bee_drive_reported_uncorrectable_errors_total",
	  "Errors that were told to the host.", "reported_uncorrectable_errors", COUNTER,
	  ONE },
	{ "bee_drive_reallocated_sectors", "Sectors that were moved.",
	  "reallocated_sector_count", GAUGE, ONE },
	{ "bee_drive_pending_sectors", "Sectors that wait to be moved.",
	  "pending_sector_count", GAUGE, ONE },
	{ "bee_drive_uncorrectable_sectors", "Sectors that cannot be read.",
	  "uncorrectable_sector_count", GAUGE, ONE },
	{ "bee_drive_grown_defects",
	  "Defects that a SCSI drive has found since it was made.", "grown_defect_count",
	  GAUGE, ONE },
	{ "bee_drive_warning_temperature_seconds_total",
	  "How long it was above its warning.", "warning_temperature_minutes", COUNTER,
	  MINUTES },
	{ "bee_drive_critical_temperature_seconds_total",
	  "How long it was above its critical limit.", "critical_temperature_minutes",
	  COUNTER, MINUTES },
	END,
};

static const struct prometheus_metric arrays[] = {
	{ "bee_array_capacity_bytes", "Size of the array.", "capacity_bytes", GAUGE,
	  ONE },
	{ "bee_array_members", "Members that it was made of.", "member_count", GAUGE,
	  ONE },
	{ "bee_array_degraded_members", "Members that it lacks.", "degraded_count", GAUGE,
	  ONE },
	END,
};

static const struct prometheus_metric interfaces[] = {
	{ "bee_interface_speed_bytes", "Bytes per second of the link.", "speed_gbps",
	  GAUGE, GBPS },
	{ "bee_interface_link", "1: there is a link.", "link_detected", GAUGE, ONE },
	{ "bee_interface_carrier_changes_total", "How often the link came or went.",
	  "carrier_changes", COUNTER, ONE },
	{ "bee_interface_receive_errors_total", "Frames received with an error.",
	  "receive_errors", COUNTER, ONE },
	{ "bee_interface_receive_crc_errors_total",
	  "Frames received with a wrong checksum.", "receive_crc_errors", COUNTER, ONE },
	{ "bee_interface_send_errors_total", "Frames that could not be sent.",
	  "send_errors", COUNTER, ONE },
	END,
};

static const struct prometheus_metric gpus[] = {
	{ "bee_gpu_memory_bytes", "Memory of the GPU.", "memory_bytes", GAUGE, ONE },
	{ "bee_gpu_temperature_celsius", "Temperature of the GPU.", "temperature_celsius",
	  GAUGE, ONE },
	{ "bee_gpu_memory_temperature_celsius", "Temperature of its memory.",
	  "memory_temperature_celsius", GAUGE, ONE },
	{ "bee_gpu_power_watts", "Power that it takes.", "power_watts", GAUGE, ONE },
	{ "bee_gpu_power_limit_watts", "Power that it may take.", "power_limit_watts",
	  GAUGE, ONE },
	{ "bee_gpu_link_width_lanes", "Lanes of its PCIe link.", "link_width_lanes",
	  GAUGE, ONE },
	{ "bee_gpu_pcie_replays_total", "Packets that were sent again.", "pcie_replays",
	  COUNTER, ONE },
	{ "bee_gpu_remapped_rows_correctable", "Rows remapped for corrected errors.",
	  "remapped_rows_correctable", GAUGE, ONE },
	{ "bee_gpu_remapped_rows_uncorrectable", "Rows remapped for uncorrected errors.",
	  "remapped_rows_uncorrectable", GAUGE, ONE },
	{ "bee_gpu_remapped_rows_pending", "1: rows wait to be remapped.",
	  "remapped_rows_pending", GAUGE, ONE },
	{ "bee_gpu_remapped_rows_failed", "1: rows could not be remapped.",
	  "remapped_rows_failed", GAUGE, ONE },
	END,
};

static const struct prometheus_metric functions[] = {
	{ "bee_pcie_link_width_lanes", "Lanes of the link.", "link_width_lanes", GAUGE,
	  ONE },
	{ "bee_pcie_link_width_max_lanes", "Lanes that the link could have.",
	  "max_link_width_lanes", GAUGE, ONE },
	{ "bee_pcie_link_transfers_per_second", "Transfers per second and lane.",
	  "link_speed_gtps", GAUGE, 1e9, 0 },
	{ "bee_pcie_link_max_transfers_per_second",
	  "Transfers per second and lane that it could have.", "max_link_speed_gtps",
	  GAUGE, 1e9, 0 },
	{ "bee_pcie_correctable_errors_total", "Errors that the link corrected (AER).",
	  "aer_correctable_count", COUNTER, ONE },
	{ "bee_pcie_nonfatal_errors_total", "Errors that were not corrected (AER).",
	  "aer_nonfatal_count", COUNTER, ONE },
	{ "bee_pcie_fatal_errors_total", "Errors that took the link down (AER).",
	  "aer_fatal_count", COUNTER, ONE },
	END,
};

static const struct prometheus_metric supplies[] = {
	{ "bee_power_supply_capacity_watts", "Power that the supply can give.",
	  "power_capacity_watts", GAUGE, ONE },
	END,
};

static const struct prometheus_metric sensors[] = {
	{ "bee_sensor_celsius", "A temperature.", "reading_celsius", GAUGE, ONE },
	{ "bee_sensor_volts", "A voltage.", "reading_volts", GAUGE, ONE },
	{ "bee_sensor_amperes", "A current.", "reading_amperes", GAUGE, ONE },
	{ "bee_sensor_watts", "A power.", "reading_watts", GAUGE, ONE },
	{ "bee_sensor_rpm", "A fan's turns per minute.", "reading_rpm", GAUGE, ONE },
	{ "bee_sensor_ratio", "A part of a whole, 0 to 1.", "reading_percent", GAUGE,
	  PERCENT },
	END,
};

static const struct prometheus_metric none[] = { END };

const struct prometheus_subject prometheus_subjects[] = {
	{ "audit",
	  NULL,
	  "bee_audit_info",
	  "Which bee audited which kernel.",
	  { "version", "kernel", "machine" },
	  audit },
	{ "identity",
	  NULL,
	  "bee_machine_info",
	  "Which machine it is.",
	  { "manufacturer", "model", "serial_number", "uuid" },
	  identity },
	{ "firmware",
	  NULL,
	  "bee_bios_info",
	  "The machine's firmware.",
	  { "vendor", "version", "release_date" },
	  none },
	{ "bmc",
	  NULL,
	  "bee_bmc_info",
	  "The BMC.",
	  { "firmware_version", "ipmi_version" },
	  none },
	{ "cpu",
	  NULL,
	  "bee_cpu_info",
	  "The processors, as the kernel sees them.",
	  { "model", "vendor_id" },
	  cpu },
	{ "processors",
	  "processor",
	  "bee_processor_info",
	  "What is in a socket.",
	  { "socket", "manufacturer", "model", "part_number", "serial_number" },
	  processors },
	{ "memory.summary", NULL, NULL, NULL, { NULL }, memory_summary },
	{ "memory.modules",
	  "module",
	  "bee_memory_module_info",
	  "What is in a slot.",
	  { "bank_locator", "locator", "manufacturer", "part_number", "serial_number",
	    "memory_device_type" },
	  modules },
	{ "memory.controllers", "controller", NULL, NULL, { NULL }, controllers },
	{ "storage.drives",
	  "drive",
	  "bee_drive_info",
	  "Which drive it is.",
	  { "manufacturer", "model", "serial_number", "firmware_version", "media_type",
	    "protocol", "wwn" },
	  drives },
	{ "storage.controllers",
	  "controller",
	  "bee_storage_controller_info",
	  "Which controller it is.",
	  { "model", "serial_number", "firmware_version", "driver" },
	  none },
	{ "storage.arrays",
	  "array",
	  "bee_array_info",
	  "Which array it is.",
	  { "level", "array_state" },
	  arrays },
	{ "network.interfaces",
	  "interface",
	  "bee_interface_info",
	  "Which port it is.",
	  { "mac_address", "driver", "firmware_version", "pci_address", "model" },
	  interfaces },
	{ "gpus",
	  "gpu",
	  "bee_gpu_info",
	  "Which GPU it is.",
	  { "manufacturer", "model", "serial_number", "uuid", "vbios_version",
	    "driver_version" },
	  gpus },
	{ "pcie.devices",
	  "address",
	  "bee_pcie_info",
	  "Which PCI function it is.",
	  { "class", "manufacturer", "model", "vendor_id", "device_id", "driver",
	    "physical_slot" },
	  functions },
	{ "power_supplies",
	  "supply",
	  "bee_power_supply_info",
	  "Which supply it is.",
	  { "name", "location", "manufacturer", "model", "part_number", "serial_number" },
	  supplies },
	{ "sensors",
	  "sensor",
	  "bee_sensor_info",
	  "Which sensor it is.",
	  { "name", "type", "chip" },
	  sensors },
	{ NULL, NULL, NULL, NULL, { NULL }, NULL },
};
