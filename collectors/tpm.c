/* tpm/sysfs: the machine's TPM. */
#include "tree_props.h"

#define TPM "/sys/class/tpm"

static void put_tpm(json_t *props, const struct tree_device *tpm)
{
	struct span description = { "", 0 };
	uint64_t major;

	collect_span(props, "name", tpm->name);
	(void)tree_text(tpm, "device/description", &description);
	if (tree_number(tpm, "tpm_version_major", &major) && (major == 1 || major == 2))
		json_put(props, "version", json_string(major == 2 ? "2.0" : "1.2"));
	else if (tree_find(tpm->tree, TPM, tpm->name, "tpm_version_major"))
		tree_put_unread(props, "version", tpm, "tpm_version_major");
	/* Linux before 5.6 has no such file; firmware has the words (ACPI 6.4, 6.1.10, _STR). */
	else if (text_starts(description, "TPM 2.0"))
		json_put(props, "version", json_string("2.0"));
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
