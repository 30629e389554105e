/* The document's records, as findings and the parts drawn from them look things up. */
#include "inventory.h"

#include "rules.h"

#include <string.h>

#define PORTS_ABOVE_MAX 16 /* PCIe switches one behind the other */

const json_t *inventory_section_of(const json_t *document, const struct record_type *type)
{
	const json_t *parent =
		type->group ? json_object_get(document, type->group) : document;

	return json_object_get(parent, type->member);
}

const json_t *inventory_section(const json_t *document, const char *type)
{
	int index = record_type_find(type);

	return index < 0 ? NULL : inventory_section_of(document, &record_types[index]);
}

static const char *key_of(const json_t *record)
{
	return json_string_value(json_object_get(record, "key"));
}

json_t *inventory_by_key(const json_t *document, const char *type)
{
	const json_t *list = inventory_section(document, type);
	json_t *index = json_object();

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *record = json_array_get(list, i);
		const char *key = key_of(record);

		if (key)
			json_put(index, key, json_incref(record));
	}
	return index;
}

/* A display controller at rest slows its link, and so do the ports it hangs on. */
static json_t *display_chains(const json_t *list, const json_t *index)
{
	json_t *chains = json_object();

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *device = json_array_get(list, i);
		const char *class = rule_text(device, "class_code"),
			   *key = key_of(device);

		if (!key || !class || strncmp(class, "0x03", 4) != 0)
			continue;
		for (int up = 0; key && up < PORTS_ABOVE_MAX; up++) {
			json_put(chains, key, json_true());
			key = rule_text(json_object_get(index, key), "upstream_port");
		}
	}
	return chains;
}

static bool job_answered(const json_t *document, const char *name)
{
	const json_t *jobs = json_object_get(document, "collectors");

	for (size_t i = 0; i < json_array_size(jobs); i++) {
		const json_t *job = json_array_get(jobs, i);

		if (rule_is(job, "job", name))
			return rule_is(job, "status", "ok") ||
			       rule_is(job, "status", "partial");
	}
	return false;
}

struct inventory inventory_open(const json_t *document)
{
	struct inventory inventory = { .document = document };

	inventory.pcie = inventory_by_key(document, "pcie.devices");
	inventory.displays = display_chains(inventory_section(document, "pcie.devices"),
					    inventory.pcie);
	inventory.gpus = inventory_by_key(document, "gpus");
	inventory.gpus_listed = job_answered(document, "nvidia/smi");
	return inventory;
}

void inventory_close(struct inventory *inventory)
{
	json_decref(inventory->pcie);
	json_decref(inventory->displays);
	json_decref(inventory->gpus);
}
