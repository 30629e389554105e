/* storage/controllers, storage/hba and storage/enclosure: what drives are attached to. */
#include "placeholder_put.h"
#include "storage.h"
#include "tree_props.h"

#include <string.h>

#define PCI "/sys/bus/pci/devices"
#define HOSTS "/sys/class/scsi_host"
#define ENCLOSURES "/sys/class/enclosure"
#define SLOTS_MAX 512u /* of one enclosure; SES-3, 6.1.8 has a byte for each kind */

/* PCI Code and ID Assignment 1.11, 1.2: class 01h without NVMe, which is drives. */
static const char *controller_class(struct span class)
{
	static const struct {
		const char *code, *name;
	} classes[] = {
		{ "0x0100", "SCSI" }, { "0x0101", "IDE" },  { "0x0104", "RAID" },
		{ "0x0105", "ATA" },  { "0x0106", "SATA" }, { "0x0107", "SAS" },
	};

	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (text_starts(class, classes[i].code))
			return classes[i].name;
	return NULL;
}

void collect_storage_controllers(const struct input *in, const char *instance,
				 struct output *out)
{
	struct tree tree;
	struct tree_device device = { &tree, PCI, { NULL, 0 } };
	size_t at = 0;

	(void)instance;
	tree_open(&tree, in, "storage/controllers", out);
	while (tree_next(&tree, PCI, &at, &device.name)) {
		const char *name;
		struct span class;
		json_t *props;
		char key[32];

		if (!tree_is_pci_address(device.name) ||
		    !tree_text(&device, "class", &class))
			continue;
		name = controller_class(class);
		if (!name)
			continue;
		props = json_object();
		json_put(props, "type", json_string(name));
		tree_put_base(props, "driver", &device, "driver");
		tree_put_text(props, "vendor_id", &device, "vendor");
		tree_put_text(props, "device_id", &device, "device");
		tree_put_text(props, "subsystem_vendor_id", &device, "subsystem_vendor");
		tree_put_text(props, "subsystem_id", &device, "subsystem_device");
		collect_record(out, STORAGE_CONTROLLERS,
			       text_copy(device.name, key, sizeof(key)), props);
	}
	tree_close(&tree);
}

/*
 * Where drivers keep the same thing under names of their own: mpt3sas, smartpqi and hpsa,
 * aacraid, qla2xxx, lpfc.
 */
static const struct {
	const char *attribute, *prop;
	enum placeholder_kind kind;
} host_texts[] = {
	{ "version_product", "product", PLACEHOLDER_WORDS },
	{ "board_name", "model", PLACEHOLDER_WORDS },
	{ "model", "model", PLACEHOLDER_WORDS },
	{ "model_name", "model", PLACEHOLDER_WORDS },
	{ "modelname", "model", PLACEHOLDER_WORDS },
	{ "version_fw", "firmware_version", PLACEHOLDER_WORDS },
	{ "firmware_version", "firmware_version", PLACEHOLDER_WORDS },
	{ "firmware_revision", "firmware_version", PLACEHOLDER_WORDS },
	{ "fw_version", "firmware_version", PLACEHOLDER_WORDS },
	{ "fwrev", "firmware_version", PLACEHOLDER_WORDS },
	{ "hba_kernel_version", "firmware_version", PLACEHOLDER_WORDS },
	{ "version_bios", "bios_version", PLACEHOLDER_WORDS },
	{ "hba_bios_version", "bios_version", PLACEHOLDER_WORDS },
	{ "serial_number", "serial_number", PLACEHOLDER_IDENTITY },
	{ "serial_num", "serial_number", PLACEHOLDER_IDENTITY },
	{ "serialnum", "serial_number", PLACEHOLDER_IDENTITY },
	{ "board_assembly", "board_assembly", PLACEHOLDER_IDENTITY },
	{ "board_tracer", "board_tracer", PLACEHOLDER_IDENTITY },
	{ "host_sas_address", "sas_address", PLACEHOLDER_IDENTITY },
};

void collect_storage_hba(const struct input *in, const char *instance, struct output *out)
{
	struct tree tree;
	struct tree_device host = { &tree, HOSTS, { instance, strlen(instance) } };
	struct span path, address, value;
	json_t *props = json_object();
	char key[32];

	tree_open(&tree, in, "storage/hba", out);
	for (size_t i = 0; i < ARRAY_LEN(host_texts); i++)
		if (!json_object_get(props, host_texts[i].prop) &&
		    tree_text(&host, host_texts[i].attribute, &value))
			placeholder_put(props, host_texts[i].prop, value.at, value.len,
					host_texts[i].kind);
	tree_errors(&tree, HOSTS, host.name, props);
	/* A USB stick is a host too, and its PCI address is the USB controller's. */
	if (json_object_size(props) > 0 &&
	    tree_link(&tree, HOSTS, host.name, "", &path) &&
	    !memmem(path.at, path.len, "/usb", 4) && tree_pci_address(path, &address)) {
		collect_record(out, STORAGE_CONTROLLERS,
			       text_copy(address, key, sizeof(key)), props);
	} else {
		json_decref(props);
	}
	tree_close(&tree);
}

/* The disk in a slot: slot/device/block/sdb/size is there when it is one. */
static bool disk_in(const struct tree *tree, const char *slots, struct span slot,
		    struct span *disk)
{
	AUTO_FREE char *blocks = xasprintf("%.200s/%.*s/device/block", slots,
					   (int)(slot.len % 128), slot.at);
	size_t at = 0;

	return tree_next(tree, blocks, &at, disk) && disk->len < 64;
}

static void emit_place(struct span disk, const char *enclosure, struct span slot,
		       const json_t *entry, struct output *out)
{
	struct drive_key key = storage_key(disk);
	json_t *props = json_object();

	json_put(props, "enclosure", json_text(enclosure, strlen(enclosure), NULL));
	collect_span(props, "enclosure_slot_name", slot);
	if (json_object_get(entry, "slot"))
		json_put(props, "enclosure_slot",
			 json_incref(json_object_get(entry, "slot")));
	collect_record(out, STORAGE_DRIVES, key.text, props);
}

/*
 * Two bits of an element's status as the kernel keeps them (drivers/misc/ses.c, ses_get_fault:
 * desc[3] & 0x60, moved down by four): 4, a fault is sensed; 2, somebody asked for its lamp.
 */
static void put_fault(json_t *entry, const struct tree_device *slot)
{
	struct span value;
	uint64_t bits;

	if (!tree_text(slot, "fault", &value))
		return;
	if (text_u64(value, &bits) || bits & ~UINT64_C(6))
		collect_unread_span(entry, "fault", value);
	else
		json_put(entry, "fault", json_boolean(bits != 0));
}

static json_t *slots_of(const struct tree *tree, const char *instance, struct output *out)
{
	AUTO_FREE char *folder = xasprintf("%s/%.64s", ENCLOSURES, instance);
	struct tree_device slot = { tree, folder, { NULL, 0 } };
	json_t *list = json_array();
	size_t at = 0;

	while (json_array_size(list) < SLOTS_MAX &&
	       tree_next(tree, folder, &at, &slot.name)) {
		struct span disk, type;
		json_t *entry;

		/* "device" and "array device" are the two kinds that hold drives. */
		if (!tree_text(&slot, "type", &type) || !text_ends(type, "device"))
			continue;
		entry = json_object();
		collect_span(entry, "name", slot.name);
		tree_put_number(entry, "slot", &slot, "slot");
		tree_put_text(entry, "status", &slot, "status");
		put_fault(entry, &slot);
		if (disk_in(tree, folder, slot.name, &disk)) {
			collect_span(entry, "drive", disk);
			emit_place(disk, instance, slot.name, entry, out);
		}
		json_push(list, entry);
	}
	return list;
}

void collect_storage_enclosure(const struct input *in, const char *instance,
			       struct output *out)
{
	struct tree tree;
	struct tree_device enclosure = { &tree,
					 ENCLOSURES,
					 { instance, strlen(instance) } };
	json_t *props = json_object();

	tree_open(&tree, in, "storage/enclosure", out);
	tree_put_text(props, "id", &enclosure, "id");
	tree_put_text(props, "manufacturer", &enclosure, "device/vendor");
	tree_put_text(props, "model", &enclosure, "device/model");
	tree_put_text(props, "revision", &enclosure, "device/rev");
	json_put(props, "slots", slots_of(&tree, instance, out));
	if (tree.count > 0)
		collect_record(out, "storage.enclosures", instance, props);
	else
		json_decref(props);
	tree_close(&tree);
}
