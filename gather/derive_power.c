/* Power supplies: what firmware lists without knowing of any, and what a running machine disproves.
 */
#include "derive.h"

#include "rules.h"

#include <string.h>

#define SUPPLIES "power_supplies"

static bool is_of_firmware(const json_t *supply)
{
	const json_t *src = json_object_get(supply, "src");
	const char *first = json_string_value(json_array_get(src, 0));

	return json_array_size(src) == 1 && first && !strcmp(first, "psu/dmi");
}

/*
 * Boards without a bus to their supplies ship type 39 as the firmware's vendor wrote it, with
 * "Present" or "Not Present" alike: a record in which nobody filled in anything tells of none.
 */
static bool tells_something(const json_t *supply)
{
	static const char *const texts[] = { "name",         "model",
					     "manufacturer", "serial_number",
					     "part_number",  "asset_tag" };
	double watts;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (rule_text(supply, texts[i]))
			return true;
	return rule_number(supply, "power_capacity_watts", &watts) && watts > 0;
}

/* Where all have failed, or one has of which nobody else tells, the machine would be off. */
static bool all_have_failed(const json_t *supplies)
{
	unsigned failed = 0;
	bool firmware = true;

	for (size_t i = 0; i < json_array_size(supplies); i++) {
		const json_t *supply = json_array_get(supplies, i);

		if (rule_is_absent(supply))
			continue;
		if (!rule_is(supply, "health", "Critical"))
			return false;
		failed++;
		firmware = firmware && is_of_firmware(supply);
	}
	return failed > 1 || (failed == 1 && firmware);
}

static void doubt(json_t *supplies)
{
	for (size_t i = 0; i < json_array_size(supplies); i++) {
		json_t *supply = json_array_get(supplies, i);

		if (rule_is_absent(supply))
			continue;
		json_put(supply, "health_doubted", json_string("Critical"));
		json_put(supply, "health", json_null());
	}
}

/* The firmware's list is worth nothing when it has no supply that could feed the machine. */
static bool has_any_present(const json_t *supplies)
{
	for (size_t i = 0; i < json_array_size(supplies); i++) {
		const json_t *supply = json_array_get(supplies, i);

		if (!is_of_firmware(supply) ||
		    (!rule_is_absent(supply) && tells_something(supply)))
			return true;
	}
	return false;
}

static json_t *firmware_list(json_t *document)
{
	json_t *smbios = json_object_get(document, "smbios"), *list;

	if (!smbios) {
		smbios = json_object();
		json_put(document, "smbios", smbios);
	}
	list = json_object_get(smbios, SUPPLIES);
	if (!list) {
		list = json_array();
		json_put(smbios, SUPPLIES, list);
	}
	return list;
}

void derive_power(json_t *document)
{
	json_t *supplies = json_object_get(document, SUPPLIES), *supply, *told;
	bool any = has_any_present(supplies);
	size_t i;

	if (!json_is_array(supplies))
		return;
	if (all_have_failed(supplies))
		doubt(supplies);
	told = json_array();
	json_array_foreach(supplies, i, supply)
	{
		bool keep = !is_of_firmware(supply) || (any && tells_something(supply));

		json_push(keep ? told : firmware_list(document), json_incref(supply));
	}
	json_put(document, SUPPLIES, told);
}
