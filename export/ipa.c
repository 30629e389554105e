/* What OpenStack's ironic-python-agent tells Ironic of a machine: its inventory, as inspection takes it. */
#include "export.h"

#include "document.h"
#include "fit.h"
#include "json.h"
#include "kinds.h"
#include "lists.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 255

static const struct list_field interfaces[] = {
	{ "name", { "key" }, LIST_TEXT, NULL },
	{ "mac_address", { "mac_address", "permanent_mac_address" }, LIST_TEXT, NULL },
	{ "has_carrier", { "link_detected" }, LIST_FLAG, NULL },
	{ "pci_address", { "pci_address" }, LIST_TEXT, NULL },
	{ "driver", { "driver" }, LIST_TEXT, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_map interface_map = { "interfaces", "network.interfaces",
					       interfaces, "mac_address" };

static const struct list_field disk[] = {
	{ "model", { "model" }, LIST_TEXT, NULL },
	{ "size", { "capacity_bytes" }, LIST_WHOLE, NULL },
	{ "rotational", { "rotational" }, LIST_FLAG, NULL },
	{ "wwn", { "wwn" }, LIST_TEXT, NULL },
	{ "serial", { "serial_number" }, LIST_TEXT, NULL },
	{ "vendor", { "manufacturer" }, LIST_TEXT, NULL },
	{ "hctl", { "hctl" }, LIST_TEXT, NULL },
	{ "logical_sectors", { "block_size_bytes" }, LIST_WHOLE, NULL },
	{ "physical_sectors", { "physical_block_size_bytes" }, LIST_WHOLE, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static const struct list_field namespace_fields[] = {
	{ "size", { "capacity_bytes" }, LIST_WHOLE, NULL },
	{ "wwn", { "wwid" }, LIST_TEXT, NULL },
	{ "logical_sectors", { "block_size_bytes" }, LIST_WHOLE, NULL },
	{ NULL, { NULL }, LIST_TEXT, NULL },
};

static json_t *disk_of(const json_t *drive, const json_t *space)
{
	AUTO_FREE char *name =
		xasprintf("/dev/%s", record_text(space, "name") ?: record_text(drive, "key") ?: "");
	json_t *made = list_entry(drive, disk);

	put_fit(made, "name", name, TEXT_MAX);
	if (space) {
		AUTO_JSON json_t *own = list_entry(space, namespace_fields);

		if (json_object_update(made, own))
			json_put(made, "", NULL); /* ends the program: no memory */
	}
	return made;
}

/* A name is one disk's, whatever a document says. */
static void add_disk(json_t *disks, json_t *seen, json_t *made)
{
	const char *name = record_text(made, "name") ?: "";

	if (json_object_get(seen, name)) {
		json_decref(made);
		return;
	}
	json_put(seen, name, json_true());
	json_push(disks, made);
}

/* An NVMe drive is as many disks as it has namespaces. */
static json_t *disks(const json_t *document)
{
	const json_t *drives = document_at(document, "storage.drives");
	AUTO_JSON json_t *seen = json_object();
	json_t *made = json_array(), *drive, *space;
	size_t i, n;

	json_array_foreach(drives, i, drive)
	{
		const json_t *spaces = json_object_get(drive, "namespaces");

		if (json_array_size(spaces) == 0 && record_text(drive, "key"))
			add_disk(made, seen, disk_of(drive, NULL));
		json_array_foreach(spaces, n, space)
		{
			if (record_text(space, "name"))
				add_disk(made, seen, disk_of(drive, space));
		}
	}
	return made;
}

static json_t *cpu(const json_t *document)
{
	const json_t *all = json_object_get(document, "cpu");
	const json_t *socket = json_array_get(json_object_get(document, "processors"), 0);
	const json_t *count = json_object_get(all, "online_cpu_count");
	const json_t *flags = json_object_get(all, "flags");
	json_t *made = json_object();

	put_fit(made, "model_name",
		record_text(all, "model") ?: record_text(socket, "model"), TEXT_MAX);
	put_fit(made, "architecture",
		record_text(json_object_get(document, "audit"), "machine"), TEXT_MAX);
	if (json_is_integer(count))
		json_put(made, "count", json_incref((json_t *)(uintptr_t)count));
	if (json_is_array(flags))
		json_put(made, "flags", json_incref((json_t *)(uintptr_t)flags));
	return made;
}

static json_t *memory(const json_t *document)
{
	const json_t *all = document_at(document, "memory.summary");
	const json_t *visible = json_object_get(all, "visible_bytes");
	const json_t *installed = json_object_get(all, "installed_bytes");
	json_t *made = json_object();

	if (json_is_integer(visible))
		json_put(made, "total", json_incref((json_t *)(uintptr_t)visible));
	if (json_is_integer(installed))
		json_put(made, "physical_mb",
			 json_integer(json_integer_value(installed) >> 20));
	return made;
}

static json_t *vendor(const json_t *document)
{
	const json_t *identity = json_object_get(document, "identity");
	const json_t *firmware = json_object_get(document, "firmware");
	json_t *made = json_object(), *bios = json_object();

	put_fit(made, "manufacturer", record_text(identity, "manufacturer"), TEXT_MAX);
	put_fit(made, "product_name", record_text(identity, "model"), TEXT_MAX);
	put_fit(made, "serial_number", record_text(identity, "serial_number"), TEXT_MAX);
	put_fit(bios, "vendor", record_text(firmware, "vendor"), TEXT_MAX);
	put_fit(bios, "version", record_text(firmware, "version"), TEXT_MAX);
	put_fit(bios, "build_date", record_text(firmware, "release_date"), TEXT_MAX);
	json_put(made, "firmware", bios);
	return made;
}

static void put_bmc(json_t *inventory, const json_t *document)
{
	const json_t *list = document_at(document, "bmc.interfaces");
	json_t *interface;
	size_t i;

	json_array_foreach(list, i, interface)
	{
		const json_t *six =
			json_array_get(json_object_get(interface, "ipv6_addresses"), 0);

		if (!json_object_get(inventory, "bmc_address"))
			put_fit(inventory, "bmc_address",
				record_text(interface, "address"), TEXT_MAX);
		if (!json_object_get(inventory, "bmc_v6address"))
			put_fit(inventory, "bmc_v6address", record_text(six, "address"),
				TEXT_MAX);
		if (!json_object_get(inventory, "bmc_mac"))
			put_fit(inventory, "bmc_mac",
				record_text(interface, "mac_address"), TEXT_MAX);
	}
}

char *export_ipa(const json_t *document, const struct export_options *options)
{
	const char *mode =
		record_text(json_object_get(document, "firmware"), "boot_mode");
	AUTO_JSON json_t *whole = json_object();
	json_t *inventory = json_object(), *boot = json_object();

	(void)options;
	json_put(inventory, "interfaces", list_made(document, &interface_map));
	json_put(inventory, "disks", disks(document));
	json_put(inventory, "cpu", cpu(document));
	json_put(inventory, "memory", memory(document));
	json_put(inventory, "system_vendor", vendor(document));
	if (mode)
		json_put(boot, "current_boot_mode",
			 json_string(strcmp(mode, "UEFI") != 0 ? "bios" : "uefi"));
	json_put(inventory, "boot", boot);
	put_fit(inventory, "hostname",
		record_text(json_object_get(document, "host"), "name"), TEXT_MAX);
	put_bmc(inventory, document);
	json_put(whole, "inventory", inventory);
	return json_document(whole);
}
