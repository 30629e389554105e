/* storage/disks: what sysfs knows of every drive without asking it; even a dead one is
 * here. */
#include "storage_disks.h"

#include <string.h>

/* bytes: the unit of size whatever the drive's blocks (block/genhd.c) */
#define SECTOR 512u

static bool is_set(const struct tree *tree, struct span name, const char *attribute)
{
	struct span value;

	return tree_value(tree, BLOCK, name, attribute, &value) && text_is(value, "1");
}

bool disks_size(const struct tree *tree, struct span name, uint64_t *bytes)
{
	struct span value;
	uint64_t sectors;

	return tree_value(tree, BLOCK, name, "size", &value) &&
	       !text_u64(value, &sectors) && sectors > 0 &&
	       !__builtin_mul_overflow(sectors, SECTOR, bytes);
}

/*
 * Drives that are written zone by zone (Documentation/ABI/stable/sysfs-block): "host-managed" ones take
 * no other writes. A zone of theirs is what chunk_sectors counts.
 */
static void put_zones(json_t *props, const struct tree_device *device)
{
	struct span model;
	uint64_t sectors, bytes;

	if (!tree_text(device, "queue/zoned", &model) || text_is(model, "none"))
		return;
	collect_span(props, "zone_model", model);
	tree_put_number(props, "zone_count", device, "queue/nr_zones");
	if (tree_number(device, "queue/chunk_sectors", &sectors) &&
	    !__builtin_mul_overflow(sectors, SECTOR, &bytes))
		json_put(props, "zone_bytes",
			 bytes > 0 ? collect_integer(bytes) : json_null());
	else
		tree_put_unread(props, "zone_bytes", device, "queue/chunk_sectors");
}

void disks_put_size(json_t *props, const struct tree *tree, struct span name)
{
	const struct tree_device device = { tree, BLOCK, name };
	uint64_t bytes;

	if (disks_size(tree, name, &bytes))
		json_put(props, "capacity_bytes", collect_integer(bytes));
	else if (tree_number(&device, "size", &bytes) && bytes == 0)
		json_put(props, "capacity_bytes",
			 json_null()); /* a reader without a card */
	else
		tree_put_unread(props, "capacity_bytes", &device, "size");
	tree_put_number(props, "block_size_bytes", &device, "queue/logical_block_size");
	tree_put_number(props, "physical_block_size_bytes", &device,
			"queue/physical_block_size");
	put_zones(props, &device);
}

/* "ata1", "usb2", "session3": the word with digits after it and nothing else. */
static bool numbered(struct span part, const char *word)
{
	uint64_t number;

	return text_skip(&part, word) && text_take_u64(&part, &number) && part.len == 0;
}

/* host:channel:target:lun, scsi(4) addresses as the kernel names the device. */
static bool is_hctl(struct span part)
{
	uint64_t number;

	for (int i = 0; i < 4; i++)
		if (!text_take_u64(&part, &number) || (i < 3 && !text_skip(&part, ":")))
			return false;
	return part.len == 0;
}

struct place {                      /* what the device's path in sysfs tells */
	const char *transport;      /* the kernel's word, or NULL */
	struct span pci, hctl, ata; /* len 0: unknown */
	bool is_virtual;
};

static void place_part(struct place *place, struct span part)
{
	static const char *const words[] = { "ata",     "usb", "virtio",
					     "session", "mmc", "nvme" };
	static const char *const names[] = { "ata",   "usb", "virtio",
					     "iscsi", "mmc", "nvme" };

	if (tree_is_pci_address(part))
		place->pci = part;
	else if (is_hctl(part))
		place->hctl = part;
	else if (text_is(part, "virtual"))
		place->is_virtual = true;
	/* drivers/scsi/scsi_transport_srp.c; SAS has an end device below such a port. */
	else if (text_starts(part, "port-"))
		place->transport = "srp";
	else if (text_starts(part, "end_device-"))
		place->transport = "sas";
	else if (text_starts(part, "rport-"))
		place->transport = "fc";
	else if (text_starts(part, "nvme-subsys"))
		place->is_virtual = false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (numbered(part, words[i]))
			place->transport = names[i];
	if (numbered(part, "ata"))
		place->ata = part;
}

static struct place place_of(const struct tree *tree, struct span name)
{
	struct place place = { .transport = NULL };
	struct span target, part;

	/* The entry's own link has the whole path, the device link only its end. */
	if (tree_link(tree, BLOCK, name, "device", &target))
		while (text_cut(&target, '/', &part))
			place_part(&place, part);
	if (tree_link(tree, BLOCK, name, "", &target))
		while (text_cut(&target, '/', &part))
			place_part(&place, part);
	return place;
}

/* SPC-5, 7.8.6.4 as libata fills it: "t10.ATA     " + model (40) + serial number (20). */
static bool ata_identity(const struct tree *tree, struct span name, struct span *model,
			 struct span *serial)
{
	const struct tree_line *line = tree_find(tree, BLOCK, name, "device/wwid");
	struct span text;

	if (!line || line->kind != 'v')
		return false;
	text = line->content;
	if (!text_skip(&text, "t10.ATA     ") || text.len < 60)
		return false;
	*model = (struct span){ text.at, 40 };
	*serial = (struct span){ text.at + 40, 20 };
	return true;
}

/*
 * Pages of vital product data, as the kernel keeps them from its scan of the bus. They
 * are binary and come cut at what looks like the end of a line.
 */
static bool same_file(const struct tree *tree, const struct tree_line *line)
{
	return line < tree->lines + tree->count &&
	       line[0].path.len == line[-1].path.len &&
	       !memcmp(line[0].path.at, line[-1].path.at, line[0].path.len);
}

/* SPC-5, 7.7.18: four bytes, the last two the length, then the unit serial number. */
static bool vpd_serial(const struct tree *tree, struct span name, struct span *serial)
{
	const struct tree_line *line = tree_find(tree, BLOCK, name, "device/vpd_pg80");
	struct span text;

	if (!line || line->kind != 'v' || line->content.len < 3 ||
	    (unsigned char)line->content.at[1] != 0x80)
		return false;
	text = (struct span){ line->content.at + 3, line->content.len - 3 };
	if (text.len) {
		text = (struct span){ text.at + 1, text.len - 1 };
	} else { /* ten bytes long: the length reads as a newline */
		if (!same_file(tree, ++line) || line->kind != 'v')
			return false;
		text = line->content;
	}
	while (text.len && !text.at[text.len - 1])
		text.len--;
	*serial = text_trim(text);
	return serial->len > 0;
}

/* SAT-4, 10.4.2 (table 82): "ATA     ", 40 bytes of model, 20 of serial number. */
static bool vpd_ata_model(const struct tree *tree, struct span name, struct span *model)
{
	const struct tree_line *line = tree_find(tree, BLOCK, name, "device/vpd_pg83");

	if (!line)
		return false;
	do {
		const char *at = line->kind == 'v'
					 ? memmem(line->content.at, line->content.len,
						  "ATA     ", 8)
					 : NULL;

		if (at && line->content.at + line->content.len - at >= 68) {
			*model = text_trim((struct span){ at + 8, 40 });
			return model->len > 0;
		}
	} while (same_file(tree, ++line));
	return false;
}

static void put_wwn(json_t *props, const struct tree *tree, struct span name,
		    const char *attribute)
{
	struct span value;
	char text[64];
	int n;

	if (!tree_value(tree, BLOCK, name, attribute, &value))
		return;
	/* NAA 2, 3 and 5 have 8 bytes, NAA 6, of arrays' volumes, 16 (SPC-5, 7.7.6.6). */
	if (text_skip(&value, "naa.") && (value.len == 16 || value.len == 32)) {
		n = snprintf(text, sizeof(text), "0x%.*s", (int)value.len, value.at);
		collect_text(props, "wwn", text, (size_t)n);
	}
}

static void put_identity(json_t *props, const struct tree *tree, struct span name,
			 bool is_ata)
{
	const struct tree_device device = { tree, BLOCK, name };
	struct span value, model, serial;

	/* SCSI's INQUIRY cuts model to 16 bytes and revision to 4: libata's too. */
	if (is_ata && ata_identity(tree, name, &model, &serial)) {
		collect_span(props, "model", model);
		collect_span(props, "serial_number", serial);
	} else {
		if (is_ata && vpd_ata_model(tree, name, &model))
			collect_span(props, "model", model);
		else
			tree_put_text(props, "model", &device, "device/model");
		if (vpd_serial(tree, name, &serial))
			collect_span(props, "serial_number", serial);
		else
			tree_put_text(props, "serial_number", &device, "device/serial");
	}
	tree_put_text(props, "revision", &device, "device/rev");
	/* "ATA" is no maker, and 0x1af4 is virtio's number, not a name. */
	if (!is_ata && tree_value(tree, BLOCK, name, "device/vendor", &value) &&
	    !text_starts(value, "0x"))
		collect_span(props, "manufacturer", value);
	put_wwn(props, tree, name, "wwid");
	put_wwn(props, tree, name, "device/wwid");
}

void disks_put_state(json_t *props, const struct tree *tree, const char *folder,
		     struct span name, const char *attribute)
{
	const struct tree_device device = { tree, folder, name };
	struct span value;

	tree_put_text(props, "device_state", &device, attribute);
	if (tree_value(tree, folder, name, attribute, &value) &&
	    (text_is(value, "running") || text_is(value, "live")))
		json_put(props, "state", json_string("Enabled"));
}

/* Which of Redfish's protocols, where the kernel's word is enough to tell. */
static const char *protocol_of(const char *transport, bool is_ata)
{
	static const struct {
		const char *transport, *protocol;
	} table[] = {
		{ "sas", "SAS" }, { "nvme", "NVMe" },   { "usb", "USB" },
		{ "fc", "FC" },   { "iscsi", "iSCSI" }, { "ata", "SATA" },
	};

	if (is_ata)
		return "SATA";
	for (size_t i = 0; transport && i < ARRAY_LEN(table); i++)
		if (!strcmp(transport, table[i].transport))
			return table[i].protocol;
	return NULL;
}

static void put_place(json_t *props, const struct place *place, bool is_ata)
{
	const char *protocol = protocol_of(place->transport, is_ata);

	if (place->transport)
		json_put(props, "transport", json_string(place->transport));
	if (protocol)
		json_put(props, "protocol", json_string(protocol));
	if (place->hctl.len)
		collect_span(props, "hctl", place->hctl);
	if (place->ata.len)
		collect_span(props, "ata_port", place->ata);
	if (place->pci.len)
		collect_span(props, "controller_pci_address", place->pci);
}

/* The rotational flag is a guess of the kernel's behind virtio, USB or a RAID controller. */
static bool knows_medium(const struct place *place, bool is_ata)
{
	return is_ata || (place->transport && !strcmp(place->transport, "sas"));
}

static void put_flags(json_t *props, const struct tree *tree, struct span name,
		      bool has_medium)
{
	const struct tree_device device = { tree, BLOCK, name };
	struct span value;

	tree_put_flag(props, "removable", &device, "removable");
	tree_put_flag(props, "read_only", &device, "ro");
	tree_put_flag(props, "rotational", &device, "queue/rotational");
	if (has_medium && tree_value(tree, BLOCK, name, "queue/rotational", &value) &&
	    (text_is(value, "0") || text_is(value, "1")))
		json_put(props, "media_type",
			 json_string(text_is(value, "0") ? "SSD" : "HDD"));
}

json_t *disks_props(const struct tree *tree, struct span name, bool is_whole)
{
	struct place place = place_of(tree, name);
	json_t *props;
	struct span value;
	bool is_ata;

	if (place.is_virtual || is_set(tree, name, "hidden"))
		return NULL;
	is_ata = (tree_value(tree, BLOCK, name, "device/vendor", &value) &&
		  text_is(value, "ATA")) ||
		 (place.transport && !strcmp(place.transport, "ata"));
	props = json_object();
	put_identity(props, tree, name, is_ata);
	if (is_whole) {
		disks_put_size(props, tree, name);
		put_flags(props, tree, name, knows_medium(&place, is_ata));
	}
	put_place(props, &place, is_ata);
	disks_put_state(props, tree, BLOCK, name, "device/state");
	tree_errors(tree, BLOCK, name, props);
	storage_check_identity(props);
	return props;
}

static void emit_disk(const struct tree *tree, struct span name, struct output *out)
{
	json_t *props = disks_props(tree, name, true);

	if (props)
		collect_record(out, STORAGE_DRIVES, storage_key(name).text, props);
}

void collect_storage_disks(const struct input *in, const char *instance,
			   struct output *out)
{
	struct tree tree;
	struct span name;
	size_t at = 0;

	(void)instance;
	tree_open(&tree, in, "storage/disks", out);
	while (tree_next(&tree, BLOCK, &at, &name)) {
		struct drive_key key = storage_key(name);
		struct span controller = { key.text, strlen(key.text) };
		size_t first = 0;
		struct span known;

		if (storage_is_virtual(name))
			continue;
		/* A namespace stands in its controller's record, when that is there. */
		if (!text_is(name, key.text) && tree_next(&tree, NVME, &first, &known) &&
		    (tree_find(&tree, NVME, controller, "model") ||
		     tree_find(&tree, NVME, controller, "serial") ||
		     disks_has_path(&tree, name)))
			continue;
		if (text_is(name, key.text))
			emit_disk(&tree, name, out);
		else
			disks_emit_namespaces(&tree, name, &at, out);
	}
	at = 0;
	while (tree_next(&tree, NVME, &at, &name))
		disks_emit_nvme(&tree, name, out);
	tree_close(&tree);
}
