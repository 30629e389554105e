/* What the files of the storage collector share: keys, and NVMe's health in words. */
#include "storage.h"
#include "placeholder_put.h"

#include <string.h>

bool storage_is_virtual(struct span name)
{
	static const char *const prefixes[] = { "loop", "ram", "zram",  "dm-",      "md",
						"sr",   "nbd", "fd",    "mtdblock", "zd",
						"drbd", "rbd", "bcache" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		struct span rest = name;
		uint64_t number;

		if (text_skip(&rest, prefixes[i]) && text_take_u64(&rest, &number))
			return true;
	}
	/* Parts of an eMMC chip that are not its storage. */
	return text_starts(name, "mmcblk") &&
	       (memmem(name.at, name.len, "boot", 4) || text_ends(name, "rpmb"));
}

/* nvme0n1 and, one path of a shared namespace, nvme0c1n1: controllers nvme0 and nvme1. */
struct drive_key storage_key(struct span name)
{
	struct drive_key key = { "" };
	struct span rest = name;
	uint64_t controller, path, number;

	text_copy(name, key.text, sizeof(key.text));
	if (!text_skip(&rest, "nvme") || !text_take_u64(&rest, &controller))
		return key;
	if (text_skip(&rest, "c")) {
		if (!text_take_u64(&rest, &path))
			return key;
		controller = path;
	}
	if (text_skip(&rest, "n") && text_take_u64(&rest, &number) && rest.len == 0)
		(void)snprintf(key.text, sizeof(key.text), "nvme%llu",
			       (unsigned long long)controller);
	return key;
}

void storage_check_identity(json_t *props)
{
	static const char *const names[] = { "serial_number", "wwn" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_JSON json_t *value = json_incref(json_object_get(props, names[i]));
		const char *text = json_string_value(value);

		if (text && placeholder_is(text, strlen(text), PLACEHOLDER_IDENTITY))
			placeholder_put(props, names[i], text, strlen(text),
					PLACEHOLDER_IDENTITY);
	}
}

void storage_life_used(json_t *props, const json_t *percent_used)
{
	AUTO_JSON json_t *whole = tool_json_number(percent_used);
	uint64_t used;

	if (!percent_used || json_object_get(props, "predicted_media_life_left_percent"))
		return;
	if (!tool_json_u64(whole, &used))
		json_put(props, "predicted_media_life_left_percent",
			 json_integer(used > 100 ? 0 : 100 - (json_int_t)used));
	else
		tool_json_put_unread(props, "predicted_media_life_left_percent",
				     percent_used);
}

void storage_nvme_warnings(json_t *props, uint64_t critical_warning)
{
	static const char *const names[] = {
		/* NVMe 1.4, figure 194, byte 0 */
		"available spare below threshold",
		"temperature outside threshold",
		"reliability degraded",
		"media read only",
		"volatile memory backup failed",
		"persistent memory region unreliable",
		"reserved bit 6",
		"reserved bit 7",
	};
	json_t *list = json_array();

	for (size_t bit = 0; bit < ARRAY_LEN(names); bit++)
		if (critical_warning >> bit & 1)
			json_push(list, json_string(names[bit]));
	json_put(props, "critical_warnings", list);
	if (!json_object_get(props, "health"))
		json_put(props, "health",
			 json_string(critical_warning ? "Critical" : "OK"));
}

void storage_nvme_units(json_t *props, const char *prop, const json_t *units)
{
	AUTO_JSON json_t *whole = tool_json_number(units); /* 499296134.0 too */
	uint64_t count, bytes;

	if (!units)
		return;
	if (!tool_json_u64(whole, &count) &&
	    !__builtin_mul_overflow(count, 512000u, &bytes)) {
		json_put(props, prop, collect_integer(bytes));
		return;
	}
	/* All ones stay, as they are: collect_record() makes null of them and keeps them. */
	if (json_is_string(whole) &&
	    !strcmp(json_string_value(whole), "340282366920938463463374607431768211455"))
		json_put(props, prop, json_incref(whole));
	else
		tool_json_put_unread(props, prop, units);
}
