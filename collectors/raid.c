/* What the texts of RAID controllers' tools have in common. */
#include "raid.h"

void raid_put_state(json_t *props, const char *prop, struct span word,
		    const struct raid_state *table)
{
	collect_span(props, prop, word);
	for (; table->word; table++) {
		if (!text_is(word, table->word))
			continue;
		if (table->health)
			json_put(props, "health", json_string(table->health));
		if (table->reason)
			json_put(props, "health_reason", json_string(table->reason));
		return;
	}
}

void raid_put_wwn(json_t *props, struct span digits)
{
	uint64_t number;
	char text[32];
	int n;

	if (digits.len != 16 || text_hex(digits, UINT64_MAX, &number) || number == 0) {
		json_put(props, "wwn", json_null());
		return;
	}
	n = snprintf(text, sizeof(text), "0x%016llx", (unsigned long long)number);
	collect_text(props, "wwn", text, (size_t)n);
}
