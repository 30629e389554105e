/*
 * raid/storcli-drives and the same of perccli: what a MegaRAID controller knows of its drives. The
 * numbers of enclosure and slot, "252:0", are the controller's.
 */
#include "raid.h"

#include <string.h>

#define ALERT "S.M.A.R.T alert flagged by drive"

static const struct field drive_fields[] = {
	{ "raid_device_id", "DID", FIELD_NUMBER },
	{ "raid_state", "State", FIELD_TEXT },
	{ NULL, NULL, 0 },
};

static const struct field error_fields[] = {
	{ "media_errors", "Media Error Count", FIELD_NUMBER },
	{ "other_errors", "Other Error Count", FIELD_NUMBER },
	{ "predictive_failure_count", "Predictive Failure Count", FIELD_NUMBER },
	{ NULL, NULL, 0 },
};

/* "12.0Gb/s" in Gbit/s; "Unknown" is null. */
void raid_put_speed(json_t *props, const char *prop, const json_t *value)
{
	struct span text = raid_span(value);
	uint64_t milli;

	if (!value)
		return;
	if (text_take_milli(&text, &milli) && text_starts(text, "Gb/s"))
		json_put(props, prop, collect_milli(milli));
	else
		raid_put_unread(props, prop, value);
}

/*
 * "447.130 GB [0x37e436b0 Sectors]": the rounded size is for people. HBAs without RAID firmware
 * tell the last sector's number there; no drive has an odd count.
 */
void raid_put_capacity(json_t *props, const json_t *size, const json_t *sector)
{
	struct span text = raid_span(size), before;
	uint64_t sectors, bytes, total;

	if (!size)
		return;
	if (text_cut(&text, '[', &before) && text_cut(&text, ' ', &before) &&
	    !text_hex(before, UINT64_MAX - 1, &sectors) &&
	    raid_sector_size(sector, &bytes) &&
	    !__builtin_mul_overflow(sectors + (sectors & 1), bytes, &total))
		json_put(props, "capacity_bytes", collect_integer(total));
	else
		raid_put_unread(props, "capacity_bytes", size);
}

void raid_put_media(json_t *props, struct span media)
{
	if (text_is(media, "HDD") || text_is(media, "SSD"))
		collect_span(props, "media_type", media);
	else
		raid_put_unread_span(props, "media_type", media);
}

void raid_put_alert(json_t *props, const json_t *value)
{
	struct span alert = raid_span(value);

	if (text_is(alert, "Yes") || text_is(alert, "No"))
		json_put(props, "health",
			 json_string(text_is(alert, "Yes") ? "Critical" : "OK"));
	else if (!raid_is_nothing(alert))
		raid_put_unread_span(props, "health", alert);
}

/* The drive group: a number, "-" for none, "F" for one that another controller has made. */
static void put_foreign(json_t *props, const json_t *group)
{
	struct span word = raid_span(group);
	uint64_t number;

	if (!group)
		return;
	if (text_is(word, "F") || text_is(word, "-") || !tool_json_u64(group, &number))
		json_put(props, "foreign", json_boolean(text_is(word, "F")));
	else
		raid_put_unread(props, "foreign", group);
}

/* `name` is "Drive /c0/e252/s0"; the details stand under names made of it. */
static void emit_drive(const json_t *data, const char *name, const json_t *row,
		       struct output *out)
{
	AUTO_FREE char *detail_name = xasprintf("%s - Detailed Information", name);
	AUTO_FREE char *state_name = xasprintf("%s State", name);
	AUTO_FREE char *attributes_name = xasprintf("%s Device attributes", name);
	const json_t *detail = json_object_get(data, detail_name);
	const json_t *state = json_object_get(detail, state_name);
	const json_t *attributes = json_object_get(detail, attributes_name);
	const char *key = name + strlen("Drive /");
	struct span model = raid_span(json_object_get(attributes, "Model Number"));
	json_t *props = json_object();

	if (model.len == 0)
		model = raid_span(json_object_get(row, "Model"));
	tool_json_fields(props, row, drive_fields);
	tool_json_fields(props, state, error_fields);
	raid_put_alert(props, json_object_get(state, ALERT));
	raid_put_slot(props, "raid_slot", row);
	collect_span(props, "model", model);
	raid_put_identity(props, "serial_number", json_object_get(attributes, "SN"));
	raid_put_wwn(props, raid_span(json_object_get(attributes, "WWN")));
	raid_put_word(props, "firmware_version",
		      json_object_get(attributes, "Firmware Revision"));
	put_foreign(props, json_object_get(row, "DG"));
	raid_put_word(props, "protocol", json_object_get(row, "Intf"));
	raid_put_media(props, raid_span(json_object_get(row, "Med")));
	raid_put_celsius(props, "temperature_celsius",
			 json_object_get(state, "Drive Temperature"));
	raid_put_speed(props, "negotiated_speed_gbps",
		       json_object_get(attributes, "Link Speed"));
	raid_put_speed(props, "capable_speed_gbps",
		       json_object_get(attributes, "Device Speed"));
	raid_put_capacity(props, json_object_get(attributes, "Raw size"),
			  json_object_get(attributes, "Logical Sector Size")
				  ?: json_object_get(row, "SeSz"));
	collect_json_record(out, STORAGE_DRIVES, key, props);
}

static bool is_drive(const char *name)
{
	return !strncmp(name, "Drive /c", 8) && !strchr(name + 8, ' ');
}

size_t raid_emit_drives(json_t *data, int number, struct output *out)
{
	size_t count =
		raid_emit_drive_list(json_object_get(data, "Drives List"), number, out);
	const char *name;
	json_t *value;

	json_object_foreach(data, name, value)
	{
		const json_t *row = json_array_get(value, 0);

		if (!is_drive(name))
			continue;
		if (json_is_object(row))
			emit_drive(data, name, row, out);
		else
			collect_error(out, "storcli", "%.60s is no list of one drive",
				      name);
		count++;
	}
	return count;
}

/*
 * Drives without an enclosure, " :3", are not among those of "/call/eall/sall". They are told here
 * as well, without serial numbers, for a tool that gets no further.
 */
size_t raid_emit_loose_drives(const json_t *rows, int number, struct output *out)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(rows) && i < RAID_LIST_MAX; i++) {
		const json_t *row = json_array_get(rows, i);
		struct span slot = raid_span(json_object_get(row, "EID:Slt")), enclosure;
		char name[64];
		uint64_t at;

		if (text_cut(&slot, ':', &enclosure) && text_trim(enclosure).len > 0)
			continue;
		if (number < 0 || text_u64(slot, &at)) {
			collect_error(out, "storcli",
				      "drive %zu of the list has no place", i);
			continue;
		}
		(void)snprintf(name, sizeof(name), "Drive /c%d/s%llu", number,
			       (unsigned long long)at);
		emit_drive(NULL, name, row, out);
		count++;
	}
	return count;
}

void collect_raid_drives(const struct input *in, const char *instance, struct output *out)
{
	(void)instance;
	raid_each_controller(in, "storcli", raid_emit_drives, out);
}
