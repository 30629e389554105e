/* storage/lsblk: `lsblk -J -b -d`, whose serial numbers udev read when the machine
 * booted. */
#include "storage.h"

#include <string.h>

#define DEVICES_MAX 100000u /* far above any machine; the loop's bound */

static const struct field lsblk_fields[] = {
	{ "model", "model", FIELD_TEXT },  { "serial_number", "serial", FIELD_TEXT },
	{ "revision", "rev", FIELD_TEXT }, { "hctl", "hctl", FIELD_TEXT },
	{ NULL, NULL, FIELD_TEXT },
};

/* null here says only that udev was not there to be asked: leave it to the other steps.
 */
static void drop_nulls(json_t *props)
{
	for (const struct field *field = lsblk_fields; field->prop; field++)
		if (json_is_null(json_object_get(props, field->prop)))
			(void)json_object_del(props, field->prop);
}

/* lsblk before 2.33 prints flags as strings. */
static void put_flag(json_t *props, const char *prop, const json_t *value)
{
	uint64_t number;

	if (json_is_boolean(value))
		json_put(props, prop, json_boolean(json_is_true(value)));
	else if (!tool_json_u64(value, &number) && number <= 1)
		json_put(props, prop, json_boolean(number));
	else
		tool_json_put_unread(props, prop, value);
}

/* The words of sysfs: "ata" for "sata". A controller's is its fabric (pcie, tcp), not
 * "nvme". */
static void put_transport(json_t *props, const json_t *device, bool is_namespace)
{
	const char *word = json_string_value(json_object_get(device, "tran"));

	if (!word || is_namespace)
		return;
	if (!strcmp(word, "sata"))
		json_put(props, "transport", json_string("ata"));
	else
		collect_json_text(props, "transport", json_object_get(device, "tran"));
}

/* udev's serial number of a USB disk is its bridge's, which has one for all its disks (60-persistent-
 * storage.rules, usb_id): the disk's own stands in VPD page 80h and in what smartctl asks. */
static void leave_bridge(json_t *props)
{
	json_t *serial = json_object_get(props, "serial_number");
	const char *transport = json_string_value(json_object_get(props, "transport"));

	if (!serial || !transport || strcmp(transport, "usb") != 0)
		return;
	json_put(props, "usb_serial_number", json_incref(serial));
	(void)json_object_del(props, "serial_number");
}

static bool is_cut(const json_t *model)
{
	return json_string_length(model) == 16;
}

static void emit_device(const json_t *device, struct output *out)
{
	const char *name = json_string_value(json_object_get(device, "kname"));
	const char *type = json_string_value(json_object_get(device, "type"));
	const char *wwn = json_string_value(json_object_get(device, "wwn"));
	const char *vendor = json_string_value(json_object_get(device, "vendor"));
	const json_t *rota = json_object_get(device, "rota");
	struct span kernel_name;
	struct drive_key key;
	bool is_namespace;
	uint64_t size;
	json_t *props;

	if (!name)
		name = json_string_value(json_object_get(device, "name"));
	if (!name || (type && strcmp(type, "disk") != 0))
		return;
	kernel_name = (struct span){ name, strlen(name) };
	if (storage_is_virtual(kernel_name))
		return;
	key = storage_key(kernel_name);
	is_namespace = !text_is(kernel_name, key.text);
	props = json_object();
	tool_json_fields(props, device, lsblk_fields);
	drop_nulls(props);
	/* Without udev this is INQUIRY's 16 bytes, which libata cuts to fit. */
	if (vendor && is_cut(json_object_get(device, "model")) &&
	    text_is(text_trim((struct span){ vendor, strlen(vendor) }), "ATA"))
		json_object_del(props, "model");
	if (vendor &&
	    !text_is(text_trim((struct span){ vendor, strlen(vendor) }), "ATA") &&
	    strncmp(vendor, "0x", 2) != 0)
		collect_json_text(props, "manufacturer",
				  json_object_get(device, "vendor"));
	/* A controller's size and name are not those of one of its namespaces. */
	if (!is_namespace) {
		const json_t *bytes = json_object_get(device, "size");

		if (!tool_json_u64(bytes, &size))
			json_put(props, "capacity_bytes",
				 size ? collect_integer(size) : json_null());
		else if (bytes)
			tool_json_put_unread(props, "capacity_bytes", bytes);
		if (wwn)
			collect_json_text(props, "wwn", json_object_get(device, "wwn"));
		if (rota)
			put_flag(props, "rotational", rota);
	}
	put_transport(props, device, is_namespace);
	leave_bridge(props);
	storage_check_identity(props);
	collect_json_record(out, STORAGE_DRIVES, key.text, props);
}

void collect_storage_lsblk(const struct input *in, const char *instance,
			   struct output *out)
{
	AUTO_JSON json_t *root = tool_json_load(in, "lsblk", out);
	const json_t *devices = json_object_get(root, "blockdevices");

	(void)instance;
	if (!root)
		return;
	if (!json_is_array(devices)) {
		collect_error(out, "lsblk", "no list \"blockdevices\"");
		return;
	}
	for (size_t i = 0; i < json_array_size(devices) && i < DEVICES_MAX; i++)
		emit_device(json_array_get(devices, i), out);
}
