/* Which part an event of the kernel's log is about, and what was logged about each part. */
#include "derive.h"

#include "inventory.h"
#include "rules.h"
#include "values.h"

#include <string.h>

#define LOGGED "kernel_events"

/* What of an event stands in its part's record. */
static const char *const copied[] = { "event",      "class",        "severity",
				      "count",      "warns_from",   "message",
				      "first_time", "last_time",    "first_seconds",
				      "code",       "last_seconds", "crash" };

struct parts {
	const json_t *document; /* borrowed */
	json_t *by_key;         /* owned: "TYPE/KEY": the record */
	json_t *by_hctl, *by_ata,
		*by_label;  /* owned: drives, drives, places of the kernel's */
	json_t *by_locator; /* owned: modules */
};

struct part {
	const char *type, *key; /* key NULL: the section is one object */
	json_t *record;         /* NULL: not found */
};

/* A disk with two ports has the names of both. */
static void index_paths(struct parts *parts, json_t *record)
{
	const json_t *paths = json_object_get(record, "paths");

	for (size_t i = 0; i < json_array_size(paths); i++) {
		const json_t *path = json_array_get(paths, i);
		const char *key = rule_text(path, "key"), *hctl = rule_text(path, "hctl");
		AUTO_FREE char *name = xasprintf("storage.drives/%s", key ? key : "");

		if (key && !json_object_get(parts->by_key, name))
			json_put(parts->by_key, name, json_incref(record));
		if (hctl && !json_object_get(parts->by_hctl, hctl))
			json_put(parts->by_hctl, hctl, json_incref(record));
	}
}

static void index_record(struct parts *parts, const char *type, json_t *record)
{
	const char *key = rule_text(record, "key");
	AUTO_FREE char *name = xasprintf("%s/%s", type, key ? key : "");

	(void)json_object_del(record, LOGGED);
	json_put(parts->by_key, name, json_incref(record));
	if (!strcmp(type, "storage.drives")) {
		if (rule_text(record, "hctl"))
			value_index(parts->by_hctl, rule_text(record, "hctl"), record);
		if (rule_text(record, "ata_port"))
			value_index(parts->by_ata, rule_text(record, "ata_port"), record);
		index_paths(parts, record);
	} else if (!strcmp(type, "memory.edac") && rule_text(record, "label")) {
		value_index(parts->by_label, rule_text(record, "label"), record);
	}
}

static struct parts parts_open(json_t *document)
{
	struct parts parts = { document,      json_object(), json_object(),
			       json_object(), json_object(), NULL };
	const json_t *memory = json_object_get(document, "memory");

	for (int t = 0; record_types[t].name; t++) {
		json_t *section = (json_t *)(uintptr_t)inventory_section_of(
			document, &record_types[t]);

		if (json_is_object(section))
			index_record(&parts, record_types[t].name, section);
		for (size_t i = 0; i < json_array_size(section); i++)
			index_record(&parts, record_types[t].name,
				     json_array_get(section, i));
	}
	parts.by_locator = derive_modules_by_label(json_object_get(memory, "modules"));
	return parts;
}

static void parts_close(struct parts *parts)
{
	json_decref(parts->by_key);
	json_decref(parts->by_hctl);
	json_decref(parts->by_ata);
	json_decref(parts->by_label);
	json_decref(parts->by_locator);
}

static struct part part_of(const char *type, json_t *record)
{
	return (struct part){ type, rule_text(record, "key"), record };
}

static struct part find_key(const struct parts *parts, const char *type, const char *key)
{
	AUTO_FREE char *name = xasprintf("%s/%s", type, key);

	return part_of(type, json_object_get(parts->by_key, name));
}

/* "nvme0" of "nvme0n1p2", "sda" of "sda1", "md0" of "md0p1": the kernel's names of partitions
 * (block/partitions/core.c, bdevname). */
static size_t whole_length(const char *name)
{
	size_t len = strlen(name), digits = len;

	if (!strncmp(name, "nvme", 4))
		return 4 + strspn(name + 4, "0123456789");
	while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
		digits--;
	if (digits == len || digits < 2)
		return len;
	if (name[digits - 1] == 'p' && name[digits - 2] >= '0' && name[digits - 2] <= '9')
		return digits - 1;
	return !strncmp(name, "sd", 2) || !strncmp(name, "vd", 2) ||
			       !strncmp(name, "xvd", 3)
		       ? digits
		       : len;
}

/* Where a record of that kind stands that is not the machine's own, or no card of its own. */
static const struct {
	const char *type, *other;
} others[] = {
	{ "storage.drives", "storage.others" },
	{ "network.interfaces", "network.virtual_functions" },
};

static struct part find_other(const struct parts *parts, const char *type,
			      const char *key)
{
	struct part part = { NULL, NULL, NULL };

	for (size_t i = 0; i < ARRAY_LEN(others) && !part.record; i++)
		if (!strcmp(others[i].type, type))
			part = find_key(parts, others[i].other, key);
	return part;
}

static struct part find_disk(const struct parts *parts, const char *device)
{
	AUTO_FREE char *whole = xasprintf("%.*s", (int)whole_length(device), device);
	AUTO_FREE char *port = xasprintf("%.*s", (int)strcspn(device, "."), device);
	json_t *record = json_object_get(parts->by_hctl, device);
	struct part part;

	if (!json_is_object(record))
		record = json_object_get(parts->by_ata, port);
	if (json_is_object(record))
		return part_of("storage.drives", record);
	part = find_key(parts, "storage.drives", whole);
	if (!part.record)
		part = find_key(parts, "storage.arrays", whole);
	return part.record ? part : find_other(parts, "storage.drives", whole);
}

/* "0x002a", an SMBIOS handle as the kernel writes it (cper_dimm_err_location), as a record's key; 0 is
 * one that the firmware left out. */
static void handle_raise(char *label)
{
	if (!strcmp(label, "0x0000"))
		*label = '\0';
	if (strlen(label) != 6 || strncmp(label, "0x", 2) != 0)
		return;
	for (char *at = label + 2; *at; at++)
		if (*at >= 'a' && *at <= 'f')
			*at = (char)(*at - 'a' + 'A');
}

/* The module, the place the kernel counts for, or at least the controller. */
static struct part find_memory(const struct parts *parts, const char *named,
			       const char *controller)
{
	AUTO_FREE char *label = xstrdup(named ? named : "");
	size_t len = strlen(label);
	json_t *place, *module;
	struct part part;

	/* The kernel writes a blank after what the firmware calls the module. */
	while (len > 0 && label[len - 1] == ' ')
		label[--len] = '\0';
	place = json_object_get(parts->by_label, label);
	module = json_object_get(parts->by_locator, label);
	if (rule_text(place, "module"))
		return find_key(parts, "memory.modules", rule_text(place, "module"));
	if (json_is_object(module))
		return part_of("memory.modules", module);
	handle_raise(label);
	part = find_key(parts, "memory.modules", label);
	if (part.record)
		return part;
	if (json_is_object(place))
		return part_of("memory.edac", place);
	return controller ? find_key(parts, "memory.controllers", controller)
			  : (struct part){ NULL, NULL, NULL };
}

static struct part find_part(const struct parts *parts, const json_t *event)
{
	const char *type = rule_text(event, "component_type");
	const char *device = rule_text(event, "device");
	struct part part = { NULL, NULL, NULL };

	if (!type)
		return part;
	if (!strcmp(type, "memory.edac"))
		return find_memory(parts, device, rule_text(event, "controller"));
	if (!strcmp(type, "cpu"))
		return find_key(parts, type, "");
	if (!device)
		return part;
	if (!strcmp(type, "storage.drives") || !strcmp(type, "storage.arrays"))
		return find_disk(parts, device);
	part = find_key(parts, type, device);
	if (!part.record)
		part = find_other(parts, type, device);
	/* What no record of its own kind has is a function on the bus all the same. */
	return part.record ? part : find_key(parts, "pcie.devices", device);
}

static void put_time(json_t *event, const char *from, const char *to)
{
	const json_t *ms = json_object_get(event, from);

	if (!ms)
		return;
	json_put(event, to,
		 json_is_integer(ms) ? value_time(json_integer_value(ms)) : json_null());
	(void)json_object_del(event, from);
}

static void tell_part(const struct part *part, const json_t *event)
{
	json_t *list = json_object_get(part->record, LOGGED), *one = json_object();

	if (!list) {
		list = json_array();
		json_put(part->record, LOGGED, list);
	}
	for (size_t i = 0; i < ARRAY_LEN(copied); i++) {
		json_t *value = json_object_get(event, copied[i]);

		if (value)
			json_put(one, copied[i], json_incref(value));
	}
	json_push(list, one);
}

void derive_kernel(json_t *document)
{
	json_t *events = json_object_get(json_object_get(document, "kernel"), "events");
	struct parts parts;

	parts = parts_open(document);
	for (size_t i = 0; i < json_array_size(events); i++) {
		json_t *event = json_array_get(events, i), *component = NULL;
		struct part part = find_part(&parts, event);

		put_time(event, "first_unix_ms", "first_time");
		put_time(event, "last_unix_ms", "last_time");
		if (part.record) {
			component = json_object();
			json_put(component, "type", json_string(part.type));
			json_put(component, "key",
				 part.key ? json_string(part.key) : json_null());
			tell_part(&part, event);
		}
		json_put(event, "component", component ? component : json_null());
	}
	parts_close(&parts);
}
