/* pcie/lspci and pcie/sysfs: every PCI function, by its full address. */
#include "text.h"
#include "tree_props.h"

#include <string.h>

#define PCIE_DEVICES "pcie.devices"
#define DEVICES "/sys/bus/pci/devices"
#define ERROR_KINDS_MAX 64u /* lines of one aer_dev_ file */

/* Reads of a card that fell off the bus give all ones: no real card has these. */
static void put_lost(json_t *props, const char *why)
{
	json_put(props, "health", json_string("Critical"));
	json_put(props, "health_reason", json_string(why));
}

/* "0x8086" from any of 8086, 0x8086; null when it is no hexadecimal number. */
static void put_hex(json_t *props, const char *prop, struct span value, unsigned digits)
{
	uint64_t number;
	char text[24];
	int n;

	if (text_hex(text_trim(value), UINT32_MAX, &number)) {
		collect_unread_span(props, prop, value);
		return;
	}
	n = snprintf(text, sizeof(text), "0x%0*llx", (int)digits,
		     (unsigned long long)number);
	json_put(props, prop, json_stringn(text, (size_t)n));
}

static void put_module(json_t *props, struct span value)
{
	AUTO_JSON json_t *one = json_object();

	if (!json_object_get(props, "kernel_modules"))
		json_put(props, "kernel_modules", json_array());
	collect_span(one, "name", value);
	json_push(json_object_get(props, "kernel_modules"),
		  json_incref(json_object_get(one, "name")));
}

/* lspci(8), MACHINE READABLE OUTPUT. Unknown tags are to be ignored. */
static void put_tag(json_t *props, struct span tag, struct span value)
{
	static const struct {
		const char *tag, *prop;
	} texts[] = {
		{ "Class", "class" },
		{ "Vendor", "manufacturer" },
		{ "Device", "model" },
		{ "SVendor", "subsystem_manufacturer" },
		{ "SDevice", "subsystem_model" },
		{ "PhySlot", "physical_slot" },
		{ "Driver", "driver" },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (text_is(tag, texts[i].tag))
			collect_span(props, texts[i].prop, value);
	if (text_is(tag, "Rev"))
		put_hex(props, "revision_id", value, 2);
	else if (text_is(tag, "ProgIf"))
		put_hex(props, "programming_interface", value, 2);
	else if (text_is(tag, "NUMANode"))
		collect_u64(props, "numa_node", value);
	else if (text_is(tag, "IOMMUGroup"))
		collect_u64(props, "iommu_group", value);
	else if (text_is(tag, "Module"))
		put_module(props, value);
}

static bool all_ones(const json_t *props, const char *prop, const char *ones)
{
	const char *text = json_string_value(json_object_get(props, prop));

	return text && !strcmp(text, ones);
}

static void emit_lspci(struct span slot, json_t *props, struct output *out)
{
	char key[32];

	if (all_ones(props, "revision_id", "0xff") &&
	    all_ones(props, "programming_interface", "0xff"))
		put_lost(props, "configuration space reads all ones");
	collect_record(out, PCIE_DEVICES, text_copy(slot, key, sizeof(key)), props);
}

void collect_pcie_lspci(const struct input *in, const char *instance, struct output *out)
{
	struct span rest = { in->text, in->len }, line, tag, slot = { "", 0 };
	json_t *props = NULL;
	size_t bad = 0, cut = 0;

	(void)instance;
	while (text_line(&rest, &line)) {
		if (rest.len == 0 && in->text[in->len - 1] != '\n') {
			collect_error(out, "lspci", "the input ends inside a line");
			break;
		}
		if (text_trim(line).len == 0) { /* ends each record */
			if (props)
				emit_lspci(slot, props, out);
			props = NULL;
			continue;
		}
		if (!text_cut(&line, ':', &tag) || tag.at[tag.len] != ':') {
			bad++;
			continue;
		}
		line = text_trim(line);
		/* Before "Slot" there is an older "Device:" tag in -vm, which is not
		 * asked for. */
		if (text_is(tag, "Slot")) {
			cut += props != NULL;
			json_decref(props);
			slot = line;
			props = tree_is_pci_address(slot) ? json_object() : NULL;
			bad += !props;
		} else if (props) {
			put_tag(props, tag, line);
		}
	}
	cut += props != NULL;
	json_decref(props);
	if (cut)
		collect_error(out, "lspci", "%zu records have no end and are left out",
			      cut);
	if (bad)
		collect_error(out, "lspci", "%zu lines are not lspci -vmm -D output",
			      bad);
}

static void put_id(json_t *props, const char *prop, const struct tree *tree,
		   struct span name, const char *attribute, unsigned digits)
{
	struct span value = { "", 0 };

	if (!tree_find(tree, DEVICES, name, attribute))
		return;
	(void)tree_value(tree, DEVICES, name, attribute, &value);
	put_hex(props, prop, value, digits);
}

/* "8.0 GT/s PCIe", "2.5 GT/s"; "Unknown" without a link. */
static void put_speed(json_t *props, const char *prop, const struct tree *tree,
		      struct span name, const char *attribute)
{
	struct span value = { "", 0 }, rest;
	uint64_t milli;

	if (!tree_find(tree, DEVICES, name, attribute))
		return;
	(void)tree_value(tree, DEVICES, name, attribute, &value);
	rest = value;
	if (text_take_milli(&rest, &milli) && text_starts(rest, " GT/s"))
		json_put(props, prop, collect_milli(milli));
	else if (text_starts(value, "Unknown"))
		json_put(props, prop, json_null());
	else
		collect_unread_span(props, prop, value);
}

/* 0 and 255 are what pciehp and a missing capability leave there: PCIe 6.0, 7.5.3.6 has
 * 1-32. */
static void put_width(json_t *props, const char *prop, const struct tree *tree,
		      struct span name, const char *attribute)
{
	struct span value = { "", 0 };
	uint64_t lanes;

	if (!tree_find(tree, DEVICES, name, attribute))
		return;
	(void)tree_value(tree, DEVICES, name, attribute, &value);
	if (text_u64(value, &lanes))
		collect_unread_span(props, prop, value);
	else if (lanes == 0 || lanes == 255)
		json_put(props, prop, json_null());
	else
		json_put(props, prop, collect_integer(lanes));
}

/* ../../../devices/pci0000:3a/0000:3a:00.0/0000:3b:00.0: the bridge above comes before.
 */
static void put_upstream(json_t *props, struct span path)
{
	struct span part, above = { NULL, 0 }, last = above;

	while (text_cut(&path, '/', &part)) {
		if (!tree_is_pci_address(part))
			continue;
		above = last;
		last = part;
	}
	if (above.len)
		collect_span(props, "upstream_port", above);
}

static void put_links(json_t *props, const struct tree *tree, struct span name)
{
	struct span target;

	if (tree_link(tree, DEVICES, name, "iommu_group", &target))
		collect_u64(props, "iommu_group", tree_base(target));
	if (tree_link(tree, DEVICES, name, "physfn", &target))
		collect_span(props, "physical_function", tree_base(target));
	if (tree_link(tree, DEVICES, name, "", &target))
		put_upstream(props, target);
}

/* "BadTLP 3" for each kind of error, and "TOTAL_ERR_COR 3": PCIe 6.0, 7.8.4. */
static void put_errors_of(json_t *props, json_t *kinds, const struct tree *tree,
			  struct span name, const char *attribute, const char *total)
{
	const struct tree_line *line = tree_find(tree, DEVICES, name, attribute);
	struct span path = line ? line->path : name;

	for (unsigned i = 0; line && i < ERROR_KINDS_MAX; i++, line++) {
		struct span value, kind;
		char key[32];
		uint64_t count;

		if (line == tree->lines + tree->count || line->path.len != path.len ||
		    memcmp(line->path.at, path.at, path.len) != 0)
			break;
		value = line->content;
		if (line->kind != 'v')
			continue;
		if (!text_cut(&value, ' ', &kind) || text_u64(text_trim(value), &count)) {
			collect_unread_span(props, total, line->content);
			continue;
		}
		if (text_starts(kind, "TOTAL_ERR_")) /* the last line */
			json_put(props, total, collect_integer(count));
		else if (kind.len >= sizeof(key) ||
			 !json_text_is_clean(kind.at, kind.len))
			collect_unread_span(props, total, line->content);
		else if (count)
			json_put(kinds, text_copy(kind, key, sizeof(key)),
				 collect_integer(count));
	}
}

static void put_errors(json_t *props, const struct tree *tree, struct span name)
{
	json_t *kinds = json_object();

	put_errors_of(props, kinds, tree, name, "aer_dev_correctable",
		      "aer_correctable_count");
	put_errors_of(props, kinds, tree, name, "aer_dev_nonfatal", "aer_nonfatal_count");
	put_errors_of(props, kinds, tree, name, "aer_dev_fatal", "aer_fatal_count");
	if (json_object_size(kinds) > 0)
		json_put(props, "aer_errors", kinds);
	else
		json_decref(kinds);
}

static void put_sysfs_health(json_t *props, const struct tree *tree, struct span name)
{
	struct span value;

	if (all_ones(props, "vendor_id", "0xffff"))
		put_lost(props, "the vendor id reads all ones");
	/* The kernel keeps the ids; the link's state it reads: six bits of ones are 63
	 * lanes. */
	else if (tree_value(tree, DEVICES, name, "current_link_width", &value) &&
		 text_is(value, "63"))
		put_lost(props, "the link status reads all ones");
}

static void emit_sysfs(const struct tree *tree, struct span name, struct output *out)
{
	const struct tree_device device = { tree, DEVICES, name };
	json_t *props = json_object();
	uint64_t users;
	char key[32];

	put_id(props, "vendor_id", tree, name, "vendor", 4);
	put_id(props, "device_id", tree, name, "device", 4);
	put_id(props, "subsystem_vendor_id", tree, name, "subsystem_vendor", 4);
	put_id(props, "subsystem_id", tree, name, "subsystem_device", 4);
	put_id(props, "class_code", tree, name, "class", 6);
	put_id(props, "revision_id", tree, name, "revision", 2);
	/* -1, no node, is no number: null. */
	tree_put_number(props, "numa_node", &device, "numa_node");
	tree_put_number(props, "sriov_vfs", &device, "sriov_numvfs");
	tree_put_number(props, "sriov_total_vfs", &device, "sriov_totalvfs");
	put_speed(props, "link_speed_gtps", tree, name, "current_link_speed");
	put_speed(props, "max_link_speed_gtps", tree, name, "max_link_speed");
	put_width(props, "link_width_lanes", tree, name, "current_link_width");
	put_width(props, "max_link_width_lanes", tree, name, "max_link_width");
	if (tree_number(&device, "enable", &users)) /* how often it was enabled */
		json_put(props, "enabled", json_boolean(users > 0));
	else
		tree_put_unread(props, "enabled", &device, "enable");
	tree_put_driver(props, &device, "/sys/bus/pci/drivers");
	put_links(props, tree, name);
	put_errors(props, tree, name);
	put_sysfs_health(props, tree, name);
	tree_errors(tree, DEVICES, name, props);
	collect_record(out, PCIE_DEVICES, text_copy(name, key, sizeof(key)), props);
}

void collect_pcie_sysfs(const struct input *in, const char *instance, struct output *out)
{
	struct tree tree;
	struct span name;
	size_t at = 0, bad = 0;

	(void)instance;
	tree_open(&tree, in, "pcie/sysfs", out);
	while (tree_next(&tree, DEVICES, &at, &name)) {
		if (tree_is_pci_address(name))
			emit_sysfs(&tree, name, out);
		else
			bad++;
	}
	if (bad)
		collect_error(out, "pcie/sysfs", "%zu names are no PCI addresses", bad);
	tree_close(&tree);
}
