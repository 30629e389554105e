/* network/sysfs, network/link, network/infiniband: what the kernel says of its ports. */
#include "network.h"
#include "tree_props.h"

#include <string.h>

#define NET "/sys/class/net"
#define INFINIBAND "/sys/class/infiniband"
#define PORTS_MAX 256u /* of one adapter: port numbers are bytes (IBA 1.4, 14.2.5.6) */

/* ARPHRD_* of linux/if_arp.h, in Redfish's words (Port.LinkNetworkTechnology). */
static void put_technology(json_t *props, const struct tree_device *device)
{
	uint64_t type;

	if (!tree_number(device, "type", &type))
		tree_put_unread(props, "link_technology", device, "type");
	else if (type == 1)
		json_put(props, "link_technology", json_string("Ethernet"));
	else if (type == 32)
		json_put(props, "link_technology", json_string("InfiniBand"));
	else
		json_put(props, "link_technology", json_null());
}

/* NET_ADDR_* of linux/netdevice.h. */
static void put_address_source(json_t *props, const struct tree_device *device)
{
	static const char *const words[] = { "permanent", "random", "stolen", "set" };
	uint64_t source;

	if (tree_number(device, "addr_assign_type", &source) && source < ARRAY_LEN(words))
		json_put(props, "mac_address_source", json_string(words[source]));
	else
		tree_put_unread(props, "mac_address_source", device, "addr_assign_type");
}

/*
 * /sys/class/net/eth0 -> ../../devices/pci0000:00/0000:00:03.0/virtio0/net/eth0: the
 * last address is the adapter's own, except below USB: there it is the host controller's.
 */
static void put_place(json_t *props, const struct tree_device *device)
{
	struct span path, address;

	tree_put_base(props, "bus", device, "device/subsystem");
	tree_put_base(props, "driver", device, "device/driver");
	tree_put_base(props, "physical_function", device, "device/physfn");
	if (!tree_link(device->tree, device->folder, device->name, "", &path) ||
	    memmem(path.at, path.len, "/usb", 4))
		return;
	if (tree_pci_address(path, &address))
		collect_span(props, "pci_address", address);
}

static void emit_interface(const struct tree_device *device, struct output *out)
{
	json_t *props = json_object();
	struct span alias;
	char key[64];

	tree_put_text(props, "mac_address", device, "address");
	put_address_source(props, device);
	put_technology(props, device);
	tree_put_number(props, "mtu_bytes", device, "mtu");
	tree_put_text(props, "operational_state", device, "operstate");
	tree_put_number(props, "carrier_changes", device, "carrier_changes");
	tree_put_number(props, "device_port", device, "dev_port");
	if (tree_text(device, "ifalias", &alias))
		collect_span(props, "alias", alias);
	tree_put_number(props, "numa_node", device, "device/numa_node");
	put_place(props, device);
	tree_errors(device->tree, device->folder, device->name, props);
	collect_record(out, NETWORK_INTERFACES, text_copy(device->name, key, sizeof(key)),
		       props);
}

/* No device behind it: a bridge, a bond, a VLAN, one end of a pair, lo. */
static bool is_virtual(const struct tree_device *device)
{
	struct span target;

	return !tree_link(device->tree, device->folder, device->name, "device", &target);
}

void collect_network_sysfs(const struct input *in, const char *instance,
			   struct output *out)
{
	struct tree tree;
	struct tree_device device = { &tree, NET, { NULL, 0 } };
	size_t at = 0;

	(void)instance;
	tree_open(&tree, in, "network/sysfs", out);
	while (tree_next(&tree, NET, &at, &device.name))
		if (!is_virtual(&device))
			emit_interface(&device, out);
	tree_close(&tree);
}

/*
 * A driver that does not know the speed knows no duplex either: cdc_ether leaves "half", which is 0
 * (drivers/net/usb/usbnet.c, usbnet_get_link_ksettings_internal; linux/ethtool.h, DUPLEX_HALF).
 */
void network_doubt_duplex(json_t *props)
{
	if (json_object_get(props, "full_duplex") &&
	    !json_is_number(json_object_get(props, "speed_gbps")))
		json_put(props, "full_duplex", json_null());
}

/* "unknown" and -1 while there is no link; EINVAL while the interface is down. */
static void put_link(json_t *props, const struct tree_device *device)
{
	uint64_t carrier, speed;
	struct span value;

	if (tree_number(device, "carrier", &carrier))
		json_put(props, "link_status",
			 json_string(carrier ? "LinkUp" : "NoLink"));
	else
		tree_put_unread(props, "link_status", device, "carrier");
	if (tree_number(device, "speed", &speed))
		json_put(props, "speed_gbps",
			 speed && speed < UINT32_MAX ? collect_milli(speed)
						     : json_null());
	else if (tree_text(device, "speed", &value))
		collect_unread_span(props, "speed_gbps", value);
	if (!tree_text(device, "duplex", &value))
		;
	else if (text_is(value, "full") || text_is(value, "half"))
		json_put(props, "full_duplex", json_boolean(text_is(value, "full")));
	else
		collect_unread_span(props, "full_duplex", value);
	network_doubt_duplex(props);
	if (tree_text(device, "phys_port_name", &value))
		collect_span(props, "port_name", value);
	if (tree_text(device, "phys_port_id", &value))
		collect_span(props, "port_id", value);
	if (tree_text(device, "phys_switch_id", &value))
		collect_span(props, "switch_id", value);
}

void collect_network_link(const struct input *in, const char *instance,
			  struct output *out)
{
	struct tree tree;
	struct tree_device device = { &tree, NET, { instance, strlen(instance) } };

	tree_open(&tree, in, "network/link", out);
	if (!is_virtual(&device)) {
		json_t *props = json_object();

		put_link(props, &device);
		tree_errors(&tree, NET, device.name, props);
		collect_record(out, NETWORK_INTERFACES, instance, props);
	}
	tree_close(&tree);
}

/* "4: ACTIVE": the number is the standard's, the word the kernel's. */
static void put_word(json_t *props, const char *prop, const struct tree_device *device,
		     const char *attribute)
{
	struct span value, number;

	if (!tree_text(device, attribute, &value))
		return;
	if (memchr(value.at, ':', value.len))
		(void)text_cut(&value, ':', &number);
	collect_span(props, prop, value);
}

/* "100 Gb/sec (4X EDR)" */
static void put_rate(json_t *props, const struct tree_device *device)
{
	struct span value;
	uint64_t milli;

	if (!tree_text(device, "rate", &value))
		return;
	if (text_take_milli(&value, &milli) && text_skip(&value, " Gb/sec"))
		json_put(props, "speed_gbps", milli ? collect_milli(milli) : json_null());
	else
		tree_put_unread(props, "speed_gbps", device, "rate");
	value = text_trim(value);
	if (text_skip(&value, "(") && text_ends(value, ")"))
		collect_span(props, "speed_name",
			     (struct span){ value.at, value.len - 1 });
}

static json_t *port_of(const struct tree_device *port)
{
	json_t *props = json_object();

	collect_u64(props, "number", port->name);
	put_word(props, "state", port, "state");
	put_word(props, "physical_state", port, "phys_state");
	put_rate(props, port);
	tree_put_text(props, "link_layer", port, "link_layer");
	tree_put_text(props, "lid", port, "lid");
	return props;
}

static json_t *ports_of(const struct tree *tree, const char *instance)
{
	AUTO_FREE char *folder = xasprintf("%s/%.64s/ports", INFINIBAND, instance);
	struct tree_device port = { tree, folder, { NULL, 0 } };
	json_t *list = json_array();
	size_t at = 0;

	while (json_array_size(list) < PORTS_MAX &&
	       tree_next(tree, folder, &at, &port.name))
		json_push(list, port_of(&port));
	return list;
}

void collect_network_infiniband(const struct input *in, const char *instance,
				struct output *out)
{
	struct tree tree;
	struct tree_device device = { &tree, INFINIBAND, { instance, strlen(instance) } };
	struct span path, address;
	json_t *props = json_object();

	tree_open(&tree, in, "network/infiniband", out);
	put_word(props, "node_type", &device, "node_type");
	tree_put_text(props, "node_guid", &device, "node_guid");
	tree_put_text(props, "system_image_guid", &device, "sys_image_guid");
	tree_put_text(props, "firmware_version", &device, "fw_ver");
	tree_put_text(props, "hardware_revision", &device, "hw_rev");
	tree_put_text(props, "hca_type", &device, "hca_type");
	tree_put_text(props, "board_id", &device, "board_id");
	tree_put_text(props, "description", &device, "node_desc");
	tree_put_base(props, "driver", &device, "device/driver");
	if (tree_link(&tree, INFINIBAND, device.name, "device", &path) &&
	    tree_pci_address(path, &address))
		collect_span(props, "pci_address", address);
	json_put(props, "ports", ports_of(&tree, instance));
	tree_errors(&tree, INFINIBAND, device.name, props);
	if (tree.count > 0)
		collect_record(out, "network.infiniband", instance, props);
	else
		json_decref(props);
	tree_close(&tree);
}
