/* firmware_inventory[] of the document: every version of firmware that some record tells, in
 * one flat list, so that machines can be compared. */
#include "derive.h"

#include "rules.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 4096u
#define VERSIONS_MAX 64u /* of one property that is a list */

/* Whose maker and model the firmware is for, where its record does not say it itself. */
enum owner { OWNER_RECORD, OWNER_PCI, OWNER_SYSTEM, OWNER_PROCESSOR };

/*
 * One row is one property of one record type. Its value is text, a number, or a list of
 * texts or of {version, class}. `unless`: only where that property has no version.
 */
static const struct row {
	const char *type, *property, *class;
	enum owner owner;
	const char *unless, *maker, *model, *date;
} rows[] = {
	{ "firmware", "version", "BIOS", .owner = OWNER_SYSTEM, .maker = "vendor",
	  .date = "release_date" },
	{ "firmware", "firmware_revision", "EmbeddedController", .owner = OWNER_SYSTEM },
	{ "firmware", "management_engine_version", "ManagementEngine",
	  .owner = OWNER_SYSTEM },
	{ "firmware", "efi_resources", "EFIResource", .owner = OWNER_RECORD },
	{ "bmc", "firmware_version", "BMC", .owner = OWNER_SYSTEM },
	{ "cpu", "microcode_versions", "Microcode", .owner = OWNER_PROCESSOR },
	{ "memory.modules", "firmware_version", "MemoryModule", .owner = OWNER_RECORD,
	  .model = "part_number" },
	{ "storage.drives", "firmware_version", "Drive", .owner = OWNER_RECORD },
	/* A SCSI disk's INQUIRY has the same, and 4 bytes of an ATA disk's. */
	{ "storage.drives", "revision", "Drive", .owner = OWNER_RECORD,
	  .unless = "firmware_version" },
	{ "storage.controllers", "firmware_version", "StorageController",
	  .owner = OWNER_PCI },
	{ "storage.controllers", "bios_version", "StorageController",
	  .owner = OWNER_PCI },
	{ "storage.enclosures", "revision", "Enclosure", .owner = OWNER_RECORD },
	{ "network.interfaces", "firmware_version", "NetworkAdapter",
	  .owner = OWNER_PCI },
	{ "network.interfaces", "expansion_rom_version", "NetworkAdapter",
	  .owner = OWNER_PCI },
	{ "network.infiniband", "firmware_version", "NetworkAdapter",
	  .owner = OWNER_PCI },
	{ "tpm", "firmware_version", "TPM", .owner = OWNER_RECORD },
	{ "smbios.firmware", "version", "FirmwareInventory", .owner = OWNER_RECORD,
	  .model = "name", .date = "release_date" },
	{ "gpus", "vbios_version", "GPU", .owner = OWNER_PCI },
	{ "gpus", "inforom_version", "GPU", .owner = OWNER_PCI },
	{ "gpus", "gsp_firmware_version", "GPU", .owner = OWNER_PCI },
};

struct list {
	json_t *entries;        /* owned array */
	json_t *devices;        /* owned: pcie.devices by key */
	const json_t *document; /* borrowed */
};

static bool is_known(const json_t *value)
{
	return json_is_integer(value) || json_string_length(value) > 0 ||
	       json_array_size(value) > 0;
}

static const json_t *owner_of(const struct list *list, const struct row *row,
			      const json_t *record)
{
	const json_t *sockets = inventory_section(list->document, "processors");
	const char *address = rule_text(record, "pci_address");

	switch (row->owner) {
	case OWNER_RECORD:
		return NULL;
	case OWNER_PCI:
		return json_object_get(list->devices,
				       address ? address : rule_text(record, "key"));
	case OWNER_SYSTEM:
		return inventory_section(list->document, "system");
	case OWNER_PROCESSOR:
		for (size_t i = 0; i < json_array_size(sockets); i++)
			if (rule_text(json_array_get(sockets, i), "model"))
				return json_array_get(sockets, i);
		return NULL;
	}
	return NULL;
}

/* A component of the machine's own goes by the machine's name, and that is the owner's. */
static json_t *either(const json_t *record, const json_t *owner, const char *property)
{
	const char *text = rule_text(record, property);

	if (!text)
		text = rule_text(owner, property);
	return text ? json_string(text) : json_null();
}

static json_t *version_text(const json_t *value)
{
	AUTO_FREE char *digits = NULL;

	if (!json_is_integer(value))
		return json_string(json_string_value(value));
	digits = xasprintf("%lld", (long long)json_integer_value(value));
	return json_string(digits);
}

static void add_entry(struct list *list, const struct row *row, const json_t *record,
		      const char *name, const json_t *version, const char *model)
{
	const char *key = rule_text(record, "key");
	const json_t *owner = owner_of(list, row, record);
	AUTO_FREE char *own =
		xasprintf("%s%s%s/%s", row->type, key ? "/" : "", key ? key : "", name);
	json_t *entry, *component;

	if (json_array_size(list->entries) == ENTRIES_MAX)
		return;
	entry = json_object();
	component = json_object();
	json_put(component, "type", json_string(row->type));
	json_put(component, "key", key ? json_string(key) : json_null());
	json_put(entry, "component", component);
	json_put(entry, "key", json_string(own));
	json_put(entry, "property", json_string(row->property));
	json_put(entry, "class", json_string(row->class));
	json_put(entry, "version", version_text(version));
	json_put(entry, "manufacturer",
		 row->maker ? either(record, NULL, row->maker)
			    : either(record, owner, "manufacturer"));
	json_put(entry, "model",
		 model ? json_string(model)
		       : either(record, owner, row->model ? row->model : "model"));
	json_put(entry, "release_date",
		 row->date ? either(record, NULL, row->date) : json_null());
	json_put(entry, "src", json_incref(json_object_get(record, "src")));
	json_push(list->entries, entry);
}

static void add_record(struct list *list, const struct row *row, const json_t *record)
{
	const json_t *value = json_object_get(record, row->property);

	if (row->unless && is_known(json_object_get(record, row->unless)))
		return;
	if (!json_is_array(value) && is_known(value))
		add_entry(list, row, record, row->property, value, NULL);
	for (size_t i = 0; i < json_array_size(value) && i < VERSIONS_MAX; i++) {
		const json_t *one = json_array_get(value, i), *version = one;
		AUTO_FREE char *name = xasprintf("%s/%zu", row->property, i);

		if (json_is_object(one))
			version = json_object_get(one, "version");
		if (is_known(version) && !json_is_array(version))
			add_entry(list, row, record, name, version,
				  rule_text(one, "class"));
	}
}

static int by_key(const void *left, const void *right)
{
	return strcmp(rule_text(*(json_t *const *)left, "key"),
		      rule_text(*(json_t *const *)right, "key"));
}

/* As every list: by key, byte by byte. */
static json_t *sorted(json_t *list)
{
	size_t count = json_array_size(list);
	json_t **entries = xcalloc(count + 1, sizeof(json_t *)), *array = json_array();

	for (size_t i = 0; i < count; i++)
		entries[i] = json_array_get(list, i);
	if (count)
		qsort(entries, count, sizeof(json_t *), by_key);
	for (size_t i = 0; i < count; i++)
		json_push(array, json_incref(entries[i]));
	free(entries);
	json_decref(list);
	return array;
}

json_t *derive_firmware(const json_t *document)
{
	struct list list = { json_array(), inventory_by_key(document, "pcie.devices"),
			     document };

	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		const json_t *section = inventory_section(document, rows[r].type);

		if (json_is_object(section))
			add_record(&list, &rows[r], section);
		for (size_t i = 0; i < json_array_size(section); i++)
			add_record(&list, &rows[r], json_array_get(section, i));
	}
	json_decref(list.devices);
	return sorted(list.entries);
}
