/* A GPU that no driver speaks for: what PCI tells of it stands in its place. */
#include "merge.h"

#include "record.h"

#include <string.h>

/* PCI Code and ID Assignment 1.15, 1.4 and 1.19. A VGA controller is a GPU where its maker makes GPUs:
 * the others are a BMC's. */
static const struct {
	const char *class_code; /* the prefix that counts */
	const char *vendor_id;  /* NULL: any */
} classes[] = {
	{ "0x0302", NULL }, /* 3D */
	{ "0x0380", NULL }, /* display, other */
	{ "0x1200", NULL }, /* processing accelerator */
	{ "0x0300", "0x10de" }, { "0x0300", "0x1002" }, { "0x0300", "0x8086" },
};

static const char *const identity[] = {
	"manufacturer", "model",     "subsystem_manufacturer", "subsystem_model",
	"vendor_id",    "device_id", "physical_slot",          "driver",
};

static bool is_gpu(const json_t *props)
{
	const char *code = json_string_value(json_object_get(props, "class_code"));
	const char *vendor = json_string_value(json_object_get(props, "vendor_id"));

	/* A virtual function is a share of one. */
	if (!code || !vendor || json_object_get(props, "physical_function"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (!strncmp(code, classes[i].class_code, strlen("0x0300")) &&
		    (!classes[i].vendor_id || !strcmp(vendor, classes[i].vendor_id)))
			return true;
	return false;
}

static json_t *identity_of(const json_t *props)
{
	json_t *copy = json_object();

	for (size_t i = 0; i < ARRAY_LEN(identity); i++) {
		json_t *value = json_object_get(props, identity[i]);

		if (value)
			json_put(copy, identity[i], json_incref(value));
	}
	return copy;
}

void merge_join_gpus(struct merge *merge)
{
	int functions = record_type_find("pcie.devices"), gpus = record_type_find("gpus");
	AUTO_JSON json_t *known = json_object();
	AUTO_JSON json_t *lonely = json_object();
	size_t count = merge->count;

	for (size_t i = 0; i < count; i++)
		if (merge->records[i].type == gpus)
			json_put(known, merge->records[i].key, json_true());
	for (size_t i = 0; i < count; i++) {
		const struct merge_record *record = &merge->records[i];

		if (record->type == functions && is_gpu(record->props) &&
		    !json_object_get(known, record->key))
			json_put(lonely, record->key, json_true());
	}
	for (size_t i = 0; i < count; i++) {
		/* A copy: adding one moves the others. */
		const struct merge_record record = merge->records[i];

		if (record.type == functions && json_object_get(lonely, record.key))
			merge_add(merge, gpus, record.key, identity_of(record.props),
				  record.source, record.job, record.sequence);
	}
}
