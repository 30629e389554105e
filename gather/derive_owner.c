/*
 * What the machine has but does not own, and what it has once but sees twice: drives of other
 * machines and of its BMC, network functions made by software, disks with two paths.
 */
#include "derive.h"

#include "rules.h"
#include "values.h"

#include <string.h>

#define PATHS "paths"

static bool has_word(const json_t *record, const char *property, const char *word)
{
	const char *text = rule_text(record, property);

	return text && strcasestr(text, word);
}

/* Media that a BMC shows on its USB device: a file on somebody's desk, or its own flash. */
static bool is_virtual_medium(const json_t *drive)
{
	/* "AMI Virtual HDisk0", "ATEN Virtual CDROM", "iDRAC LCDRIVE", "HP iLO Virtual USB", "Cisco
	 * vKVM-Mapped vHDD", "PepperC Virtual Disc 1"; "File-Stor Gadget" is Linux's own
	 * (drivers/usb/gadget/function/f_mass_storage.c), as BMCs run it. */
	static const char *const words[] = { "virtual",   "idrac",   "lcdrive",
					     " ilo",      "vkvm",    "vhdd",
					     "file-stor", "file-cd", "remote disk",
					     "pepperc" };

	if (!rule_is(drive, "transport", "usb"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (has_word(drive, "model", words[i]) ||
		    has_word(drive, "manufacturer", words[i]))
			return true;
	return rule_is(drive, "model", "iLO");
}

/* A slot for cards: it says so, or it is removable, on USB, and has no medium in it. */
static bool is_card_reader(const json_t *drive)
{
	static const char *const words[] = { "card",          "reader",    "sd/mmc",
					     "compact flash", "ms/ms-pro", "sm/xd",
					     "microsd",       "multi-slot" };
	const json_t *bytes = json_object_get(drive, "capacity_bytes");

	if (!rule_is(drive, "transport", "usb") ||
	    !json_is_true(json_object_get(drive, "removable")))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (has_word(drive, "model", words[i]) ||
		    has_word(drive, "manufacturer", words[i]))
			return true;
	return !json_is_integer(bytes) || json_integer_value(bytes) == 0;
}

/* How it comes to be here, where it is none of the machine's own drives; NULL where it is. */
static const char *attachment_of(const json_t *drive)
{
	static const struct {
		const char *transport, *attachment;
	} remote[] = {
		{ "iscsi", "iscsi" },        { "fc", "fibre-channel" },
		{ "fcoe", "fibre-channel" }, { "srp", "srp" },
		{ "tcp", "nvme-fabrics" },   { "rdma", "nvme-fabrics" },
		{ "loop", "nvme-fabrics" },
	};
	bool nvme = rule_is(drive, "protocol", "NVMe");

	if (nvme && rule_is(drive, "transport", "fc"))
		return "nvme-fabrics";
	for (size_t i = 0; i < ARRAY_LEN(remote); i++)
		if (rule_is(drive, "transport", remote[i].transport))
			return remote[i].attachment;
	if (is_virtual_medium(drive))
		return "virtual-media";
	return is_card_reader(drive) ? "card-reader" : NULL;
}

static bool same_text(const json_t *a, const json_t *b, const char *property)
{
	const char *left = rule_text(a, property), *right = rule_text(b, property);

	return left && right && !strcmp(left, right);
}

/* Both tell it, and not the same. */
static bool differs(const json_t *a, const json_t *b, const char *property)
{
	const json_t *left = json_object_get(a, property);
	const json_t *right = json_object_get(b, property);

	return left && right && !json_is_null(left) && !json_is_null(right) &&
	       !json_equal(left, right);
}

/*
 * Cheap disks share their serial numbers, or their WWNs: two are one only where nothing that
 * they tell differs. Ports of an NVMe subsystem have controller ids of their own (NVMe 1.4,
 * 5.15.2.2, CNTLID).
 */
static bool are_one(const json_t *a, const json_t *b)
{
	if (!same_text(a, b, "model") || differs(a, b, "serial_number") ||
	    differs(a, b, "capacity_bytes") || differs(a, b, "block_size_bytes"))
		return false;
	if (rule_is(a, "protocol", "NVMe"))
		return same_text(a, b, "subsystem_nqn") &&
		       same_text(a, b, "serial_number") && differs(a, b, "controller_id");
	return same_text(a, b, "wwn") && !rule_is(a, "transport", "ata") &&
	       differs(a, b, "hctl");
}

static json_t *path_of(const json_t *drive)
{
	static const char *const names[] = { "key",
					     "hctl",
					     "device_state",
					     "controller_id",
					     "transport_address",
					     "controller_pci_address" };
	json_t *path = json_object();

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		json_t *value = json_object_get(drive, names[i]);

		if (value)
			json_put(path, names[i], json_incref(value));
	}
	return path;
}

static bool is_up(const json_t *drive)
{
	return rule_is(drive, "device_state", "running") ||
	       rule_is(drive, "device_state", "live");
}

/* What the other path's jobs have learned; of two words about health or state, the one to act on:
 * a drive that works by one path works, one that is unwell by one path is. */
static void take_over(json_t *drive, json_t *other)
{
	enum severity said = severity_find(rule_text(other, "health"));
	enum severity before = severity_find(rule_text(drive, "health"));
	json_t *value;
	const char *property;

	json_object_foreach(other, property, value)
	{
		const json_t *own = json_object_get(drive, property);

		if (!own || json_is_null(own))
			json_put(drive, property, json_incref(value));
	}
	if (said < SEVERITY_COUNT && before < SEVERITY_COUNT && said > before)
		json_put(drive, "health", json_string(severity_names[said]));
	if (!is_up(drive) && is_up(other))
		json_put(drive, "device_state",
			 json_incref(json_object_get(other, "device_state")));
	value_add_sources(drive, json_object_get(other, "src"));
}

static void add_path(json_t *drive, json_t *other)
{
	json_t *paths = json_object_get(drive, PATHS);

	if (!paths) {
		paths = json_array();
		json_push(paths, path_of(drive));
		json_put(drive, PATHS, paths);
	}
	json_push(paths, path_of(other));
	take_over(drive, other);
}

/* The first of its name stands for all that are it. */
static void find_paths(json_t *group, const char *name)
{
	json_t *list = json_object_get(group, name), *record, *drives;
	AUTO_JSON json_t *known = json_object();
	size_t i;

	if (!json_is_array(list))
		return;
	drives = json_array();
	json_array_foreach(list, i, record)
	{
		bool nvme = rule_is(record, "protocol", "NVMe");
		const char *id = rule_text(record, nvme ? "subsystem_nqn" : "wwn");
		json_t *first = id ? json_object_get(known, id) : NULL;

		(void)json_object_del(record, PATHS);
		if (first && are_one(first, record)) {
			add_path(first, record);
			continue;
		}
		if (id && !first)
			json_put(known, id, json_incref(record));
		json_push(drives, json_incref(record));
	}
	json_put(group, name, drives);
}

/* Moves the records of which `reason` says why to a list of their own, with that as `property`. */
static void list_apart(json_t *group, const char *from, const char *to,
		       const char *property, const char *(*reason)(const json_t *))
{
	json_t *list = json_object_get(group, from), *record, *own, *apart;
	size_t i;

	if (!json_is_array(list))
		return;
	own = json_array();
	apart = json_array();
	json_array_foreach(list, i, record)
	{
		const char *why = reason(record);

		if (why && property)
			json_put(record, property, json_string(why));
		json_push(why ? apart : own, json_incref(record));
	}
	json_put(group, from, own);
	json_put(group, to, apart);
}

static const char *is_virtual_function(const json_t *interface)
{
	return rule_text(interface, "physical_function");
}

/* A bridge's serial number is better than none, where the disk itself told no one. */
static void put_bridge_serials(const json_t *drives)
{
	for (size_t i = 0; i < json_array_size(drives); i++) {
		json_t *drive = json_array_get(drives, i);
		const json_t *placeholders = json_object_get(drive, "placeholders");
		json_t *bridge = json_object_get(drive, "usb_serial_number");

		if (bridge && !rule_text(drive, "serial_number") &&
		    !json_object_get(placeholders, "serial_number"))
			json_put(drive, "serial_number", json_incref(bridge));
	}
}

void derive_owner(json_t *document)
{
	json_t *storage = json_object_get(document, "storage");

	list_apart(storage, "drives", "others", "attachment", attachment_of);
	find_paths(storage, "drives");
	find_paths(storage, "others");
	/* After that: all disks of a bridge have its number, and are not one disk. */
	put_bridge_serials(json_object_get(storage, "drives"));
	put_bridge_serials(json_object_get(storage, "others"));
	list_apart(json_object_get(document, "network"), "interfaces",
		   "virtual_functions", NULL, is_virtual_function);
}
