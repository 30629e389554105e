/* memory/edac and memory/visible: errors the kernel counted, and what memory it uses. */
#include "tree_props.h"

#define CONTROLLERS "/sys/devices/system/edac/mc"
#define NODES "/sys/devices/system/node"
#define PLACES_MAX 1024u /* DIMMs or ranks of one controller */

static void put_mib(json_t *props, const char *prop, const struct tree_device *device,
		    const char *attribute)
{
	uint64_t mib;

	tree_put_number(props, prop, device, attribute);
	if (tree_number(device, attribute, &mib)) {
		if (mib > INT64_MAX >> 20)
			tree_put_unread(props, prop, device, attribute);
		else
			json_put(props, prop, collect_integer(mib << 20));
	}
}

/* The kernel writes blanks and a line end after the place: "channel 0 slot 1 ". */
static void emit_place(const struct tree_device *place, struct span controller,
		       struct output *out)
{
	AUTO_FREE char *key =
		xasprintf("%.*s/%.*s", (int)(controller.len % 64), controller.at,
			  (int)(place->name.len % 64), place->name.at);
	json_t *props = json_object();

	tree_put_text(props, "label", place, "dimm_label");
	tree_put_text(props, "location", place, "dimm_location");
	put_mib(props, "capacity_bytes", place, "size");
	tree_put_text(props, "memory_type", place, "dimm_mem_type");
	tree_put_text(props, "edac_mode", place, "dimm_edac_mode");
	tree_put_text(props, "device_width", place, "dimm_dev_type");
	tree_put_number(props, "corrected_error_count", place, "dimm_ce_count");
	tree_put_number(props, "uncorrected_error_count", place, "dimm_ue_count");
	tree_errors(place->tree, place->folder, place->name, props);
	collect_record(out, "memory.edac", key, props);
}

/* Where the driver knows no DIMMs it counts by rank. */
static bool is_place(struct span name)
{
	uint64_t number;

	return (text_skip(&name, "dimm") || text_skip(&name, "rank")) &&
	       text_take_u64(&name, &number) && name.len == 0;
}

static void emit_places(const struct tree *tree, struct span controller,
			struct output *out)
{
	AUTO_FREE char *folder = xasprintf("%s/%.*s", CONTROLLERS,
					   (int)(controller.len % 64), controller.at);
	struct tree_device place = { tree, folder, { NULL, 0 } };
	size_t at = 0, count = 0;

	while (count < PLACES_MAX && tree_next(tree, folder, &at, &place.name)) {
		if (!is_place(place.name))
			continue;
		emit_place(&place, controller, out);
		count++;
	}
}

static void emit_controller(const struct tree_device *controller, struct output *out)
{
	json_t *props = json_object();
	char key[64];

	tree_put_text(props, "name", controller, "mc_name");
	put_mib(props, "capacity_bytes", controller, "size_mb");
	tree_put_number(props, "corrected_error_count", controller, "ce_count");
	tree_put_number(props, "uncorrected_error_count", controller, "ue_count");
	tree_put_number(props, "unplaced_corrected_error_count", controller,
			"ce_noinfo_count");
	tree_put_number(props, "unplaced_uncorrected_error_count", controller,
			"ue_noinfo_count");
	tree_put_number(props, "counting_seconds", controller, "seconds_since_reset");
	collect_record(out, "memory.controllers",
		       text_copy(controller->name, key, sizeof(key)), props);
}

void collect_memory_edac(const struct input *in, const char *instance, struct output *out)
{
	struct tree tree;
	struct tree_device controller = { &tree, CONTROLLERS, { NULL, 0 } };
	size_t at = 0;

	(void)instance;
	tree_open(&tree, in, "memory/edac", out);
	while (tree_next(&tree, CONTROLLERS, &at, &controller.name)) {
		if (!text_starts(controller.name, "mc") || controller.name.len >= 64)
			continue;
		emit_controller(&controller, out);
		emit_places(&tree, controller.name, out);
	}
	tree_close(&tree);
}

/* "Node 0 MemTotal:       65860148 kB"; a kB of the kernel's is 1024 bytes. */
static bool total_of(struct span line, uint64_t *bytes)
{
	uint64_t node, kib;

	if (!text_skip(&line, "Node ") || !text_take_u64(&line, &node) ||
	    !text_skip(&line, " MemTotal:"))
		return false;
	line = text_trim(line);
	if (!text_take_u64(&line, &kib) || !text_is(line, " kB") ||
	    kib > INT64_MAX / 1024)
		return false;
	*bytes = 1024 * kib;
	return true;
}

static void take_node(json_t *nodes, const struct tree *tree, struct span name,
		      uint64_t *sum, struct output *out)
{
	const struct tree_line *file = tree_find(tree, NODES, name, "meminfo");
	struct span line, text;
	uint64_t bytes;
	json_t *node;

	if (!file)
		return;
	text = file->content;
	/* It is the file's first line (drivers/base/node.c). */
	if (!tree_value(tree, NODES, name, "meminfo", &line) || !total_of(line, &bytes) ||
	    __builtin_add_overflow(*sum, bytes, sum) || *sum > INT64_MAX) {
		collect_error(out, "memory/visible", "%.*s without MemTotal: %.*s",
			      (int)(name.len % 32), name.at,
			      (int)(text.len < 80 ? text.len : 80), text.at);
		*sum = 0;
		return;
	}
	node = json_object();
	collect_span(node, "node", name);
	json_put(node, "visible_bytes", collect_integer(bytes));
	json_push(nodes, node);
}

void collect_memory_visible(const struct input *in, const char *instance,
			    struct output *out)
{
	struct tree tree;
	struct span name;
	json_t *props = json_object(), *nodes = json_array();
	uint64_t sum = 0;
	size_t at = 0;

	(void)instance;
	tree_open(&tree, in, "memory/visible", out);
	while (tree_next(&tree, NODES, &at, &name))
		take_node(nodes, &tree, name, &sum, out);
	json_put(props, "visible_bytes",
		 sum && !out->unreadable ? collect_integer(sum) : json_null());
	json_put(props, "nodes", nodes);
	if (json_array_size(nodes) > 0)
		collect_record(out, "memory.summary", "memory", props);
	else
		json_decref(props);
	tree_close(&tree);
}
