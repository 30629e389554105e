/* tpm/sysfs: the machine's TPM. */
#include "tree_props.h"

#define TPM "/sys/class/tpm"

static void put_tpm(json_t *props, const struct tree_device *tpm)
{
	uint64_t major;

	collect_span(props, "name", tpm->name);
	if (tree_number(tpm, "tpm_version_major", &major))
		json_put(props, "version",
			 major == 2   ? json_string("2.0")
			 : major == 1 ? json_string("1.2")
				      : json_null());
	tree_put_text(props, "description", tpm, "device/description");
	tree_put_base(props, "driver", tpm, "device/driver");
	tree_put_base(props, "device", tpm, "device");
	tree_errors(tpm->tree, TPM, tpm->name, props);
}

void collect_tpm_sysfs(const struct input *in, const char *instance, struct output *out)
{
	struct tree tree;
	struct tree_device tpm = { &tree, TPM, { NULL, 0 } };
	json_t *props = json_object(), *more = json_array();
	size_t at = 0;

	(void)instance;
	tree_open(&tree, in, "tpm/sysfs", out);
	while (tree_next(&tree, TPM, &at, &tpm.name)) {
		if (!text_starts(tpm.name, "tpm"))
			continue;
		if (json_object_size(props) == 0)
			put_tpm(props, &tpm);
		else
			json_push(more, json_text(tpm.name.at, tpm.name.len, NULL));
	}
	if (json_array_size(more) > 0)
		json_put(props, "others", json_incref(more));
	json_decref(more);
	if (json_object_size(props) > 0)
		collect_record(out, "tpm", "tpm", props);
	else
		json_decref(props);
	tree_close(&tree);
}
