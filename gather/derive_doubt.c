/* What a drive says of itself that cannot all be true, and a part that only a text tells of. */
#include "derive.h"

#include "rules.h"

#include <string.h>

/*
 * Data units count thousands of 512 bytes "and shall be rounded up" (NVMe 1.4, figure 194): one
 * command that moved anything makes the count 1.
 */
static bool contradicts(const json_t *drive, const char *commands_name,
			const char *bytes_name)
{
	double commands, bytes;

	return rule_number(drive, commands_name, &commands) && commands > 0 &&
	       rule_number(drive, bytes_name, &bytes) && bytes <= 0;
}

static bool has_source(const json_t *record, const char *source)
{
	json_t *src = json_object_get(record, "src"), *one;
	size_t i;

	json_array_foreach(src, i, one)
	{
		if (!strcmp(json_string_value(one) ?: "", source))
			return true;
	}
	return false;
}

/* What stands in ipmitool's text and not among the BMC's bytes, where those were read: a part's string can
 * look like a part. */
static void doubt_texts(json_t *document)
{
	json_t *devices = json_object_get(json_object_get(document, "fru"), "devices");
	json_t *fru;
	bool bytes = false;
	size_t i;

	json_array_foreach(devices, i, fru)
	{
		bytes |= has_source(fru, "psu/fru");
	}
	json_array_foreach(devices, i, fru)
	{
		if (bytes && !has_source(fru, "psu/fru"))
			json_put(fru, "unconfirmed", json_true());
	}
}

void derive_doubt(json_t *document)
{
	json_t *storage = json_object_get(document, "storage"), *drive;
	size_t i;

	json_array_foreach(json_object_get(storage, "drives"), i, drive)
	{
		if (!rule_is(drive, "health", "OK") ||
		    (!contradicts(drive, "host_read_commands", "data_read_bytes") &&
		     !contradicts(drive, "host_write_commands", "data_written_bytes")))
			continue;
		json_put(drive, "health_doubted", json_string("OK"));
		json_put(drive, "health", json_null());
	}
	doubt_texts(document);
}
