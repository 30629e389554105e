/* The board as a whole: records of two sources that speak of one part. */
#include "derive.h"

#include "rules.h"
#include "values.h"

#include <stdlib.h>
#include <string.h>

/* Key of what board/sysfs says of the one board and the one chassis the kernel keeps. */
#define KERNEL_KEY "dmi-id"

/* The kernel's is SMBIOS's first structure again, without its handle: a stopgap. */
static void drop_stopgap(json_t *list)
{
	size_t count = json_array_size(list);

	for (size_t i = 0; count > 1 && i < count; i++) {
		const char *key = rule_text(json_array_get(list, i), "key");

		if (key && !strcmp(key, KERNEL_KEY)) {
			(void)json_array_remove(list, i);
			return;
		}
	}
}

/* "0000:3b:00" of "0000:3b:00.1"; the caller's. */
static char *device_of(const char *address)
{
	const char *dot = strrchr(address, '.');

	return dot ? xasprintf("%.*s", (int)(dot - address), address) : xstrdup(address);
}

/* PCI Code and ID Assignment 1.11, 1.5: class 06h, subclass 04h is a PCI-to-PCI bridge.
 */
static bool is_bridge(const json_t *device)
{
	const char *code = rule_text(device, "class_code");

	return code && !strncmp(code, "0x0604", 6);
}

/* Filled slots by the address that the firmware tells, and by its device. */
struct slot_index {
	json_t *by_address, *by_device; /* owned; null: several */
};

static struct slot_index slots_index(const json_t *list)
{
	struct slot_index slots = { json_object(), json_object() };

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *slot = json_array_get(list, i);
		const char *address = rule_text(slot, "bus_address");
		AUTO_FREE char *device = address ? device_of(address) : NULL;

		/* Boards say 0000:00:00.0 where they mean nothing. */
		if (!address || rule_is_absent(slot) || !strcmp(address, "0000:00:00.0"))
			continue;
		value_index(slots.by_address, address, slot);
		value_index(slots.by_device, device, slot);
	}
	return slots;
}

/*
 * SMBIOS 3.6, 7.10.8 means the device in the slot; many boards give the port above it
 * instead.
 */
static const json_t *slot_of(const json_t *device, const struct slot_index *slots)
{
	const char *address = rule_text(device, "key"),
		   *above = rule_text(device, "upstream_port");
	const json_t *own = NULL, *ports;
	AUTO_FREE char *name = address ? device_of(address) : NULL;

	if (!address)
		return NULL;
	if (!is_bridge(device))
		own = json_object_get(slots->by_device, name);
	ports = above ? json_object_get(slots->by_address, above) : NULL;
	return own && ports && own != ports ? NULL : own ? own : ports;
}

static void place_device(json_t *device, const struct slot_index *slots)
{
	const json_t *found = slot_of(device, slots);

	if (!json_is_object(found))
		return;
	json_put(device, "slot", json_incref(json_object_get(found, "key")));
	if (rule_text(found, "designation"))
		json_put(device, "slot_designation",
			 json_incref(json_object_get(found, "designation")));
}

void derive_board(json_t *document)
{
	const json_t *pcie = json_object_get(document, "pcie");
	json_t *devices = json_object_get(pcie, "devices");
	struct slot_index slots = slots_index(json_object_get(pcie, "slots"));

	drop_stopgap(json_object_get(document, "baseboards"));
	drop_stopgap(json_object_get(document, "chassis"));
	for (size_t i = 0; i < json_array_size(devices); i++) {
		json_t *device = json_array_get(devices, i);

		/* Records live on when the document is built again without some. */
		(void)json_object_del(device, "slot");
		(void)json_object_del(device, "slot_designation");
		place_device(device, &slots);
	}
	json_decref(slots.by_address);
	json_decref(slots.by_device);
}
