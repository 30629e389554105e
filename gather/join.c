/*
 * Power supplies of SMBIOS and of the BMC's FRUs: one machine's, under two sets of keys.
 * SMBIOS (type 39) is the fallback where no BMC tells of supplies; where one does,
 * nothing is counted twice and nothing lost.
 */
#include "merge.h"

#include "record.h"

#include <stdlib.h>
#include <string.h>

/* A BMC has 256 FRUs at most; all come from one job, so in one order. */
#define KNOWN_MAX 512

static const char *serial_of(const struct merge_record *record)
{
	return json_string_value(json_object_get(record->props, "serial_number"));
}

static bool is_of_smbios(const struct merge_record *record)
{
	return !strcmp(record->source, "psu/dmi");
}

/* The supply with this serial number that has the least key, so that order does not
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

/*
 * One with the serial number of a FRU's supply becomes that supply's; one without a
 * serial number cannot be told from those and goes to a list of its own; one with another
 * number is another supply.
 */
void merge_join(struct merge *merge)
{
	int type = record_type_find("power_supplies");
	size_t known[KNOWN_MAX], count = 0;
	bool any = false;

	for (size_t i = 0; i < merge->count; i++) {
		if (merge->records[i].type != type || is_of_smbios(&merge->records[i]))
			continue;
		any = true;
		if (count < KNOWN_MAX && serial_of(&merge->records[i]))
			known[count++] = i;
	}
	for (size_t i = 0; any && i < merge->count; i++) {
		struct merge_record *record = &merge->records[i];
		const struct merge_record *same;
		const char *serial;

		if (record->type != type || !is_of_smbios(record))
			continue;
		serial = serial_of(record);
		if (!serial) {
			record->type = record_type_find("smbios.power_supplies");
			continue;
		}
		same = same_as(merge, known, count, serial);
		if (same) {
			char *key = xstrdup(same->key);

			free(record->key);
			record->key = key;
		}
	}
}
