/* What a Redfish service would say of the machine: one object, each resource under its URI. */
#include "redfish.h"

#include "document.h"
#include "export.h"
#include "fit.h"
#include "json.h"
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 255

static json_t *link_to(const char *uri)
{
	return json_pack("{s:s}", "@odata.id", uri);
}

/* "Status/Health" becomes an object Status with Health in it. */
static void nest(json_t *resource)
{
	const char *name;
	void *next;
	json_t *value;

	json_object_foreach_safe(resource, next, name, value)
	{
		const char *slash = strchr(name, '/');
		AUTO_FREE char *outer = NULL;
		json_t *inner;

		if (!slash)
			continue;
		outer = xasprintf("%.*s", (int)(slash - name), name);
		inner = json_object_get(resource, outer);
		if (!inner) {
			inner = json_object();
			json_put(resource, outer, inner);
		}
		json_put(inner, slash + 1, json_incref(value));
		(void)json_object_del(resource, name);
		nest(inner);
	}
}

/* Takes `resource`, which gets what every resource has. */
static void resource_put(json_t *all, const char *uri, const char *schema,
			 json_t *resource)
{
	AUTO_FREE char *type = xasprintf("#%s", schema);
	const char *id = strrchr(uri, '/') + 1;

	json_put(resource, "@odata.id", json_string(uri));
	json_put(resource, "@odata.type", json_string(type));
	json_put(resource, "Id", json_string(id));
	if (!record_text(resource, "Name"))
		json_put(resource, "Name", json_string(id));
	nest(resource);
	json_put(all, uri, resource);
}

/* What is above it, if that is there, says where it is: the last word of the URI is the property's name. */
static void link_up(json_t *all, const char *uri)
{
	const char *word = strrchr(uri, '/') + 1;
	AUTO_FREE char *above = xasprintf("%.*s", (int)(word - 1 - uri), uri);

	if (json_object_get(all, above))
		json_put(json_object_get(all, above), word, link_to(uri));
}

static json_t *collection(json_t *all, const char *uri, const char *name)
{
	json_t *made = json_object_get(all, uri);
	AUTO_FREE char *type = xasprintf("#%s.%s", name, name);

	if (made)
		return made;
	made = json_pack("{s:s, s:s, s:s, s:[], s:i}", "@odata.id", uri, "@odata.type",
			 type, "Name", name, "Members", "Members@odata.count", 0);
	json_put(all, uri, made);
	link_up(all, uri);
	return made;
}

static void member_add(json_t *collection, const char *uri)
{
	json_t *members = json_object_get(collection, "Members");

	json_push(members, link_to(uri));
	json_put(collection, "Members@odata.count",
		 json_integer((json_int_t)json_array_size(members)));
}

static void add_list(json_t *all, const json_t *document, const struct redfish_list *list)
{
	const struct kind kind = { .type = list->type };
	AUTO_JSON json_t *records = kind_records(&kind, document);
	json_t *record, *members = NULL;
	size_t i;

	json_array_foreach(records, i, record)
	{
		json_t *resource = list_entry(record, list->fields);
		AUTO_FREE char *uri = NULL;

		if (list->finish && !list->finish(resource, record)) {
			json_decref(resource);
			continue;
		}
		members = collection(all, list->uri, list->collection);
		uri = xasprintf("%s/%zu", list->uri,
				json_array_size(json_object_get(members, "Members")) + 1);
		resource_put(all, uri, list->schema, resource);
		member_add(members, uri);
	}
}

/* What its schema takes no more of is no such number. */
static void limit(json_t *resource, const char *name, json_int_t most)
{
	if (json_integer_value(json_object_get(resource, name)) > most)
		(void)json_object_del(resource, name);
}

/* "0000:3b:00.1" is function 1 of the device 0000-3b-00. */
static void add_function(json_t *all, const json_t *record)
{
	static const char devices[] = REDFISH_CHASSIS "/PCIeDevices";
	const char *key = record_text(record, "key") ?: "";
	AUTO_FREE char *device = NULL, *functions = NULL, *uri = NULL;
	json_t *function;

	if (!list_form(key, "hhhh:hh:hh.h") || key[11] < '0' || key[11] > '7')
		return;
	device = xasprintf("%s/%.4s-%.2s-%.2s", devices, key, key + 5, key + 8);
	functions = xasprintf("%s/PCIeFunctions", device);
	uri = xasprintf("%s/%c", functions, key[11]);
	/* A key comes once in a document, but not in one that somebody has made. */
	if (json_object_get(all, uri))
		return;
	if (!json_object_get(all, device)) {
		json_t *made = list_entry(record, redfish_device);

		limit(made, "PCIeInterface/LanesInUse", 32);
		limit(made, "PCIeInterface/MaxLanes", 32);
		resource_put(all, device, "PCIeDevice.v1_13_1.PCIeDevice", made);
		member_add(collection(all, devices, "PCIeDeviceCollection"), device);
	}
	function = list_entry(record, redfish_function);
	json_put(function, "FunctionId", json_integer(key[11] - '0'));
	resource_put(all, uri, "PCIeFunction.v1_5_2.PCIeFunction", function);
	member_add(collection(all, functions, "PCIeFunctionCollection"), uri);
}

static void add_functions(json_t *all, const json_t *document)
{
	static const struct kind kind = { .type = "pcie.devices" };
	AUTO_JSON json_t *records = kind_records(&kind, document);
	json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		add_function(all, record);
	}
}

/* The drives of the chassis as the system's storage. */
static void add_storage(json_t *all)
{
	static const char uri[] = REDFISH_SYSTEM "/Storage/1";
	json_t *drives = json_object_get(json_object_get(all, REDFISH_CHASSIS "/Drives"),
					 "Members");

	if (!drives)
		return;
	resource_put(all, uri, "Storage.v1_15_3.Storage",
		     json_pack("{s:O, s:I}", "Drives", drives, "Drives@odata.count",
			       (json_int_t)json_array_size(drives)));
	member_add(collection(all, REDFISH_SYSTEM "/Storage", "StorageCollection"), uri);
}

static void put_from(json_t *system, const char *name, const json_t *record,
		     const char *property)
{
	const json_t *value = json_object_get(record, property);

	if (json_is_integer(value) && json_integer_value(value) > 0)
		json_put(system, name, json_integer(json_integer_value(value)));
}

static json_t *system_of(const json_t *document)
{
	const json_t *cpu = json_object_get(document, "cpu");
	const json_t *memory = document_at(document, "memory.summary");
	const json_t *bytes = json_object_get(memory, "installed_bytes");
	const char *health =
		record_text(json_object_get(document, "health"), "rollup") ?: "";
	json_t *system =
		list_entry(json_object_get(document, "identity"), redfish_system);

	put_fit(system, "SKU", record_text(json_object_get(document, "system"), "sku"),
		TEXT_MAX);
	put_fit(system, "HostName",
		record_text(json_object_get(document, "host"), "name"), TEXT_MAX);
	put_fit(system, "BiosVersion",
		record_text(json_object_get(document, "firmware"), "version"), TEXT_MAX);
	json_put(system, "SystemType", json_string("Physical"));
	json_put(system, "PowerState", json_string("On"));
	json_put(system, "Status/State", json_string("Enabled"));
	if (strcmp(health, "OK") == 0 || strcmp(health, "Warning") == 0 ||
	    strcmp(health, "Critical") == 0)
		json_put(system, "Status/HealthRollup", json_string(health));
	put_from(system, "ProcessorSummary/Count", cpu, "socket_count");
	put_from(system, "ProcessorSummary/CoreCount", cpu, "core_count");
	put_from(system, "ProcessorSummary/LogicalProcessorCount", cpu,
		 "logical_cpu_count");
	put_fit(system, "ProcessorSummary/Model", record_text(cpu, "model"), TEXT_MAX);
	if (!json_is_integer(bytes))
		bytes = json_object_get(memory, "visible_bytes");
	if (json_is_integer(bytes) && json_integer_value(bytes) > 0)
		json_put(system, "MemorySummary/TotalSystemMemoryGiB",
			 json_real((double)json_integer_value(bytes) / (1 << 30)));
	json_put(system, "Links/Chassis", json_pack("[o]", link_to(REDFISH_CHASSIS)));
	return system;
}

static json_t *chassis_of(const json_t *document)
{
	const json_t *first = json_array_get(json_object_get(document, "chassis"), 0);
	json_t *chassis = list_entry(first, redfish_chassis);

	if (!record_text(chassis, "ChassisType"))
		json_put(chassis, "ChassisType", json_string("Other"));
	json_put(chassis, "Links/ComputerSystems",
		 json_pack("[o]", link_to(REDFISH_SYSTEM)));
	return chassis;
}

/* What is in the URI of a list and is itself a resource. */
static void add_between(json_t *all, const char *uri, const char *schema,
			const char *list)
{
	if (!json_object_get(all, list))
		return;
	resource_put(all, uri, schema, json_object());
	link_up(all, uri);
	link_up(all, list);
}

char *export_redfish(const json_t *document, const struct export_options *options)
{
	AUTO_JSON json_t *all = json_object();
	json_t *root = json_object();

	(void)options;
	json_put(root, "RedfishVersion", json_string("1.19.0"));
	json_put(root, "Name", json_string("bee"));
	/* It wants one, and there is none: nobody logs on to a file. */
	json_put(root, "Links/Sessions",
		 link_to(REDFISH_ROOT "/SessionService/Sessions"));
	resource_put(all, REDFISH_ROOT, "ServiceRoot.v1_16_2.ServiceRoot", root);
	member_add(collection(all, REDFISH_ROOT "/Systems", "ComputerSystemCollection"),
		   REDFISH_SYSTEM);
	member_add(collection(all, REDFISH_ROOT "/Chassis", "ChassisCollection"),
		   REDFISH_CHASSIS);
	resource_put(all, REDFISH_SYSTEM, "ComputerSystem.v1_22_4.ComputerSystem",
		     system_of(document));
	resource_put(all, REDFISH_CHASSIS, "Chassis.v1_25_2.Chassis",
		     chassis_of(document));
	for (const struct redfish_list *list = redfish_lists; list->uri; list++)
		add_list(all, document, list);
	add_functions(all, document);
	add_storage(all);
	add_between(all, REDFISH_CHASSIS "/PowerSubsystem",
		    "PowerSubsystem.v1_1_3.PowerSubsystem",
		    REDFISH_CHASSIS "/PowerSubsystem/PowerSupplies");
	add_between(all, REDFISH_ROOT "/UpdateService",
		    "UpdateService.v1_13_2.UpdateService",
		    REDFISH_ROOT "/UpdateService/FirmwareInventory");
	return json_document(all);
}
