/* network/infiniband-errors: what ports of RDMA adapters counted of damaged and lost packets (Linux,
 * Documentation/ABI/stable/sysfs-class-infiniband). */
#include "tree_props.h"

#include <string.h>

#define INFINIBAND "/sys/class/infiniband"
#define PORTS_MAX 256u /* a port's number has eight bits */

static const struct {
	const char *prop, *attribute;
} counters[] = {
	{ "symbol_errors", "counters/symbol_error" },
	{ "link_recoveries", "counters/link_error_recovery" },
	{ "link_losses", "counters/link_downed" },
	{ "receive_errors", "counters/port_rcv_errors" },
	{ "receive_remote_errors", "counters/port_rcv_remote_physical_errors" },
	{ "receive_switch_errors", "counters/port_rcv_switch_relay_errors" },
	{ "receive_constraint_errors", "counters/port_rcv_constraint_errors" },
	{ "send_constraint_errors", "counters/port_xmit_constraint_errors" },
	{ "send_discards", "counters/port_xmit_discards" },
	{ "link_integrity_errors", "counters/local_link_integrity_errors" },
	{ "buffer_overruns", "counters/excessive_buffer_overrun_errors" },
	{ "management_drops", "counters/VL15_dropped" },
};

/* Up to Linux 4.12 a driver that cannot count says so here (show_pma_counter). */
static bool counts(const struct tree_device *port, const char *attribute)
{
	struct span value;

	return tree_text(port, attribute, &value) && !text_is(value, "N/A (no PMA)");
}

/* The driver's own, by its names: NVIDIA's mlx5 has most of them. None has an entry where it is 0. */
static void put_hardware(json_t *props, const struct tree_device *port)
{
	static const char *const names[] = {
		"out_of_sequence",
		"packet_seq_err",
		"implied_nak_seq_err",
		"duplicate_request",
		"local_ack_timeout_err",
		"rnr_nak_retry_err",
		"out_of_buffer",
		"rx_icrc_encapsulated",
		"req_cqe_error",
		"resp_cqe_error",
		"req_transport_retries_exceeded",
	};
	json_t *all = json_object();

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_FREE char *attribute = xasprintf("hw_counters/%s", names[i]);
		uint64_t count;

		if (!tree_number(port, attribute, &count) || count > 0)
			tree_put_number(all, names[i], port, attribute);
	}
	if (json_object_size(all) > 0)
		json_put(props, "hardware_counters", all);
	else
		json_decref(all);
}

static json_t *port_of(const struct tree_device *port)
{
	json_t *props = json_object();

	collect_u64(props, "number", port->name);
	for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
		if (counts(port, counters[i].attribute))
			tree_put_number(props, counters[i].prop, port,
					counters[i].attribute);
	}
	put_hardware(props, port);
	tree_errors(port->tree, port->folder, port->name, props);
	return props;
}

void collect_network_infiniband_errors(const struct input *in, const char *instance,
				       struct output *out)
{
	AUTO_FREE char *folder = xasprintf("%s/%.64s/ports", INFINIBAND, instance);
	struct tree tree;
	struct tree_device port = { &tree, folder, { NULL, 0 } };
	json_t *props, *list = json_array();
	size_t at = 0;

	tree_open(&tree, in, "network/infiniband-errors", out);
	while (json_array_size(list) < PORTS_MAX &&
	       tree_next(&tree, folder, &at, &port.name))
		json_push(list, port_of(&port));
	props = json_object();
	json_put(props, "port_errors", list);
	if (json_array_size(list) > 0)
		collect_record(out, "network.infiniband", instance, props);
	else
		json_decref(props);
	tree_close(&tree);
}
