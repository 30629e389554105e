/* The parts of a machine in an operator's words. */
#include "kinds.h"

#include "document.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

const struct kind kinds[] = {
	{ "system", "system", { NULL } },
	{ "chassis", "chassis", { NULL } },
	{ "baseboards", "baseboard", { "location_in_chassis" } },
	{ "firmware", "BIOS", { NULL } },
	{ "bmc", "BMC", { NULL } },
	{ "processors", "processor", { "socket" } },
	{ "memory.modules", "memory", { "bank_locator", "locator" } },
	{ "storage.controllers", "controller", { NULL } },
	{ "storage.enclosures", "enclosure", { NULL } },
	{ "storage.drives", "drive", { NULL } },
	{ "storage.arrays", "array", { NULL } },
	{ "network.interfaces", "network", { NULL } },
	{ "network.infiniband", "infiniband", { NULL } },
	{ "gpus", "GPU", { NULL } },
	{ "power_supplies", "supply", { "location" } },
	{ "pcie.devices", "pcie", { NULL } },
	{ "tpm", "TPM", { "name" } },
	{ "usb.devices", "usb", { NULL } },
	{ NULL, NULL, { NULL } },
};

const struct kind *kind_find(const char *type)
{
	for (const struct kind *kind = kinds; kind->type; kind++)
		if (!strcmp(kind->type, type))
			return kind;
	return NULL;
}

const char *record_text(const json_t *record, const char *property)
{
	const char *text = json_string_value(json_object_get(record, property));

	return text && *text ? text : NULL;
}

char *kind_name(const struct kind *kind, const json_t *record)
{
	char *name = NULL;

	for (size_t i = 0; i < KIND_PROPERTIES && kind->name[i]; i++) {
		const char *text = record_text(record, kind->name[i]);
		char *longer;

		if (!text)
			continue;
		longer = xasprintf("%s%s%s", name ? name : "", name ? " " : "", text);
		free(name);
		name = longer;
	}
	if (name)
		return name;
	return xstrdup(record_text(record, "key") ?: "");
}

json_t *kind_records(const struct kind *kind, const json_t *document)
{
	json_t *found = document_at(document, kind->type), *records = json_array();
	json_t *record;
	size_t i;

	if (!records)
		return NULL;
	if (json_is_object(found))
		json_push(records, json_incref(found));
	json_array_foreach(found, i, record)
	{
		if (json_is_object(record))
			json_push(records, json_incref(record));
	}
	return records;
}

bool kind_is_empty(const json_t *record)
{
	const char *state = record_text(record, "state");

	return state && !strcmp(state, "Absent");
}
