/* board/platform: devices that no bus told the kernel of, and what drives them. */
#include "tree_props.h"

#define DEVICES "/sys/bus/platform/devices"

void collect_board_platform(const struct input *in, const char *instance,
			    struct output *out)
{
	struct tree tree;
	struct tree_device device = { &tree, DEVICES, { NULL, 0 } };
	char key[256];
	size_t at = 0, bad = 0;

	(void)instance;
	tree_open(&tree, in, "board/platform", out);
	while (tree_next(&tree, DEVICES, &at, &device.name)) {
		json_t *props = json_object();

		if (device.name.len >= sizeof(key)) {
			bad++;
			json_decref(props);
			continue;
		}
		tree_put_driver(props, &device, "/sys/bus/platform/drivers");
		tree_errors(&tree, DEVICES, device.name, props);
		collect_record(out, "platform.devices",
			       text_copy(device.name, key, sizeof(key)), props);
	}
	if (bad)
		collect_error(out, "board/platform", "%zu names are too long", bad);
	tree_close(&tree);
}
