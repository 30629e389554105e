/* What a drive says of itself that cannot all be true. */
#include "derive.h"

#include "rules.h"

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
}
