/* The parts of one document: which each is, and where it sits, whatever the kernel calls it. */
#include "parts.h"

#include "document.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

#define BRIDGES_MAX 16 /* above each other */

static json_t *by_key(const json_t *list)
{
	json_t *found = json_object(), *record;
	size_t i;

	json_array_foreach(list, i, record)
	{
		const char *key = record_text(record, "key");

		if (key && !json_object_get(found, key))
			json_put(found, key, json_incref(record));
	}
	return found;
}

static void cover(json_t *covered, const char *address, const char *type)
{
	if (address)
		json_put(covered, address, json_string(type));
}

/* Where there is a drive, a port or a GPU, its PCI function says nothing new. */
void lookup_cover(struct lookup *lookup, const json_t *document)
{
	static const char *const types[] = { "storage.drives", "storage.controllers",
					     "network.interfaces", "network.infiniband",
					     "gpus" };

	for (size_t t = 0; t < ARRAY_LEN(types); t++) {
		const json_t *list = document_at(document, types[t]);
		json_t *record;
		size_t i;

		json_array_foreach(list, i, record)
		{
			cover(lookup->covered, record_text(record, "key"), types[t]);
			cover(lookup->covered, record_text(record, "pci_address"),
			      types[t]);
			cover(lookup->covered,
			      record_text(record, "controller_pci_address"), types[t]);
		}
	}
}

void lookup_make(struct lookup *lookup, const json_t *document)
{
	lookup->pci = by_key(document_at(document, "pcie.devices"));
	lookup->enclosures = by_key(document_at(document, "storage.enclosures"));
	lookup->covered = json_object();
	lookup_cover(lookup, document);
}

void lookup_done(struct lookup *lookup)
{
	json_decref(lookup->pci);
	json_decref(lookup->enclosures);
	json_decref(lookup->covered);
}

/* "07:00.1" of "0000:3b:07.1" is no such thing: the bus's number is left out, which bridges
 * elsewhere change. */
static const char *on_its_bus(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon ? colon + 1 : address;
}

/*
 * The way to a function from its root: "0000:3a:00.0/00.0". A card with a bridge that is put in
 * elsewhere changes the numbers of buses, but none of these. Owned by the caller.
 */
static char *path_of(const struct lookup *lookup, const char *address)
{
	char *path = xstrdup("");

	for (unsigned depth = 0; address && depth < BRIDGES_MAX; depth++) {
		const json_t *device = json_object_get(lookup->pci, address);
		const char *above = record_text(device, "upstream_port");
		char *longer = xasprintf("%s%s%s", above ? on_its_bus(address) : address,
					 *path ? "/" : "", path);

		free(path);
		path = longer;
		address = above;
	}
	return path;
}

static void set_pci_place(struct part *part, const struct lookup *lookup,
			  const char *address)
{
	const json_t *device = json_object_get(lookup->pci, address);
	const char *slot = record_text(device, "slot_designation")
				   ?: record_text(device, "physical_slot");

	part->address = address;
	part->place = path_of(lookup, address);
	part->spot = slot ? xasprintf("%s (slot %s)", address, slot) : xstrdup(address);
}

static void set_drive_place(struct part *part, const struct lookup *lookup)
{
	const json_t *record = part->record;
	const char *address = record_text(record, "controller_pci_address");
	const char *slot = record_text(record, "enclosure_slot_name");
	const char *raid_slot = record_text(record, "raid_slot");
	const char *key = record_text(record, "enclosure") ?: "";
	const json_t *enclosure = json_object_get(lookup->enclosures, key);
	const char *protocol = record_text(record, "protocol") ?: "";
	AUTO_FREE char *path = address ? path_of(lookup, address) : xstrdup("");

	if (slot && (record_text(enclosure, "id") || !*key)) {
		const char *id = record_text(enclosure, "id") ?: "";

		part->place = xasprintf("%s %s", id, slot);
		part->spot = xasprintf("%s%s%s", slot, *id ? " of " : "", id);
	} else if (raid_slot) {
		part->place = xasprintf("%s %s", path, raid_slot);
		part->spot = xasprintf("%s slot %s", address ?: "?", raid_slot);
	} else if (address && !strcmp(protocol, "NVMe")) {
		set_pci_place(part, lookup, address);
	}
	/* Numbers of SCSI hosts and letters of disks are those of this boot. */
	part->around = *path ? xstrdup(path) : NULL;
}

/* Keys that are handles of SMBIOS or numbers of the kernel are no place. */
static void set_place(struct part *part, const struct lookup *lookup)
{
	const char *type = part->kind->type,
		   *key = record_text(part->record, "key") ?: "";
	const char *address = record_text(part->record, "pci_address");

	if (!strcmp(type, "storage.drives")) {
		set_drive_place(part, lookup);
	} else if (!strcmp(type, "pcie.devices") || !strcmp(type, "gpus") ||
		   !strcmp(type, "storage.controllers")) {
		set_pci_place(part, lookup, key);
	} else if (address) {
		set_pci_place(part, lookup, address);
	} else if (part->kind->name[0] && strcmp(part->name, key) != 0) {
		part->place = xstrdup(part->name);
		part->spot = xstrdup(part->name);
	} else if (!strcmp(type, "power_supplies") && record_text(part->record, "name")) {
		part->place = xstrdup(record_text(part->record, "name"));
		part->spot = xstrdup(part->place);
	}
	if (!part->around)
		part->around = xstrdup(type);
}

static void set_identity(struct part *part)
{
	static const char *const names[ID_COUNT] = {
		[ID_SERIAL] = "serial_number",
		[ID_UUID] = "uuid",
		[ID_UNIQUE] = "unique_id",
		[ID_MAC] = "permanent_mac_address",
		[ID_GUID] = "node_guid",
		[ID_WWN] = "wwn",
		[ID_WWID] = "wwid",
	};
	static const char *const models[] = { "model", "product", "part_number" };
	const json_t *record = part->record;
	const char *model = NULL;

	for (int id = 0; id < ID_COUNT; id++)
		part->ids[id] = names[id] ? record_text(record, names[id]) : NULL;
	if (!strcmp(part->kind->type, "storage.enclosures"))
		part->ids[ID_ENCLOSURE] = record_text(record, "id");
	for (size_t i = 0; i < ARRAY_LEN(models) && !model; i++)
		model = record_text(record, models[i]);
	if (model || !record_text(record, "device_id"))
		part->model = xstrdup(model ?: "");
	else
		part->model = xasprintf("%s:%s", record_text(record, "vendor_id") ?: "?",
					record_text(record, "device_id"));
}

/* 06h are bridges, which come and go with what is behind them; a GPU tells of its link itself. */
static bool is_left_out(const struct part *part, const struct lookup *lookup)
{
	const char *class = record_text(part->record, "class_code") ?: "";
	const char *key = record_text(part->record, "key") ?: "";
	const char *by = record_text(lookup->covered, key) ?: "";

	if (kind_is_empty(part->record) || record_text(part->record, "physical_function"))
		return true;
	return !strcmp(part->kind->type, "pcie.devices") &&
	       (!strncmp(class, "0x06", 4) || !strcmp(by, "gpus"));
}

static bool is_covered(const struct part *part, const struct lookup *lookup)
{
	const char *key = record_text(part->record, "key") ?: "";

	if (!strcmp(part->kind->type, "pcie.devices"))
		return json_object_get(lookup->covered, key);
	return !strcmp(part->kind->type, "network.infiniband") &&
	       record_text(part->record, "pci_address");
}

void parts_collect(struct parts *parts, const struct kind *kind, const json_t *document,
		   const struct lookup *lookup)
{
	AUTO_JSON json_t *records = kind_records(kind, document);
	json_t *record;
	size_t i;

	*parts = (struct parts){ 0 };
	parts->list = xcalloc(json_array_size(records) + 1, sizeof(struct part));
	json_array_foreach(records, i, record)
	{
		struct part *part = &parts->list[parts->count];

		*part = (struct part){ .kind = kind, .record = record };
		if (is_left_out(part, lookup))
			continue;
		part->covered = is_covered(part, lookup);
		part->name = kind_name(kind, record);
		if (!strcmp(kind->type, "power_supplies") &&
		    !record_text(record, "location") && record_text(record, "name")) {
			free(part->name);
			part->name = xstrdup(record_text(record, "name"));
		}
		set_identity(part);
		set_place(part, lookup);
		parts->count++;
	}
}

void parts_done(struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++) {
		free(parts->list[i].name);
		free(parts->list[i].place);
		free(parts->list[i].spot);
		free(parts->list[i].around);
		free(parts->list[i].model);
	}
	free(parts->list);
}
