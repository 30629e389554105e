/*
 * raid/storcli-drives and raid/storcli-volumes of storcli2 and perccli2, the tools of controllers from
 * MegaRAID 96xx on: lists, where storcli has members named by what they are of. ("Drives List" and
 * "Virtual Drives" of storcli2 008.0005; names as in public captures of it.)
 */
#include "raid.h"

#define DETAIL "Drive Detailed Information"

static const struct field drive_fields[] = {
	{ "raid_device_id", "Drive Information.PID", FIELD_NUMBER },
	{ "raid_state", "Drive Information.Status", FIELD_TEXT },
	{ "temperature_celsius", DETAIL ".Temperature(C)", FIELD_NUMBER },
	{ "rotation_speed_rpm", DETAIL ".Hard Disk Drive RPM", FIELD_NUMBER },
	{ "media_errors", DETAIL ".LU/NS Properties.Media Error Count", FIELD_NUMBER },
	{ "other_errors", DETAIL ".LU/NS Properties.Other Error Count", FIELD_NUMBER },
	{ "predictive_failure_count", DETAIL ".LU/NS Properties.Predictive Failure Count",
	  FIELD_NUMBER },
	{ NULL, NULL, 0 },
};

static bool emit_drive(const json_t *entry, int number, struct output *out)
{
	const json_t *row = json_object_get(entry, "Drive Information");
	const json_t *detail = json_object_get(entry, DETAIL);
	json_t *props;
	char key[64];

	if (!raid_drive_key(row, number, key))
		return false;
	props = json_object();
	tool_json_fields(props, entry, drive_fields);
	raid_put_alert(props,
		       json_object_get(detail, "S.M.A.R.T alert flagged by drive"));
	raid_put_slot(props, "raid_slot", row);
	raid_put_word(props, "manufacturer", json_object_get(detail, "Vendor"));
	raid_put_word(props, "model",
		      json_object_get(detail, "Model") ?: json_object_get(row, "Model"));
	raid_put_identity(props, "serial_number",
			  json_object_get(detail, "Serial Number"));
	raid_put_wwn(props, raid_span(json_object_get(detail, "WWN")));
	raid_put_word(props, "firmware_version",
		      json_object_get(detail, "Firmware Revision Level"));
	raid_put_word(props, "protocol", json_object_get(row, "Intf"));
	raid_put_media(props, raid_span(json_object_get(row, "Med")));
	raid_put_speed(props, "negotiated_speed_gbps",
		       tool_json_at(detail, "Path Information.0.Negotiated Speed"));
	raid_put_speed(props, "capable_speed_gbps",
		       json_object_get(detail, "Capable Speed"));
	raid_put_capacity(props, json_object_get(detail, "Raw size"),
			  json_object_get(detail, "Logical Sector Size")
				  ?: json_object_get(row, "SeSz"));
	collect_json_record(out, STORAGE_DRIVES, key, props);
	return true;
}

size_t raid_emit_drive_list(const json_t *list, int number, struct output *out)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(list) && i < RAID_LIST_MAX; i++)
		if (emit_drive(json_array_get(list, i), number, out))
			count++;
		else
			collect_error(out, "storcli",
				      "drive %zu of the list has no place", i);
	return count;
}

/* "0/1": drive group and virtual drive. */
static bool emit_volume(const json_t *entry, int number, struct output *out)
{
	const json_t *row = json_object_get(entry, "VD Info");
	struct span volume = raid_span(json_object_get(row, "DG/VD")), group;
	uint64_t id;
	char key[32];

	if (number < 0 || !text_cut(&volume, '/', &group) || text_u64(volume, &id))
		return false;
	(void)snprintf(key, sizeof(key), "c%d/v%llu", number, (unsigned long long)id);
	raid_emit_volume(key, number, row, json_object_get(entry, "PDs"),
			 json_object_get(entry, "VD Properties"), out);
	return true;
}

size_t raid_emit_volume_list(const json_t *list, int number, struct output *out)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(list) && i < RAID_LIST_MAX; i++)
		if (emit_volume(json_array_get(list, i), number, out))
			count++;
		else
			collect_error(out, "storcli",
				      "volume %zu of the list has no number", i);
	return count;
}
