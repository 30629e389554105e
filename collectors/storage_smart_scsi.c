/* What SCSI drives alone have in smartctl's JSON: phys. */
#include "storage.h"

#include <string.h>

/* "phy enabled; 12 Gbps" (smartctl 7.3) and "phy enabled; 6 Gbps" of each phy: the
 * fastest. */
static void put_sas_speed(json_t *props, const json_t *root)
{
	struct span lost = { "", 0 };
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
			if (text_starts(rest, "reserved"))
				lost = rest;
			/* Words behind it say why there is no rate. */
			if (!text_skip(&rest, "phy enabled; ") ||
			    !text_take_milli(&rest, &rate))
				continue;
			if (text_skip(&rest, " Gb"))
				best = rate > best ? rate : best;
			else
				lost = (struct span){ text, strlen(text) };
		}
	}
	if (lost.len)
		collect_unread_span(props, "negotiated_speed_gbps", lost);
	else if (best)
		json_put(props, "negotiated_speed_gbps", collect_milli(best));
}

void storage_smart_scsi(json_t *props, const json_t *root)
{
	put_sas_speed(props, root);
}
