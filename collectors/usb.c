/* usb/ids and usb/names: every USB device but the root hubs, which are PCI devices. */
#include "placeholder_put.h"
#include "tree_props.h"

#include <string.h>

#define DEVICES "/sys/bus/usb/devices"
/* of one device; USB 2.0, 9.6.5 has a byte for their number */
#define INTERFACES_MAX 64u

static void put_id(json_t *props, const char *prop, const struct tree_device *device,
		   const char *attribute, int digits)
{
	struct span value;
	uint64_t number;
	char text[16];
	int n;

	if (!tree_text(device, attribute, &value))
		return;
	if (text_hex(value, UINT16_MAX, &number)) {
		collect_unread_span(props, prop, value);
		return;
	}
	n = snprintf(text, sizeof(text), "0x%0*x", digits, (unsigned)number);
	json_put(props, prop, json_stringn(text, (size_t)n));
}

/* USB 2.0, 9.6.1 and usb.org's list of class codes. */
static void put_class(json_t *props, const char *prop, const struct tree_device *device,
		      const char *attribute)
{
	static const struct {
		unsigned code;
		const char *name;
	} classes[] = {
		{ 0x01, "Audio" },
		{ 0x02, "Communications" },
		{ 0x03, "HID" },
		{ 0x05, "Physical" },
		{ 0x06, "Image" },
		{ 0x07, "Printer" },
		{ 0x08, "Storage" },
		{ 0x09, "Hub" },
		{ 0x0a, "Data" },
		{ 0x0b, "SmartCard" },
		{ 0x0d, "ContentSecurity" },
		{ 0x0e, "Video" },
		{ 0x0f, "Healthcare" },
		{ 0x10, "AudioVideo" },
		{ 0x11, "Billboard" },
		{ 0xdc, "Diagnostic" },
		{ 0xe0, "Wireless" },
		{ 0xef, "Miscellaneous" },
		{ 0xfe, "Application" },
		{ 0xff, "Vendor" },
	};
	struct span value;
	uint64_t number;

	if (!tree_text(device, attribute, &value) ||
	    text_hex(value, UINT8_MAX, &number) || number == 0)
		return; /* 0: each interface says its own */
	put_id(props, "code", device, attribute, 2);
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (classes[i].code == number)
			json_put(props, prop, json_string(classes[i].name));
}

/* The kernel's name of a device: "1-14.3"; of its interfaces "1-14.3:1.0". */
static bool is_interface(struct span name)
{
	return memchr(name.at, ':', name.len);
}

static bool is_root_hub(struct span name)
{
	return text_starts(name, "usb");
}

static bool belongs(struct span interface, struct span device)
{
	return interface.len > device.len && interface.at[device.len] == ':' &&
	       !memcmp(interface.at, device.at, device.len);
}

static json_t *interfaces_of(const struct tree *tree, struct span device)
{
	struct tree_device interface = { tree, DEVICES, { NULL, 0 } };
	json_t *list = json_array();
	char prefix[64];
	size_t at;

	if (device.len >= sizeof(prefix))
		return list;
	at = tree_seek(tree, DEVICES, text_copy(device, prefix, sizeof(prefix)));
	while (json_array_size(list) < INTERFACES_MAX &&
	       tree_next(tree, DEVICES, &at, &interface.name) &&
	       text_starts(interface.name, prefix)) {
		json_t *entry;

		if (!belongs(interface.name, device))
			continue;
		entry = json_object();
		put_class(entry, "class", &interface, "bInterfaceClass");
		tree_put_driver(entry, &interface, "/sys/bus/usb/drivers");
		json_push(list, entry);
	}
	return list;
}

/* "480" or "1.5": megabits a second, of 10^6. */
static void put_speed(json_t *props, const struct tree_device *device)
{
	struct span value;
	uint64_t milli;

	if (!tree_text(device, "speed", &value))
		return;
	if (text_take_milli(&value, &milli) && value.len == 0)
		json_put(props, "speed_mbps", milli ? collect_milli(milli) : json_null());
	else
		tree_put_unread(props, "speed_mbps", device, "speed");
}

static void emit_device(const struct tree_device *device, struct output *out)
{
	json_t *props = json_object(), *class = json_object();
	struct span path, address;
	char key[64];

	put_id(props, "vendor_id", device, "idVendor", 4);
	put_id(props, "product_id", device, "idProduct", 4);
	put_id(props, "device_release", device, "bcdDevice", 4);
	put_class(class, "class", device, "bDeviceClass");
	if (json_object_get(class, "class"))
		json_put(props, "class", json_incref(json_object_get(class, "class")));
	json_decref(class);
	tree_put_text(props, "usb_version", device, "version");
	put_speed(props, device);
	tree_put_number(props, "bus_number", device, "busnum");
	tree_put_text(props, "removable", device, "removable");
	if (tree_link(device->tree, DEVICES, device->name, "", &path) &&
	    tree_pci_address(path, &address))
		collect_span(props, "controller_pci_address", address);
	json_put(props, "interfaces", interfaces_of(device->tree, device->name));
	tree_errors(device->tree, DEVICES, device->name, props);
	collect_record(out, "usb.devices", text_copy(device->name, key, sizeof(key)),
		       props);
}

static void emit_names(const struct tree_device *device, struct output *out)
{
	static const struct {
		const char *attribute, *prop;
	} names[] = {
		{ "manufacturer", "manufacturer" },
		{ "product", "model" },
		{ "serial", "serial_number" },
	};
	json_t *props = json_object();
	struct span value;
	char key[64];

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (tree_text(device, names[i].attribute, &value))
			placeholder_put(props, names[i].prop, value.at, value.len,
					i == 2 ? PLACEHOLDER_IDENTITY
					       : PLACEHOLDER_WORDS);
	tree_errors(device->tree, DEVICES, device->name, props);
	if (json_object_size(props) > 0)
		collect_record(out, "usb.devices",
			       text_copy(device->name, key, sizeof(key)), props);
	else
		json_decref(props);
}

static void each_device(const struct input *in, const char *where, struct output *out,
			void (*emit)(const struct tree_device *, struct output *))
{
	struct tree tree;
	struct tree_device device = { &tree, DEVICES, { NULL, 0 } };
	size_t at = 0;

	tree_open(&tree, in, where, out);
	while (tree_next(&tree, DEVICES, &at, &device.name))
		if (!is_interface(device.name) && !is_root_hub(device.name))
			emit(&device, out);
	tree_close(&tree);
}

void collect_usb_ids(const struct input *in, const char *instance, struct output *out)
{
	(void)instance;
	each_device(in, "usb/ids", out, emit_device);
}

void collect_usb_names(const struct input *in, const char *instance, struct output *out)
{
	(void)instance;
	each_device(in, "usb/names", out, emit_names);
}
