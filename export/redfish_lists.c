/* Which property of a record is which of a Redfish resource: DMTF's bundle 2023.3 of schemas, DSP8010. */
#include "redfish.h"

#include "json.h"
#include "kinds.h"

#include <string.h>

#define STATES                                                                           \
	" Enabled Disabled StandbyOffline StandbySpare Absent UnavailableOffline "       \
	"Degraded "
#define HEALTHS " OK Warning Critical "
#define UUID "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"
#define MAC "hh:hh:hh:hh:hh:hh"
#define NO_FIELD                                                                         \
	{                                                                                \
		NULL, { NULL }, LIST_TEXT, NULL                                          \
	}
#define STATUS                                                                           \
	{ "Status/State", { "state" }, LIST_MATCH, STATES },                             \
		{ "Status/Health", { "health" }, LIST_MATCH, HEALTHS },                  \
	{                                                                                \
		"Status/HealthRollup", { "health_rollup" }, LIST_MATCH, HEALTHS          \
	}
#define MADE                                                                             \
	{ "Manufacturer", { "manufacturer" }, LIST_TEXT, NULL },                         \
		{ "Model", { "model" }, LIST_TEXT, NULL },                               \
		{ "SerialNumber", { "serial_number" }, LIST_TEXT, NULL },                \
	{                                                                                \
		"PartNumber", { "part_number", "gpu_part_number" }, LIST_TEXT, NULL      \
	}

const struct list_field redfish_system[] = {
	{ "Manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "Model", { "model" }, LIST_TEXT, NULL },
	{ "SerialNumber", { "serial_number" }, LIST_TEXT, NULL },
	{ "SKU", { "sku" }, LIST_TEXT, NULL },
	{ "UUID", { "uuid" }, LIST_FORM, UUID },
	NO_FIELD,
};

const struct list_field redfish_chassis[] = {
	{ "ChassisType",
	  { "chassis_type" },
	  LIST_MATCH,
	  " Rack Blade Enclosure StandAlone RackMount Card Cartridge Row Pod Expansion "
	  "Sidecar Zone Sled Shelf Drawer Module Component Other StorageEnclosure " },
	{ "Manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "SerialNumber", { "serial_number" }, LIST_TEXT, NULL },
	{ "AssetTag", { "asset_tag" }, LIST_TEXT, NULL },
	{ "SKU", { "sku" }, LIST_TEXT, NULL },
	{ "Version", { "version" }, LIST_TEXT, NULL },
	STATUS,
	NO_FIELD,
};

static const struct list_field processors[] = {
	{ "Name", { "socket", "key" }, LIST_TEXT, NULL },
	MADE,
	{ "Socket", { "socket" }, LIST_TEXT, NULL },
	{ "MaxSpeedMHz", { "max_speed_mhz" }, LIST_WHOLE, NULL },
	{ "TotalCores", { "core_count" }, LIST_WHOLE, NULL },
	{ "TotalEnabledCores", { "core_enabled" }, LIST_WHOLE, NULL },
	{ "TotalThreads", { "thread_count" }, LIST_WHOLE, NULL },
	STATUS,
	NO_FIELD,
};

static const struct list_field gpus[] = {
	{ "Name", { "name", "model", "key" }, LIST_TEXT, NULL },
	MADE,
	{ "UUID", { "uuid" }, LIST_FORM, UUID },
	{ "FirmwareVersion", { "vbios_version" }, LIST_TEXT, NULL },
	{ "MemorySummary/TotalMemorySizeMiB", { "memory_bytes" }, LIST_MIB, NULL },
	STATUS,
	NO_FIELD,
};

static const struct list_field modules[] = {
	{ "Name", { "locator", "key" }, LIST_TEXT, NULL },
	{ "Manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "SerialNumber", { "serial_number" }, LIST_TEXT, NULL },
	{ "PartNumber", { "part_number" }, LIST_TEXT, NULL },
	{ "FirmwareRevision", { "firmware_version" }, LIST_TEXT, NULL },
	{ "CapacityMiB", { "capacity_bytes" }, LIST_MIB, NULL },
	{ "MemoryDeviceType",
	  { "memory_device_type" },
	  LIST_MATCH,
	  " DDR DDR2 DDR3 DDR4 DDR5 SDRAM ROM HBM HBM2 HBM3 " },
	{ "OperatingSpeedMhz", { "configured_speed_mts" }, LIST_WHOLE, NULL },
	{ "DataWidthBits", { "data_width_bits" }, LIST_WHOLE, NULL },
	{ "BusWidthBits", { "total_width_bits" }, LIST_WHOLE, NULL },
	{ "RankCount", { "rank_count" }, LIST_WHOLE, NULL },
	{ "VolatileSizeMiB", { "volatile_size_bytes" }, LIST_MIB, NULL },
	{ "NonVolatileSizeMiB", { "non_volatile_size_bytes" }, LIST_MIB, NULL },
	{ "Location/PartLocation/ServiceLabel", { "locator" }, LIST_TEXT, NULL },
	STATUS,
	NO_FIELD,
};

static const struct list_field drives[] = {
	{ "Name", { "key" }, LIST_TEXT, NULL },
	MADE,
	{ "Revision", { "firmware_version", "revision" }, LIST_TEXT, NULL },
	{ "CapacityBytes", { "capacity_bytes" }, LIST_WHOLE, NULL },
	{ "BlockSizeBytes", { "block_size_bytes" }, LIST_WHOLE, NULL },
	{ "MediaType", { "media_type" }, LIST_MATCH, " HDD SSD " },
	{ "Protocol", { "protocol" }, LIST_MATCH, " SAS SATA USB NVMe FC iSCSI FCoE " },
	{ "RotationSpeedRPM", { "rotation_speed_rpm" }, LIST_WHOLE, NULL },
	{ "PredictedMediaLifeLeftPercent",
	  { "predicted_media_life_left_percent" },
	  LIST_NUMBER,
	  NULL },
	STATUS,
	NO_FIELD,
};

static const struct list_field interfaces[] = {
	{ "Name", { "key" }, LIST_TEXT, NULL },
	{ "MACAddress", { "mac_address" }, LIST_FORM, MAC },
	{ "PermanentMACAddress", { "permanent_mac_address" }, LIST_FORM, MAC },
	{ "SpeedMbps", { "speed_gbps" }, LIST_SPEED, NULL },
	{ "MTUSize", { "mtu_bytes" }, LIST_WHOLE, NULL },
	{ "FullDuplex", { "full_duplex" }, LIST_FLAG, NULL },
	{ "AutoNeg", { "auto_negotiation" }, LIST_FLAG, NULL },
	{ "LinkStatus", { "link_status" }, LIST_MATCH, " LinkUp NoLink LinkDown " },
	STATUS,
	NO_FIELD,
};

static const struct list_field supplies[] = {
	{ "Name", { "location", "name", "key" }, LIST_TEXT, NULL },
	MADE,
	{ "FirmwareVersion", { "firmware_version" }, LIST_TEXT, NULL },
	{ "PowerCapacityWatts", { "power_capacity_watts" }, LIST_NUMBER, NULL },
	{ "HotPluggable", { "hot_pluggable" }, LIST_FLAG, NULL },
	{ "Location/PartLocation/ServiceLabel", { "location" }, LIST_TEXT, NULL },
	STATUS,
	NO_FIELD,
};

static const struct list_field sensors[] = {
	{ "Name", { "name", "label", "key" }, LIST_TEXT, NULL },
	STATUS,
	NO_FIELD,
};

static const struct list_field firmwares[] = {
	{ "Name", { "model", "class", "key" }, LIST_TEXT, NULL },
	{ "Manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "Version", { "version" }, LIST_TEXT, NULL },
	{ "SoftwareId", { "key" }, LIST_TEXT, NULL },
	NO_FIELD,
};

const struct list_field redfish_function[] = {
	{ "Name", { "key" }, LIST_TEXT, NULL },
	{ "ClassCode", { "class_code" }, LIST_FORM, "0xhhhhhh" },
	{ "VendorId", { "vendor_id" }, LIST_FORM, "0xhhhh" },
	{ "DeviceId", { "device_id" }, LIST_FORM, "0xhhhh" },
	{ "SubsystemVendorId", { "subsystem_vendor_id" }, LIST_FORM, "0xhhhh" },
	{ "SubsystemId", { "subsystem_id" }, LIST_FORM, "0xhhhh" },
	{ "RevisionId", { "revision_id" }, LIST_FORM, "0xhh" },
	STATUS,
	NO_FIELD,
};

static bool is_cpu(json_t *resource, const json_t *record)
{
	(void)record;
	json_put(resource, "ProcessorType", json_string("CPU"));
	return true;
}

static bool is_gpu(json_t *resource, const json_t *record)
{
	(void)record;
	json_put(resource, "ProcessorType", json_string("GPU"));
	return true;
}

static bool is_module(json_t *resource, const json_t *record)
{
	if (!kind_is_empty(record))
		json_put(resource, "MemoryType", json_string("DRAM"));
	return true;
}

const struct list_field redfish_device[] = {
	{ "Name", { "model", "key" }, LIST_TEXT, NULL },
	{ "Manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "Model", { "model" }, LIST_TEXT, NULL },
	{ "PCIeInterface/LanesInUse", { "link_width_lanes" }, LIST_WHOLE, NULL },
	{ "PCIeInterface/MaxLanes", { "max_link_width_lanes" }, LIST_WHOLE, NULL },
	NO_FIELD,
};

/* A name for good, where the drive has one: DSP8010, Resource.json, DurableName. */
static bool is_drive(json_t *resource, const json_t *record)
{
	const char *wwn = record_text(record, "wwn") ?: "";

	if (list_form(wwn, "0xhhhhhhhhhhhhhhhh"))
		json_put(resource, "Identifiers",
			 json_pack("[{s:s, s:s}]", "DurableName", wwn + 2,
				   "DurableNameFormat", "NAA"));
	return true;
}

/* Of a reading the unit is in the property's name. Units by UCUM, as Sensor.json wants them. */
static bool is_sensor(json_t *resource, const json_t *record)
{
	static const struct {
		const char *property, *type, *units;
	} known[] = {
		{ "reading_celsius", "Temperature", "Cel" },
		{ "reading_volts", "Voltage", "V" },
		{ "reading_amperes", "Current", "A" },
		{ "reading_watts", "Power", "W" },
		{ "reading_rpm", "Rotational", "{rev}/min" },
		{ "reading_percent", "Percent", "%" },
		{ "reading_joules", "EnergyJoules", "J" },
		{ "reading_hz", "Frequency", "Hz" },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		json_t *value = json_object_get(record, known[i].property);

		if (!value || (!json_is_number(value) && !json_is_null(value)))
			continue;
		json_put(resource, "Reading", json_incref(value));
		json_put(resource, "ReadingType", json_string(known[i].type));
		json_put(resource, "ReadingUnits", json_string(known[i].units));
		return true;
	}
	return false;
}

const struct redfish_list redfish_lists[] = {
	{ REDFISH_SYSTEM "/Processors", "ProcessorCollection",
	  "Processor.v1_19_3.Processor", "processors", processors, is_cpu },
	{ REDFISH_SYSTEM "/Processors", "ProcessorCollection",
	  "Processor.v1_19_3.Processor", "gpus", gpus, is_gpu },
	{ REDFISH_SYSTEM "/Memory", "MemoryCollection", "Memory.v1_19_1.Memory",
	  "memory.modules", modules, is_module },
	{ REDFISH_SYSTEM "/EthernetInterfaces", "EthernetInterfaceCollection",
	  "EthernetInterface.v1_12_4.EthernetInterface", "network.interfaces", interfaces,
	  NULL },
	{ REDFISH_CHASSIS "/Drives", "DriveCollection", "Drive.v1_18_2.Drive",
	  "storage.drives", drives, is_drive },
	{ REDFISH_CHASSIS "/PowerSubsystem/PowerSupplies", "PowerSupplyCollection",
	  "PowerSupply.v1_5_4.PowerSupply", "power_supplies", supplies, NULL },
	{ REDFISH_CHASSIS "/Sensors", "SensorCollection", "Sensor.v1_8_5.Sensor",
	  "sensors", sensors, is_sensor },
	{ REDFISH_ROOT "/UpdateService/FirmwareInventory", "SoftwareInventoryCollection",
	  "SoftwareInventory.v1_10_2.SoftwareInventory", "firmware_inventory", firmwares,
	  NULL },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};
