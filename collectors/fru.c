/* One FRU as records: fields into properties, and what was wrong with them. */
#include "fru.h"

#include <stdarg.h>
#include <string.h>

/* IPMI FRU Information Storage Definition 1.0 rev 1.3, chapters 10 to 12. */
static const struct {
	const char *prop;
	enum placeholder_kind kind;
	bool list; /* "... Extra": custom fields, any number of them */
} fields[FRU_FIELDS] = {
	[FRU_CHASSIS_TYPE] = { "chassis_type", PLACEHOLDER_WORDS, false },
	[FRU_CHASSIS_PART] = { "chassis_part_number", PLACEHOLDER_IDENTITY, false },
	[FRU_CHASSIS_SERIAL] = { "chassis_serial_number", PLACEHOLDER_IDENTITY, false },
	[FRU_CHASSIS_EXTRA] = { "chassis_extra", PLACEHOLDER_WORDS, true },
	[FRU_BOARD_DATE] = { "board_mfg_date", PLACEHOLDER_WORDS, false },
	[FRU_BOARD_MAKER] = { "board_manufacturer", PLACEHOLDER_WORDS, false },
	[FRU_BOARD_PRODUCT] = { "board_product", PLACEHOLDER_WORDS, false },
	[FRU_BOARD_SERIAL] = { "board_serial_number", PLACEHOLDER_IDENTITY, false },
	[FRU_BOARD_PART] = { "board_part_number", PLACEHOLDER_IDENTITY, false },
	[FRU_BOARD_FILE] = { "board_fru_file_id", PLACEHOLDER_WORDS, false },
	[FRU_BOARD_EXTRA] = { "board_extra", PLACEHOLDER_WORDS, true },
	[FRU_PRODUCT_MAKER] = { "product_manufacturer", PLACEHOLDER_WORDS, false },
	[FRU_PRODUCT_NAME] = { "product_name", PLACEHOLDER_WORDS, false },
	[FRU_PRODUCT_PART] = { "product_part_number", PLACEHOLDER_IDENTITY, false },
	[FRU_PRODUCT_VERSION] = { "product_version", PLACEHOLDER_WORDS, false },
	[FRU_PRODUCT_SERIAL] = { "product_serial_number", PLACEHOLDER_IDENTITY, false },
	[FRU_PRODUCT_ASSET] = { "product_asset_tag", PLACEHOLDER_IDENTITY, false },
	[FRU_PRODUCT_FILE] = { "product_fru_file_id", PLACEHOLDER_WORDS, false },
	[FRU_PRODUCT_EXTRA] = { "product_extra", PLACEHOLDER_WORDS, true },
};

static void put_list(json_t *props, const char *prop, struct span value)
{
	json_t *list = json_object_get(props, prop);

	if (!list) {
		list = json_array();
		json_put(props, prop, list);
	}
	if (value.len > 0 && json_array_size(list) < FRU_LIST_MAX)
		json_push(list, json_text(value.at, value.len, NULL));
}

void fru_fault(struct fru *fru, const char *fmt, ...)
{
	char text[128];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n > 0)
		put_list(fru->props, "faults", (struct span){ text, strlen(text) });
}

void fru_begin(struct fru *fru, unsigned id, unsigned repeat, struct span description)
{
	*fru = (struct fru){
		.id = id,
		.repeat = repeat,
		.description = description,
		.props = json_object(),
	};
	json_put(fru->props, "id", json_integer(id));
	collect_span(fru->props, "description", description);
}

void fru_set(struct fru *fru, enum fru_field field, struct span value)
{
	fru->content = true;
	if (fields[field].list) {
		put_list(fru->props, fields[field].prop, value);
	} else if (fru->field[field].at) {
		fru->repeated++;
	} else {
		fru->field[field] = value;
		placeholder_put(fru->props, fields[field].prop, value.at, value.len,
				fields[field].kind);
	}
}

/* A text adds to what the bytes have told. A supply that stands in the text alone, or a FRU that comes
 * again in it, is no record: another FRU's string may have made it. */
static void emit(struct fru *fru, const char *key, struct output *out)
{
	if (fru->beside && fru->repeat > 1) {
		json_decref(fru->props);
		return;
	}
	collect_record(out, "fru.devices", key, fru->props);
	if (!fru->beside && fru_is_power_supply(fru))
		collect_record(out, "power_supplies", key, fru_power_supply(fru));
}

void fru_end(struct fru *fru, struct output *out)
{
	const char *where = fru->beside ? "psu/ipmitool" : "psu/fru";
	char key[24], whose[32];

	if (!fru->props)
		return;
	if (fru->repeat > 1)
		(void)snprintf(key, sizeof(key), "fru%u#%u", fru->id, fru->repeat);
	else
		(void)snprintf(key, sizeof(key), "fru%u", fru->id);
	(void)snprintf(whose, sizeof(whose), "%s: ", key);
	fru_put_state(fru, fru->props);
	if (fru->missing.len > 0)
		collect_span(fru->props, "note", fru->missing);
	else if (fru->note)
		json_put(fru->props, "note", json_string(fru->note));
	if (fru->capacity_watts > 0)
		json_put(fru->props, "power_capacity_watts",
			 collect_integer(fru->capacity_watts));
	emit(fru, key, out);
	fru->props = NULL;
	json_decref(fru->supply);
	fru->supply = NULL;
	if (fru->trouble)
		collect_error(out, where, "%s%s", whose, fru->trouble);
	if (fru->repeat > 1)
		collect_error(out, where,
			      "FRU id %u comes again: one of them may be forged",
			      fru->id);
	if (fru->repeated > 0)
		collect_error(out, where, "%s%u fields come twice: the first is taken",
			      whose, fru->repeated);
	strange_tell(&fru->strange, out, where, whose, "lines are not understood");
}
