/* An inventory as GLPI's agent sends it: the format of glpi-project/inventory_format, JSON. */
#include "export.h"

#include "document.h"
#include "fit.h"
#include "json.h"
#include "kinds.h"
#include "lists.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 255

static const struct list_field cpus[] = {
	{ "name", { "model", "family" }, LIST_TEXT, NULL },
	{ "manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "core", { "core_enabled", "core_count" }, LIST_WHOLE, NULL },
	{ "corecount", { "core_count" }, LIST_WHOLE, NULL },
	{ "familyname", { "family" }, LIST_TEXT, NULL },
	{ "speed", { "max_speed_mhz" }, LIST_WHOLE, NULL },
	{ "external_clock", { "external_clock_mhz" }, LIST_WHOLE, NULL },
	{ "id", { "id" }, LIST_TEXT, NULL },
	{ "serial", { "serial_number" }, LIST_TEXT, NULL },
	{ "description", { "signature" }, LIST_TEXT, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_field memories[] = {
	{ "capacity", { "capacity_bytes" }, LIST_MIB, NULL },
	{ "caption", { "locator", "bank_locator" }, LIST_TEXT, NULL },
	{ "description", { "form_factor" }, LIST_TEXT, NULL },
	{ "manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "model", { "part_number" }, LIST_TEXT, NULL },
	{ "serialnumber", { "serial_number" }, LIST_TEXT, NULL },
	{ "speed", { "configured_speed_mts", "rated_speed_mts" }, LIST_TEXT, NULL },
	{ "type", { "memory_device_type" }, LIST_TEXT, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_field storages[] = {
	{ "name", { "key" }, LIST_TEXT, NULL },
	{ "model", { "model" }, LIST_TEXT, NULL },
	{ "manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "serial", { "serial_number" }, LIST_TEXT, NULL },
	{ "firmware", { "firmware_version", "revision" }, LIST_TEXT, NULL },
	{ "disksize", { "capacity_bytes" }, LIST_MB, NULL },
	{ "interface", { "protocol", "transport" }, LIST_TEXT, NULL },
	{ "wwn", { "wwn" }, LIST_TEXT, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_field controllers[] = {
	{ "name", { "model", "class" }, LIST_TEXT, NULL },
	{ "caption", { "model" }, LIST_TEXT, NULL },
	{ "manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "type", { "class" }, LIST_TEXT, NULL },
	{ "driver", { "driver" }, LIST_TEXT, NULL },
	{ "pcislot", { "key" }, LIST_TEXT, NULL },
	{ "vendorid", { "vendor_id" }, LIST_DIGITS, NULL },
	{ "productid", { "device_id" }, LIST_DIGITS, NULL },
	{ "rev", { "revision_id" }, LIST_DIGITS, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_field networks[] = {
	{ "description", { "key" }, LIST_TEXT, NULL },
	{ "mac", { "permanent_mac_address", "mac_address" }, LIST_TEXT, NULL },
	{ "driver", { "driver" }, LIST_TEXT, NULL },
	{ "firmware", { "firmware_version" }, LIST_TEXT, NULL },
	{ "manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "model", { "model" }, LIST_TEXT, NULL },
	{ "mtu", { "mtu_bytes" }, LIST_WHOLE, NULL },
	{ "pcislot", { "pci_address" }, LIST_TEXT, NULL },
	{ "speed", { "speed_gbps" }, LIST_MBPS, NULL },
	{ "status",
	  { "operational_state" },
	  LIST_MATCH,
	  " up down dormant notpresent lowerlayerdown unknown testing " },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_field supplies[] = {
	{ "name", { "location", "name", "key" }, LIST_TEXT, NULL },
	{ "manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "model", { "model" }, LIST_TEXT, NULL },
	{ "partnum", { "part_number" }, LIST_TEXT, NULL },
	{ "serialnumber", { "serial_number" }, LIST_TEXT, NULL },
	{ "power_max", { "power_capacity_watts" }, LIST_WHOLE, NULL },
	{ "location", { "location" }, LIST_TEXT, NULL },
	{ "hotreplaceable", { "hot_pluggable" }, LIST_FLAG, NULL },
	{ "plugged", { "plugged_in" }, LIST_FLAG, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_field videos[] = {
	{ "name", { "model", "key" }, LIST_TEXT, NULL },
	{ "chipset", { "architecture", "brand" }, LIST_TEXT, NULL },
	{ "memory", { "memory_bytes" }, LIST_MIB, NULL },
	{ "pcislot", { "key" }, LIST_TEXT, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_field firmwares[] = {
	{ "name", { "model", "class" }, LIST_TEXT, NULL },
	{ "description", { "key" }, LIST_TEXT, NULL },
	{ "type", { "class" }, LIST_TEXT, NULL },
	{ "version", { "version" }, LIST_TEXT, NULL },
	{ "manufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_map maps[] = {
	{ "cpus", "processors", cpus, NULL },
	{ "memories", "memory.modules", memories, NULL },
	{ "storages", "storage.drives", storages, NULL },
	{ "controllers", "pcie.devices", controllers, NULL },
	{ "networks", "network.interfaces", networks, "description" },
	{ "powersupplies", "power_supplies", supplies, NULL },
	{ "videos", "gpus", videos, NULL },
	{ "firmwares", "firmware_inventory", firmwares, NULL },
};

static const struct list_field system_fields[] = {
	{ "smanufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "smodel", { "model" }, LIST_TEXT, NULL },
	{ "ssn", { "serial_number" }, LIST_TEXT, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_field board_fields[] = {
	{ "mmanufacturer", { "manufacturer" }, LIST_TEXT, NULL },
	{ "mmodel", { "product" }, LIST_TEXT, NULL },
	{ "msn", { "serial_number" }, LIST_TEXT, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_field firmware_fields[] = {
	{ "bmanufacturer", { "vendor" }, LIST_TEXT, NULL },
	{ "bversion", { "version" }, LIST_TEXT, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static void add_all(json_t *to, const json_t *record, const struct list_field *fields)
{
	AUTO_JSON json_t *entry = list_entry(record, fields);

	if (json_object_update_missing(to, entry))
		json_put(to, "", NULL); /* ends the program: no memory */
}

static json_t *bios(const json_t *document)
{
	const json_t *firmware = json_object_get(document, "firmware");
	const json_t *chassis = json_array_get(json_object_get(document, "chassis"), 0);
	const json_t *secure = json_object_get(firmware, "secure_boot");
	json_t *made = json_object();

	add_all(made, json_object_get(document, "identity"), system_fields);
	add_all(made, json_array_get(json_object_get(document, "baseboards"), 0),
		board_fields);
	add_all(made, firmware, firmware_fields);
	put_fit(made, "assettag", record_text(chassis, "asset_tag"), TEXT_MAX);
	put_fit(made, "enclosureserial", record_text(chassis, "serial_number"), TEXT_MAX);
	if (json_is_boolean(secure))
		json_put(made, "secure_boot",
			 json_string(json_is_true(secure) ? "enabled" : "disabled"));
	return made;
}

static json_t *hardware(const json_t *document, const char *name)
{
	const json_t *memory = document_at(document, "memory.summary");
	const json_t *bytes = json_object_get(memory, "installed_bytes");
	json_t *made = json_object();

	put_fit(made, "name", name, TEXT_MAX);
	put_fit(made, "uuid", record_text(json_object_get(document, "identity"), "uuid"),
		TEXT_MAX);
	put_fit(made, "chassis_type",
		record_text(json_array_get(json_object_get(document, "chassis"), 0),
			    "chassis_type"),
		TEXT_MAX);
	if (!json_is_integer(bytes))
		bytes = json_object_get(memory, "visible_bytes");
	if (json_is_integer(bytes) && json_integer_value(bytes) > 0)
		json_put(made, "memory", json_integer(json_integer_value(bytes) >> 20));
	return made;
}

static json_t *operating_system(const json_t *document)
{
	const json_t *audit = json_object_get(document, "audit");
	const json_t *host = json_object_get(document, "host");
	json_t *made = json_object();

	put_fit(made, "full_name", record_text(host, "operating_system"), TEXT_MAX);
	put_fit(made, "fqdn", record_text(host, "name"), TEXT_MAX);
	put_fit(made, "arch", record_text(audit, "machine"), TEXT_MAX);
	json_put(made, "kernel_name", json_string("linux"));
	put_fit(made, "kernel_version", record_text(audit, "kernel"), TEXT_MAX);
	return made;
}

char *export_glpi(const json_t *document, const struct export_options *options)
{
	const json_t *identity = json_object_get(document, "identity");
	const char *name = record_text(json_object_get(document, "host"), "name")
				   ?: record_text(identity, "serial_number")
				   ?: record_text(identity, "uuid") ?: "unnamed";
	/* Who GLPI takes it for, also when a name changes. */
	const char *id = record_text(identity, "uuid")
				 ?: record_text(identity, "serial_number") ?: name;
	AUTO_FREE char *device = xasprintf("bee-%s", id);
	AUTO_JSON json_t *whole = json_object();
	json_t *content = json_object();

	(void)options;
	json_put(content, "versionclient", json_string("bee_v" BEE_VERSION));
	json_put(content, "hardware", hardware(document, name));
	json_put(content, "bios", bios(document));
	json_put(content, "operatingsystem", operating_system(document));
	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		json_t *list = list_made(document, &maps[i]);

		if (json_array_size(list) > 0)
			json_put(content, maps[i].name, list);
		else
			json_decref(list);
	}
	json_put(whole, "action", json_string("inventory"));
	json_put(whole, "itemtype", json_string("Computer"));
	json_put(whole, "deviceid", json_string(device));
	json_put(whole, "content", content);
	return json_document(whole);
}
