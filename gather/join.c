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
	const char *guest; /* prefix of the sources whose records join the others */
	const char
		*lonely; /* where a guest without a serial number goes; NULL: it stays */
} joins[] = {
	{ "power_supplies", "psu/dmi", "smbios.power_supplies" },
	{ "storage.drives", "raid/", NULL },
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

static bool is_guest(const struct merge_record *record, const char *prefix)
{
	return !strncmp(record->source, prefix, strlen(prefix));
}

/*
 * A guest with the serial number of another source's part becomes that part; one without a serial
 * number cannot be told from those; one with another number is another part.
 */
static void join_type(struct merge *merge, int type, const char *guest,
		      const char *lonely)
{
	size_t known[KNOWN_MAX], count = 0;
	bool any = false;

	for (size_t i = 0; i < merge->count; i++) {
		if (merge->records[i].type != type || is_guest(&merge->records[i], guest))
			continue;
		any = true;
		if (count < KNOWN_MAX && serial_of(&merge->records[i]))
			known[count++] = i;
	}
	for (size_t i = 0; any && i < merge->count; i++) {
		struct merge_record *record = &merge->records[i];
		const struct merge_record *same;
		const char *serial;

		if (record->type != type || !is_guest(record, guest))
			continue;
		serial = serial_of(record);
		same = serial ? same_as(merge, known, count, serial) : NULL;
		if (same) {
			char *key = xstrdup(same->key);

			free(record->key);
			record->key = key;
		} else if (!serial && lonely) {
			record->type = record_type_find(lonely);
		}
	}
}

void merge_join(struct merge *merge)
{
	for (size_t i = 0; i < ARRAY_LEN(joins); i++)
		join_type(merge, record_type_find(joins[i].type), joins[i].guest,
			  joins[i].lonely);
}
