/* The board as a whole: records of two sources that speak of one part. */
#include "document.h"

#include <string.h>

/* Key of what board/sysfs says of the one board and the one chassis the kernel keeps. */
#define KERNEL_KEY "dmi-id"
#define SLOTS_MAX 256u /* each is compared with every device */

static const char *text_of(const json_t *record, const char *property)
{
	const char *text = json_string_value(json_object_get(record, property));

	return text && *text ? text : NULL;
}

/* The kernel's is SMBIOS's first structure again, without its handle: a stopgap. */
static void drop_stopgap(json_t *list)
{
	size_t count = json_array_size(list);

	for (size_t i = 0; count > 1 && i < count; i++) {
		const char *key = text_of(json_array_get(list, i), "key");

		if (key && !strcmp(key, KERNEL_KEY)) {
			(void)json_array_remove(list, i);
			return;
		}
	}
}

/* Length up to the function: "0000:3b:00" of "0000:3b:00.1". */
static size_t device_len(const char *address)
{
	const char *dot = strrchr(address, '.');

	return dot ? (size_t)(dot - address) : strlen(address);
}

static bool same_device(const char *a, const char *b)
{
	size_t len = device_len(a);

	return len == device_len(b) && !strncmp(a, b, len);
}

/* PCI Code and ID Assignment 1.11, 1.5: class 06h, subclass 04h is a PCI-to-PCI bridge.
 */
static bool is_bridge(const json_t *device)
{
	const char *code = text_of(device, "class_code");

	return code && !strncmp(code, "0x0604", 6);
}

static bool is_empty(const json_t *slot)
{
	const char *state = text_of(slot, "state");

	return state && !strcmp(state, "Absent");
}

/*
 * SMBIOS 3.6, 7.10.8 means the device in the slot; many boards give the port above it
 * instead, and 0000:00:00.0 where they mean nothing.
 */
static bool is_in(const json_t *device, const char *slot_address)
{
	const char *address = text_of(device, "key"),
		   *above = text_of(device, "upstream_port");

	if (!address || !strcmp(slot_address, "0000:00:00.0"))
		return false;
	if (above && !strcmp(above, slot_address))
		return true;
	return same_device(address, slot_address) && !is_bridge(device);
}

/* Of several slots at one address none is known to be the right one. */
static void place_device(json_t *device, const json_t *slots)
{
	const json_t *found = NULL;

	for (size_t i = 0; i < json_array_size(slots) && i < SLOTS_MAX; i++) {
		const json_t *slot = json_array_get(slots, i);
		const char *address = text_of(slot, "bus_address");

		if (!address || is_empty(slot) || !is_in(device, address))
			continue;
		if (found)
			return;
		found = slot;
	}
	if (!found)
		return;
	json_put(device, "slot", json_incref(json_object_get(found, "key")));
	if (text_of(found, "designation"))
		json_put(device, "slot_designation",
			 json_incref(json_object_get(found, "designation")));
}

void document_board(json_t *document)
{
	const json_t *pcie = json_object_get(document, "pcie");
	json_t *devices = json_object_get(pcie, "devices"),
	       *slots = json_object_get(pcie, "slots");

	drop_stopgap(json_object_get(document, "baseboards"));
	drop_stopgap(json_object_get(document, "chassis"));
	for (size_t i = 0; i < json_array_size(devices); i++) {
		json_t *device = json_array_get(devices, i);

		/* Records live on when the document is built again without some. */
		(void)json_object_del(device, "slot");
		(void)json_object_del(device, "slot_designation");
		place_device(device, slots);
	}
}
