/* How much of an SSD's rated life is left, by the attribute of each vendor. */
#include "storage.h"

#include <string.h>

/*
 * What a vendor's attribute says of wear. The names are those of smartmontools' drivedb.h, which
 * stand for a family of drives; where one name has two meanings, the family tells them apart, and
 * the first row counts.
 *
 * Several controllers leave the normalized value at 100 until the drive fails and count in the raw
 * value alone; of Phison's and Silicon Motion's it is known from drives at their end. So where the raw value
 * is a percentage by the attribute's definition, the lower one of the two is taken.
 */
enum raw_kind {
	RAW_OTHER, /* a counter, or bits of the vendor's: the normalized value alone */
	RAW_LEFT,
	RAW_USED,
};

static const struct {
	const char *part;   /* of the name */
	const char *family; /* a part of it; NULL: any */
	unsigned id;
	enum raw_kind raw;
} attributes[] = {
	/* "SSD Life Left" of SandForce's SF-2000: the raw value has its own unit */
	{ "SSD_Life_Left", "SandForce", 231, RAW_OTHER },
	/* hex56 in drivedb.h */
	{ "SSD_Life_Left", "Seagate IronWolf 110", 231, RAW_OTHER },
	{ "SSD_Life_Left", "Seagate Nytro SATA", 231, RAW_OTHER },
	/* Phison, Silicon Motion, SK hynix, Kingston, Supermicro SuperDOM; XF1230's is "_Perc" */
	{ "SSD_Life_Left", NULL, 231, RAW_LEFT },
	{ "Lifetime_Left", NULL, 231, RAW_LEFT },           /* Apacer */
	{ "Percent_Lifetime_Remain", NULL, 231, RAW_LEFT }, /* Xmore */
	{ "Perc_Rated_Life_Remain", NULL, 231, RAW_LEFT },  /* SMART Modular */
	{ "SSD_Life_Left", NULL, 245, RAW_LEFT },           /* SK hynix */
	/* Silicon Motion, Innodisk; StorFly */
	{ "Remaining_Lifetime_Perc", NULL, 169, RAW_LEFT },
	{ "Lifetime_Remaining", NULL, 169, RAW_LEFT },
	/* Indilinx */
	{ "Remaining_Lifetime_Perc", NULL, 209, RAW_LEFT },
	{ "Remaining_Lifetime_Perc", NULL, 233, RAW_LEFT },
	/* SanDisk; Intel for Dell */
	{ "Life_Remaining", NULL, 177, RAW_LEFT },
	{ "Lifetime_Remaining", NULL, 177, RAW_LEFT },
	{ "Life_Remaining", NULL, 245, RAW_LEFT },
	/* StorFly, ATP, Swissbit, Innodisk */
	{ "Lifetime_Remaining", NULL, 248, RAW_LEFT },
	{ "Life_Remain", NULL, 248, RAW_LEFT },
	{ "Remaining_Life", NULL, 248, RAW_LEFT },
	/* "norm = max(100-raw,0); raw = percent_lifetime_used" (drivedb.h), whatever its name */
	{ "Percent_Lifetime_", "Micron", 202, RAW_USED },
	{ "Perc_Rated_Life_Used", NULL, 202, RAW_USED },
	{ "Percent_Lifetime_", NULL, 202, RAW_OTHER },
	/* Intel: from 100 down to 1, the raw value is 0; Samsung: raw are erase cycles */
	{ "Media_Wearout_Indicator", NULL, 233, RAW_OTHER },
	{ "Wear_Leveling_Count", NULL, 177, RAW_OTHER },
};

/* Of a drive that smartctl does not know, names are guesses: a 0 can be a counter's. */
static bool is_life_left(uint64_t value, bool known)
{
	return value <= 100 && (value > 0 || known);
}

/* The lower one of those that can be; false: neither can. */
static bool life_left(enum raw_kind kind, const json_t *attribute, bool known,
		      uint64_t *left)
{
	AUTO_JSON json_t *number = storage_smart_raw(attribute);
	uint64_t value, raw;
	bool found = !tool_json_u64(json_object_get(attribute, "value"), &value) &&
		     is_life_left(value, known);

	if (found)
		*left = value;
	if (kind == RAW_OTHER || tool_json_u64(number, &raw) || raw > 100)
		return found;
	if (kind == RAW_USED)
		raw = 100 - raw;
	if (!is_life_left(raw, known))
		return found;
	if (!found || raw < *left)
		*left = raw;
	return true;
}

void storage_smart_wear(json_t *props, const json_t *root, const json_t *attribute)
{
	static const char prop[] = "predicted_media_life_left_percent";
	const char *name = json_string_value(json_object_get(attribute, "name"));
	const char *family = json_string_value(json_object_get(root, "model_family"));
	bool known = !json_is_false(json_object_get(root, "in_smartctl_database"));
	uint64_t id, left;

	if (!name || json_object_get(props, prop) ||
	    tool_json_u64(json_object_get(attribute, "id"), &id))
		return;
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
		if (id != attributes[i].id || !strstr(name, attributes[i].part) ||
		    (attributes[i].family &&
		     !(family && strstr(family, attributes[i].family))))
			continue;
		if (life_left(attributes[i].raw, attribute, known, &left))
			json_put(props, prop, collect_integer(left));
		return;
	}
}
