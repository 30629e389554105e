/* What only ATA drives have in smartctl's JSON: attributes by id, statistics, logs. */
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
	bool normalized; /* the value from 100 down, not the raw one */
} attributes[] = {
	{ "Reallocat", "reallocated_sector_count", 5, false },
	{ "Retired_Block", "reallocated_sector_count", 5, false },
	{ "Pending", "pending_sector_count", 197, false },
	{ "Uncorrect", "uncorrectable_sector_count", 198, false },
	{ "Uncorrect", "reported_uncorrectable_errors", 187, false },
	{ "CRC", "interface_crc_errors", 199, false },
	{ "CRC", "interface_crc_errors", 218, false },
	{ "Media_Wearout_Indicator", "predicted_media_life_left_percent", 233, true },
	{ "SSD_Life_Left", "predicted_media_life_left_percent", 231, true },
	/* Also where the raw value, and so the name, is what was used. */
	{ "Percent_Lifetime_", "predicted_media_life_left_percent", 202, true },
	{ "Perc_Rated_Life_Used", "predicted_media_life_left_percent", 202, true },
	{ "Percent_Life_Remaining", "predicted_media_life_left_percent", 245, true },
	{ "Remaining_Lifetime_Perc", "predicted_media_life_left_percent", 169, true },
	{ "Wear_Leveling_Count", "predicted_media_life_left_percent", 177, true },
};

static const struct {
	unsigned page;
	const char *name;
	const char *prop;
} statistics[] = {
	/* ACS-4, 9.5 */
	{ 3, "Number of Reallocated Logical Sectors", "reallocated_sector_count" },
	{ 3, "Number of Realloc. Candidate Logical Sectors", "pending_sector_count" },
	{ 4, "Number of Reported Uncorrectable Errors", "reported_uncorrectable_errors" },
	{ 6, "Number of Interface CRC Errors", "interface_crc_errors" },
};

/*
 * raw.value holds 48 bits of which the vendor may use the upper ones otherwise ("30 (0
 * 23)"); smartctl's own reading stands first in raw.string.
 */
static json_t *raw_number(const json_t *attribute)
{
	const char *text = json_string_value(tool_json_at(attribute, "raw.string"));
	struct span rest = { text, text ? strlen(text) : 0 };
	uint64_t value;

	if (text && text_take_u64(&rest, &value) && (rest.len == 0 || rest.at[0] == ' '))
		return collect_integer(value);
	return tool_json_number(tool_json_at(attribute, "raw.value"));
}

/* Of a drive that smartctl does not know, names are guesses: a 0 can be a counter's. */
static bool is_life_left(uint64_t value, bool known)
{
	return value <= 100 && (value > 0 || known);
}

static void put_attribute(json_t *props, const json_t *attribute, bool known)
{
	const char *name = json_string_value(json_object_get(attribute, "name"));
	uint64_t id, value;

	if (!name || json_u64(json_object_get(attribute, "id"), &id))
		return;
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
		if (id != attributes[i].id || !strstr(name, attributes[i].part) ||
		    json_object_get(props, attributes[i].prop))
			continue;
		if (!attributes[i].normalized)
			json_put(props, attributes[i].prop, raw_number(attribute));
		else if (!json_u64(json_object_get(attribute, "value"), &value) &&
			 is_life_left(value, known))
			json_put(props, attributes[i].prop, collect_integer(value));
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

		if (json_u64(json_object_get(json_array_get(pages, i), "number"),
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

static void put_self_test(json_t *props, const json_t *root)
{
	static const struct field last_fields[] = {
		{ "type", "type.string", FIELD_TEXT },
		{ "result", "status.string", FIELD_TEXT },
		{ "passed", "status.passed", FIELD_BOOL },
		{ "lifetime_hours", "lifetime_hours", FIELD_NUMBER },
		{ NULL, NULL, FIELD_TEXT },
	};
	static const struct field now_fields[] = {
		{ "result", "status.string", FIELD_TEXT },
		{ "passed", "status.passed", FIELD_BOOL },
		{ "remaining_percent", "status.remaining_percent", FIELD_NUMBER },
		{ NULL, NULL, FIELD_TEXT },
	};
	const json_t *log = first_of(root, "ata_smart_self_test_log.extended",
				     "ata_smart_self_test_log.standard");
	const json_t *now = tool_json_at(root, "ata_smart_data.self_test");
	json_t *test;

	if (!log && !now)
		return;
	test = json_object();
	if (json_object_get(log, "error_count_total"))
		json_put(test, "failed_count",
			 tool_json_number(json_object_get(log, "error_count_total")));
	if (tool_json_at(log, "table.0"))
		tool_json_fields(test, tool_json_at(log, "table.0"), last_fields);
	if (now)
		tool_json_fields(test, now, now_fields);
	json_put(props, "self_test", test);
}

void storage_smart_ata(json_t *props, const json_t *root)
{
	const json_t *table = tool_json_at(root, "ata_smart_attributes.table");
	const json_t *errors = first_of(root, "ata_smart_error_log.extended.count",
					"ata_smart_error_log.summary.count");

	put_statistics(props, root, true);
	for (size_t i = 0; i < json_array_size(table) && i < TABLE_MAX; i++)
		put_attribute(
			props, json_array_get(table, i),
			!json_is_false(json_object_get(root, "in_smartctl_database")));
	put_statistics(props, root, false);
	if (tool_json_at(root, "ata_pending_defects_log.count"))
		json_put(props, "pending_defect_count",
			 tool_json_number(
				 tool_json_at(root, "ata_pending_defects_log.count")));
	if (errors)
		json_put(props, "error_log_count", tool_json_number(errors));
	put_self_test(props, root);
}
