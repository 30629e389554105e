/*
 * Records of one part under two sets of keys, told by its serial number.
 *
 * Power supplies of SMBIOS (type 39) are the fallback where no BMC tells of supplies; where one
 * does, nothing is counted twice and nothing lost. Drives that a RAID controller tells of may be
 * drives that the kernel sees as well.
 */
#include "merge.h"

#include "record.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *type;
	const char *guest;  /* prefix of the sources whose records join others */
	const char *host;   /* prefix of those others' sources */
	const char *lonely; /* where one without a serial number goes; NULL: it stays */
} joins[] = {
	{ "power_supplies", "psu/dmi", "", "smbios.power_supplies" },
	{ "storage.drives", "raid/", "storage/", NULL },
	{ "storage.drives", "megaraid/", "", NULL },
	{ "storage.drives", "cciss/", "", NULL },
};

static const char *serial_of(const struct merge_record *record)
{
	return json_string_value(json_object_get(record->props, "serial_number"));
}

static bool is_of(const struct merge_record *record, const char *prefix)
{
	return !strncmp(record->source, prefix, strlen(prefix));
}

/* map[name] = key, or what it has already where that is less: the order of records is nothing. */
static void map_put(json_t *map, const char *name, const char *key)
{
	const char *old = json_string_value(json_object_get(map, name));

	if (!old || strcmp(key, old) < 0)
		json_put(map, name, json_string(key));
}

static const char *map_get(const json_t *map, const char *name)
{
	return name ? json_string_value(json_object_get(map, name)) : NULL;
}

/* Arrays name their members by key. */
static void rename_members(const json_t *array, const json_t *renamed)
{
	json_t *members = json_object_get(array, "members"), *member;
	size_t at;

	json_array_foreach(members, at, member)
	{
		const char *drive = json_string_value(json_object_get(member, "drive"));
		const char *key = map_get(renamed, drive);

		if (key)
			json_put(member, "drive", json_string(key));
	}
}

/*
 * A guest with the serial number of another source's part becomes that part, and so do records
 * that other jobs of the guest have under its key, perhaps without the number; one without a
 * serial number cannot be told from those; one with another number is another part. A tool may
 * tell any number of parts: each record is looked at three times and no more.
 */
static void join_type(struct merge *merge, int type, const char *guest, const char *host,
		      const char *lonely)
{
	AUTO_JSON json_t *keys = json_object();    /* serial number: the host's key */
	AUTO_JSON json_t *renamed = json_object(); /* the guest's key: the host's */
	int arrays = record_type_find("storage.arrays");
	bool any = false;

	for (size_t i = 0; i < merge->count; i++) {
		const struct merge_record *record = &merge->records[i];

		if (record->type != type || is_of(record, guest) || !is_of(record, host))
			continue;
		any = true;
		if (serial_of(record))
			map_put(keys, serial_of(record), record->key);
	}
	for (size_t i = 0; any && i < merge->count; i++) {
		struct merge_record *record = &merge->records[i];
		const char *same;

		if (record->type != type || !is_of(record, guest))
			continue;
		same = map_get(keys, serial_of(record));
		if (same)
			map_put(renamed, record->key, same);
		else if (!serial_of(record) && lonely)
			record->type = record_type_find(lonely);
	}
	for (size_t i = 0; json_object_size(renamed) > 0 && i < merge->count; i++) {
		struct merge_record *record = &merge->records[i];
		const char *key = map_get(renamed, record->key);

		if (record->type == arrays) {
			rename_members(record->props, renamed);
		} else if (key && record->type == type && is_of(record, guest)) {
			free(record->key);
			record->key = xstrdup(key);
		}
	}
}

void merge_join(struct merge *merge)
{
	for (size_t i = 0; i < ARRAY_LEN(joins); i++)
		join_type(merge, record_type_find(joins[i].type), joins[i].guest,
			  joins[i].host, joins[i].lonely);
}
