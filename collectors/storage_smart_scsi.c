/* What SCSI drives have in smartctl's JSON: phys and, like NVMe drives, a self-test log. */
#include "storage.h"

#include <string.h>

/* "phy enabled; 12 Gbps" (smartctl 7.3) and "phy enabled; 6 Gbps" of each phy: the
 * fastest. */
static void put_sas_speed(json_t *props, const json_t *root)
{
	uint64_t best = 0;

	for (unsigned port = 0; port < 4; port++) {
		for (unsigned phy = 0; phy < 4; phy++) {
			char path[80];
			const char *text;
			struct span rest;
			uint64_t rate;

			(void)snprintf(
				path, sizeof(path),
				"scsi_sas_port_%u.phy_%u.negotiated_logical_link_rate",
				port, phy);
			text = json_string_value(tool_json_at(root, path));
			if (!text)
				continue;
			rest = (struct span){ text, strlen(text) };
			if (text_skip(&rest, "phy enabled; ") &&
			    text_take_milli(&rest, &rate) && text_skip(&rest, " Gb") &&
			    rate > best)
				best = rate;
		}
	}
	if (best)
		json_put(props, "negotiated_speed_gbps", collect_milli(best));
}

static void put_self_test(json_t *props, const json_t *root)
{
	static const struct field fields[] = {
		{ "type", "code.string", FIELD_TEXT },
		{ "result", "result.string", FIELD_TEXT },
		{ "lifetime_hours", "power_on_time.hours", FIELD_NUMBER },
		{ "type", "self_test_code.string", FIELD_TEXT },
		{ "result", "self_test_result.string", FIELD_TEXT },
		{ "lifetime_hours", "power_on_hours", FIELD_NUMBER },
		{ NULL, NULL, FIELD_TEXT },
	};
	const json_t *last = json_object_get(root, "scsi_self_test_0");
	const char *result = "result.value";
	json_t *test;
	uint64_t value;

	if (!last) {
		last = tool_json_at(root, "nvme_self_test_log.table.0");
		result = "self_test_result.value";
	}
	if (!last)
		return;
	test = json_object();
	tool_json_fields(test, last, fields);
	/* SPC-5, table 334, and NVMe 1.4, figure 202, agree: 0 is done, 3 is an unknown
	 * error, 4 to 7 are failures; the others were stopped by somebody. */
	if (!json_u64(tool_json_at(last, result), &value) &&
	    (value == 0 || (value >= 3 && value <= 7)))
		json_put(test, "passed", json_boolean(value == 0));
	json_put(props, "self_test", test);
}

void storage_smart_scsi(json_t *props, const json_t *root)
{
	put_sas_speed(props, root);
	put_self_test(props, root);
}
