/* storage/phys: what SAS links counted of their errors (SPL-4, 9.2.9; drivers/scsi/scsi_transport_sas.c). */
#include "storage.h"
#include "tree_props.h"

#include <string.h>

#define PHYS "/sys/class/sas_phy"

/* "12.0 Gbit", or one of sas_linkspeed_names' words for none. */
static void put_rate(json_t *props, const char *prop, const struct tree_device *phy,
		     const char *attribute)
{
	static const char *const none[] = { "Unknown", "Phy disabled", "Link Rate failed",
					    "Spin-up hold" };
	struct span text, rest;
	uint64_t milli;

	if (!tree_text(phy, attribute, &text))
		return;
	rest = text;
	if (text_take_milli(&rest, &milli) && text_is(rest, " Gbit")) {
		json_put(props, prop, collect_milli(milli));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		if (!text_is(text, none[i]))
			continue;
		json_put(props, prop, json_null());
		return;
	}
	collect_unread_span(props, prop, text);
}

static void emit_phy(const struct tree_device *phy, struct output *out)
{
	static const struct {
		const char *prop, *attribute;
	} counters[] = {
		{ "invalid_dword_count", "invalid_dword_count" },
		{ "disparity_error_count", "running_disparity_error_count" },
		{ "loss_of_sync_count", "loss_of_dword_sync_count" },
		{ "reset_problem_count", "phy_reset_problem_count" },
	};
	json_t *props = json_object();
	struct span path, address;
	char key[64];

	tree_put_number(props, "phy_number", phy, "phy_identifier");
	tree_put_text(props, "sas_address", phy, "sas_address");
	tree_put_text(props, "device_type", phy, "device_type");
	tree_put_flag(props, "enabled", phy, "enable");
	put_rate(props, "negotiated_speed_gbps", phy, "negotiated_linkrate");
	put_rate(props, "capable_speed_gbps", phy, "maximum_linkrate_hw");
	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		tree_put_number(props, counters[i].prop, phy, counters[i].attribute);
	if (tree_link(phy->tree, PHYS, phy->name, "", &path) &&
	    tree_pci_address(path, &address))
		collect_span(props, "controller_pci_address", address);
	tree_errors(phy->tree, PHYS, phy->name, props);
	collect_record(out, "storage.phys", text_copy(phy->name, key, sizeof(key)),
		       props);
}

void collect_storage_phys(const struct input *in, const char *instance,
			  struct output *out)
{
	struct tree tree;
	struct tree_device phy = { &tree, PHYS, { NULL, 0 } };
	size_t at = 0;

	(void)instance;
	tree_open(&tree, in, "storage/phys", out);
	while (tree_next(&tree, PHYS, &at, &phy.name))
		if (text_starts(phy.name, "phy-") && phy.name.len < 64)
			emit_phy(&phy, out);
	tree_close(&tree);
}
