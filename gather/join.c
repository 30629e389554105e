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

/* A BMC has 256 FRUs at most, a server some hundred drives; each list from one job, in its order. */
#define KNOWN_MAX 1024

static const struct {
	const char *type;
	const char *guest;  /* prefix of the sources whose records join others */
	const char *host;   /* prefix of those others' sources */
	const char *lonely; /* where one without a serial number goes; NULL: it stays */
} joins[] = {
	{ "power_supplies", "psu/dmi", "", "smbios.power_supplies" },
	{ "storage.drives", "raid/", "storage/", NULL },
	{ "storage.drives", "megaraid/", "", NULL },
};

static const char *serial_of(const struct merge_record *record)
{
	return json_string_value(json_object_get(record->props, "serial_number"));
}

/* The one with this serial number that has the least key, so that order does not
 * matter; NULL: none. */
static const struct merge_record *same_as(const struct merge *merge, const size_t *known,
					  size_t count, const char *serial)
{
	const struct merge_record *found = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct merge_record *record = &merge->records[known[i]];

		if (strcmp(serial_of(record), serial) != 0)
			continue;
		if (!found || strcmp(record->key, found->key) < 0)
			found = record;
	}
	return found;
}

static bool is_of(const struct merge_record *record, const char *prefix)
{
	return !strncmp(record->source, prefix, strlen(prefix));
}

/* Arrays name their members by key. */
static void rename_members(const struct merge *merge, const char *old, const char *new)
{
	int type = record_type_find("storage.arrays");

	for (size_t i = 0; i < merge->count; i++) {
		json_t *members, *member;
		size_t at;

		if (merge->records[i].type != type)
			continue;
		members = json_object_get(merge->records[i].props, "members");
		json_array_foreach(members, at, member)
		{
			const char *drive =
				json_string_value(json_object_get(member, "drive"));

			if (drive && !strcmp(drive, old))
				json_put(member, "drive", json_string(new));
		}
	}
}

/* Other jobs of the guest told of the part under the same key, perhaps without the number. */
static void rename_guests(const struct merge *merge, int type, const char *guest,
			  const char *old, const char *new)
{
	for (size_t i = 0; i < merge->count; i++) {
		struct merge_record *record = &merge->records[i];

		if (record->type != type || !is_of(record, guest) ||
		    strcmp(record->key, old) != 0)
			continue;
		free(record->key);
		record->key = xstrdup(new);
	}
}

/*
 * A guest with the serial number of another source's part becomes that part; one without a serial
 * number cannot be told from those; one with another number is another part.
 */
static void join_type(struct merge *merge, int type, const char *guest, const char *host,
		      const char *lonely)
{
	size_t known[KNOWN_MAX], count = 0;
	bool any = false;

	for (size_t i = 0; i < merge->count; i++) {
		const struct merge_record *record = &merge->records[i];

		if (record->type != type || is_of(record, guest) || !is_of(record, host))
			continue;
		any = true;
		if (count < KNOWN_MAX && serial_of(record))
			known[count++] = i;
	}
	for (size_t i = 0; any && i < merge->count; i++) {
		struct merge_record *record = &merge->records[i];
		const struct merge_record *same;
		const char *serial;

		if (record->type != type || !is_of(record, guest))
			continue;
		serial = serial_of(record);
		same = serial ? same_as(merge, known, count, serial) : NULL;
		if (same && strcmp(record->key, same->key) != 0) {
			AUTO_FREE char *old = xstrdup(record->key);
			AUTO_FREE char *key = xstrdup(same->key);

			rename_guests(merge, type, guest, old, key);
			rename_members(merge, old, key);
		} else if (!serial && lonely) {
			record->type = record_type_find(lonely);
		}
	}
}

void merge_join(struct merge *merge)
{
	for (size_t i = 0; i < ARRAY_LEN(joins); i++)
		join_type(merge, record_type_find(joins[i].type), joins[i].guest,
			  joins[i].host, joins[i].lonely);
}
