/* storage/disks: NVMe's namespaces, which stand in their controller's record. */
#include "storage_disks.h"

#include <string.h>

/* The name of the namespace that carries the data: nvme0n1 for its path nvme0c1n1. */
static void head_name(struct span name, char *text, size_t size)
{
	struct span rest = name;
	uint64_t subsystem, path;

	text_copy(name, text, size);
	if (text_skip(&rest, "nvme") && text_take_u64(&rest, &subsystem) &&
	    text_skip(&rest, "c") && text_take_u64(&rest, &path))
		(void)snprintf(text, size, "nvme%llu%.*s", (unsigned long long)subsystem,
			       (int)rest.len, rest.at);
}

bool disks_has_path(const struct tree *tree, struct span head)
{
	struct span name, rest = head;
	uint64_t subsystem;
	char prefix[32], text[64];
	size_t at;

	if (!text_skip(&rest, "nvme") || !text_take_u64(&rest, &subsystem))
		return false;
	(void)snprintf(prefix, sizeof(prefix), "nvme%lluc",
		       (unsigned long long)subsystem);
	at = tree_seek(tree, BLOCK, prefix);
	while (tree_next(tree, BLOCK, &at, &name) && text_starts(name, prefix)) {
		head_name(name, text, sizeof(text));
		if (text_is(head, text))
			return true;
	}
	return false;
}

static json_t *namespace_of(const struct tree *tree, struct span head)
{
	const struct tree_device device = { tree, BLOCK, head };
	json_t *space = json_object();

	collect_span(space, "name", head);
	disks_put_size(space, tree, head);
	tree_put_flag(space, "read_only", &device, "ro");
	tree_put_text(space, "wwid", &device, "wwid");
	return space;
}

/* The namespaces of `controller`, and their size together in *bytes. */
static json_t *namespaces_of(const struct tree *tree, struct span controller,
			     uint64_t *bytes)
{
	json_t *list = json_array();
	struct span name;
	size_t at = tree_seek(tree, BLOCK, "nvme");

	*bytes = 0;
	while (tree_next(tree, BLOCK, &at, &name) && text_starts(name, "nvme")) {
		struct drive_key key = storage_key(name);
		char text[64];
		struct span head;
		uint64_t one;

		if (!text_is(controller, key.text))
			continue;
		head_name(name, text, sizeof(text));
		head = (struct span){ text, strlen(text) };
		/* A shared namespace belongs to the controllers of its paths. */
		if (text_is(name, text) && disks_has_path(tree, name))
			continue;
		if (disks_size(tree, head, &one) &&
		    __builtin_add_overflow(*bytes, one, bytes))
			*bytes = 0;
		json_push(list, namespace_of(tree, head));
	}
	return list;
}

void disks_emit_namespaces(const struct tree *tree, struct span first, size_t *at,
			   struct output *out)
{
	const struct drive_key key = storage_key(first);
	json_t *list = json_array(), *props = NULL;
	uint64_t bytes = 0, one;
	struct span name = first;
	size_t next = *at;

	do {
		json_t *of_this = disks_props(tree, name, false);

		*at = next;
		if (!of_this)
			continue;
		if (props)
			json_decref(of_this);
		else
			props = of_this;
		if (disks_size(tree, name, &one) &&
		    __builtin_add_overflow(bytes, one, &bytes))
			bytes = 0;
		json_push(list, namespace_of(tree, name));
	} while (tree_next(tree, BLOCK, &next, &name) &&
		 !strcmp(storage_key(name).text, key.text));
	if (!props) {
		json_decref(list);
		return;
	}
	json_put(props, "media_type", json_string("SSD"));
	json_put(props, "namespaces", list);
	if (bytes)
		json_put(props, "capacity_bytes", collect_integer(bytes));
	collect_record(out, STORAGE_DRIVES, key.text, props);
}

static void put_nvme_identity(json_t *props, const struct tree *tree, struct span name)
{
	const struct tree_device device = { tree, NVME, name };
	struct span transport, address, numa;

	tree_put_text(props, "model", &device, "model");
	tree_put_text(props, "serial_number", &device, "serial");
	tree_put_text(props, "firmware_version", &device, "firmware_rev");
	tree_put_text(props, "subsystem_nqn", &device, "subsysnqn");
	tree_put_number(props, "controller_id", &device, "cntlid");
	if (tree_value(tree, NVME, name, "numa_node", &numa))
		collect_u64(props, "numa_node", numa); /* -1 is no number: null */
	json_put(props, "protocol", json_string("NVMe"));
	json_put(props, "media_type", json_string("SSD"));
	if (!tree_value(tree, NVME, name, "transport", &transport))
		return;
	collect_span(props, "transport", transport);
	if (tree_value(tree, NVME, name, "address", &address))
		collect_span(props,
			     text_is(transport, "pcie") ? "controller_pci_address"
							: "transport_address",
			     address);
}

void disks_emit_nvme(const struct tree *tree, struct span name, struct output *out)
{
	struct drive_key key = storage_key(name);
	json_t *props = json_object();
	uint64_t bytes;

	put_nvme_identity(props, tree, name);
	json_put(props, "namespaces", namespaces_of(tree, name, &bytes));
	if (bytes)
		json_put(props, "capacity_bytes", collect_integer(bytes));
	disks_put_state(props, tree, NVME, name, "state");
	tree_errors(tree, NVME, name, props);
	storage_check_identity(props);
	collect_record(out, STORAGE_DRIVES, key.text, props);
}
