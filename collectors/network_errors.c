/* network/errors: what the driver counted of damaged frames (Documentation/networking/statistics.rst). */
#include "network.h"
#include "tree_props.h"

#include <string.h>

#define NET "/sys/class/net"

void collect_network_errors(const struct input *in, const char *instance,
			    struct output *out)
{
	static const struct {
		const char *prop, *attribute;
	} counters[] = {
		{ "received_packets", "statistics/rx_packets" },
		{ "sent_packets", "statistics/tx_packets" },
		{ "receive_errors", "statistics/rx_errors" },
		{ "receive_crc_errors", "statistics/rx_crc_errors" },
		{ "receive_frame_errors", "statistics/rx_frame_errors" },
		{ "receive_length_errors", "statistics/rx_length_errors" },
		{ "receive_missed_errors", "statistics/rx_missed_errors" },
		{ "receive_fifo_errors", "statistics/rx_fifo_errors" },
		{ "send_errors", "statistics/tx_errors" },
		{ "send_carrier_errors", "statistics/tx_carrier_errors" },
	};
	struct tree tree;
	struct tree_device device = { &tree, NET, { instance, strlen(instance) } };
	json_t *props = json_object();
	struct span path;

	tree_open(&tree, in, "network/errors", out);
	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		tree_put_number(props, counters[i].prop, &device, counters[i].attribute);
	/* No device behind it: a bridge, a bond, lo. */
	if (json_object_size(props) > 0 &&
	    tree_link(&tree, NET, device.name, "device", &path))
		collect_record(out, NETWORK_INTERFACES, instance, props);
	else
		json_decref(props);
	tree_close(&tree);
}
