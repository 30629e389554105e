/* What only ATA drives have in smartctl's JSON: attributes by id, statistics, logs. */
#include "quantity.h"
#include "storage.h"

#include <string.h>

#define TABLE_MAX 256 /* SMART has 30 attributes, a statistics page some 60 values */

/*
 * Vendors reuse attribute ids, so the name of smartctl's drive database must agree: 197
 * is Current_Pending_Sector on most drives and ECC_Error_Count on some.
 */
static const struct {
	const char *part; /* of the name */
	const char *prop;
	unsigned id;
} attributes[] = {
	{ "Reallocat", "reallocated_sector_count", 5 },
	{ "Retired_Block", "reallocated_sector_count", 5 },
	{ "Pending", "pending_sector_count", 197 },
	{ "Uncorrect", "uncorrectable_sector_count", 198 },
	{ "Uncorrect", "reported_uncorrectable_errors", 187 },
	{ "Start_Stop", "start_stop_cycles", 4 },
	{ "Load_Cycle", "load_unload_cycles", 193 },
	{ "CRC", "interface_crc_errors", 199 },
	{ "CRC", "interface_crc_errors", 218 },
};

static const struct {
	unsigned page;
	const char *name;
	const char *prop;
} statistics[] = {
	/* ACS-4, 9.5 */
	{ 3, "Number of Reallocated Logical Sectors", "reallocated_sector_count" },
	{ 3, "Number of Realloc. Candidate Logical Sectors", "pending_sector_count" },
	{ 3, "Head Load Events", "load_unload_cycles" },
	{ 4, "Number of Reported Uncorrectable Errors", "reported_uncorrectable_errors" },
	{ 6, "Number of Interface CRC Errors", "interface_crc_errors" },
};

/*
 * raw.value holds 48 bits of which the vendor may use the upper ones otherwise ("30 (0
 * 23)"); smartctl's own reading stands first in raw.string.
 */
json_t *storage_smart_raw(const json_t *attribute)
{
	const char *text = json_string_value(tool_json_at(attribute, "raw.string"));
	struct span rest = { text, text ? strlen(text) : 0 };
	uint64_t value;

	if (text && text_take_u64(&rest, &value) && (rest.len == 0 || rest.at[0] == ' '))
		return collect_integer(value);
	return tool_json_number(tool_json_at(attribute, "raw.value"));
}

static void put_attribute(json_t *props, const json_t *attribute)
{
	const char *name = json_string_value(json_object_get(attribute, "name"));
	uint64_t id;

	if (!name || tool_json_u64(json_object_get(attribute, "id"), &id))
		return;
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
		if (id != attributes[i].id || !strstr(name, attributes[i].part) ||
		    json_object_get(props, attributes[i].prop))
			continue;
		json_put(props, attributes[i].prop, storage_smart_raw(attribute));
	}
}

static void put_statistic(json_t *props, uint64_t page, const json_t *row)
{
	const char *name = json_string_value(json_object_get(row, "name"));
	const json_t *value = json_object_get(row, "value");

	if (!name || !value || !json_is_true(tool_json_at(row, "flags.valid")))
		return;
	/* The drive's own measure; attributes are each vendor's. */
	if (page == 7 && !strcmp(name, "Percentage Used Endurance Indicator"))
		storage_life_used(props, value);
	for (size_t i = 0; i < ARRAY_LEN(statistics); i++)
		if (page == statistics[i].page && !strcmp(name, statistics[i].name) &&
		    !json_object_get(props, statistics[i].prop))
			json_put(props, statistics[i].prop, tool_json_number(value));
}

static void put_statistics(json_t *props, const json_t *root, bool wear_only)
{
	const json_t *pages = tool_json_at(root, "ata_device_statistics.pages");

	for (size_t i = 0; i < json_array_size(pages) && i < TABLE_MAX; i++) {
		const json_t *rows = json_object_get(json_array_get(pages, i), "table");
		uint64_t page;

		if (tool_json_u64(json_object_get(json_array_get(pages, i), "number"),
				  &page) ||
		    (page == 7) != wear_only)
			continue;
		for (size_t row = 0; row < json_array_size(rows) && row < TABLE_MAX;
		     row++)
			put_statistic(props, page, json_array_get(rows, row));
	}
}

static const json_t *first_of(const json_t *root, const char *a, const char *b)
{
	const json_t *value = tool_json_at(root, a);

	return value ? value : tool_json_at(root, b);
}

json_t *storage_smart_ata_celsius(const json_t *root)
{
	static const unsigned ids[] = { 194, 190 };
	const json_t *table = tool_json_at(root, "ata_smart_attributes.table");

	for (size_t k = 0; k < ARRAY_LEN(ids); k++) {
		for (size_t i = 0; i < json_array_size(table) && i < TABLE_MAX; i++) {
			const json_t *one = json_array_get(table, i);
			const char *name =
				json_string_value(json_object_get(one, "name"));
			AUTO_JSON json_t *raw = NULL;
			uint64_t id, celsius;

			if (tool_json_u64(json_object_get(one, "id"), &id) ||
			    id != ids[k] || !name || !strstr(name, "Temp"))
				continue;
			raw = storage_smart_raw(one);
			if (!tool_json_u64(raw, &celsius) && celsius > 0 &&
			    quantity_is_plausible("temperature_celsius", (double)celsius))
				return collect_integer(celsius);
		}
	}
	return json_null();
}

/* IDENTIFY DEVICE word 128 (ACS-4, 9.11.8.5), as print_ata_security_status takes it apart. */
static void put_security(json_t *props, const json_t *root)
{
	static const struct field fields[] = {
		{ "enabled", "ata_security.enabled", FIELD_BOOL },
		{ "locked", "ata_security.locked", FIELD_BOOL },
		{ "frozen", "ata_security.frozen", FIELD_BOOL },
		{ "attempts_exceeded", "ata_security.pw_attempts_exceeded", FIELD_BOOL },
		{ NULL, NULL, FIELD_BOOL },
	};
	json_t *security;

	if (!tool_json_at(root, "ata_security"))
		return;
	security = json_object();
	tool_json_fields(security, root, fields);
	json_put(props, "ata_security", security);
}

void storage_smart_ata(json_t *props, const json_t *root)
{
	const json_t *table = tool_json_at(root, "ata_smart_attributes.table");
	const json_t *errors = first_of(root, "ata_smart_error_log.extended.count",
					"ata_smart_error_log.summary.count");

	put_security(props, root);
	put_statistics(props, root, true);
	for (size_t i = 0; i < json_array_size(table) && i < TABLE_MAX; i++) {
		put_attribute(props, json_array_get(table, i));
		storage_smart_wear(props, root, json_array_get(table, i));
	}
	put_statistics(props, root, false);
	if (tool_json_at(root, "ata_pending_defects_log.count"))
		tool_json_put_number(props, "pending_defect_count",
				     tool_json_at(root, "ata_pending_defects_log.count"));
	if (errors)
		tool_json_put_number(props, "error_log_count", errors);
}
