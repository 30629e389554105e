/*
 * What `ipmitool fru print` says: one record per FRU, and one per power supply.
 *
 * ipmitool prints a FRU's strings as they are, line ends too. So a string can add lines
 * that look like ipmitool's own: fields of its FRU, or a whole FRU. What gives itself
 * away is reported (an id or a field that comes twice, a line of no known form), but a
 * forged FRU with an unused id does not: nothing here is proof of what is in the machine.
 */
#include "fru.h"

#include <string.h>

#define FRU_OTHER_MAX 64  /* fields whose name is not in the table, per FRU */
#define FRU_LABEL_SIZE 33 /* of such a name, with the NUL byte */

static const char where[] = "psu/fru";

/* IPMI FRU Information Storage Definition 1.0 rev 1.3, chapters 10 to 12. */
static const struct {
	const char *label;
	const char *prop;
	enum placeholder_kind kind;
	bool list; /* "... Extra": custom fields, any number of them */
} fields[FRU_FIELDS] = {
	[FRU_CHASSIS_TYPE] = { "Chassis Type", "chassis_type", PLACEHOLDER_WORDS, false },
	[FRU_CHASSIS_PART] = { "Chassis Part Number", "chassis_part_number",
			       PLACEHOLDER_IDENTITY, false },
	[FRU_CHASSIS_SERIAL] = { "Chassis Serial", "chassis_serial_number",
				 PLACEHOLDER_IDENTITY, false },
	[FRU_CHASSIS_EXTRA] = { "Chassis Extra", "chassis_extra", PLACEHOLDER_WORDS,
				true },
	[FRU_BOARD_DATE] = { "Board Mfg Date", "board_mfg_date", PLACEHOLDER_WORDS,
			     false },
	[FRU_BOARD_MAKER] = { "Board Mfg", "board_manufacturer", PLACEHOLDER_WORDS,
			      false },
	[FRU_BOARD_PRODUCT] = { "Board Product", "board_product", PLACEHOLDER_WORDS,
				false },
	[FRU_BOARD_SERIAL] = { "Board Serial", "board_serial_number",
			       PLACEHOLDER_IDENTITY, false },
	[FRU_BOARD_PART] = { "Board Part Number", "board_part_number",
			     PLACEHOLDER_IDENTITY, false },
	[FRU_BOARD_FILE] = { "Board FRU ID", "board_fru_file_id", PLACEHOLDER_WORDS,
			     false },
	[FRU_BOARD_EXTRA] = { "Board Extra", "board_extra", PLACEHOLDER_WORDS, true },
	[FRU_PRODUCT_MAKER] = { "Product Manufacturer", "product_manufacturer",
				PLACEHOLDER_WORDS, false },
	[FRU_PRODUCT_NAME] = { "Product Name", "product_name", PLACEHOLDER_WORDS, false },
	[FRU_PRODUCT_PART] = { "Product Part Number", "product_part_number",
			       PLACEHOLDER_IDENTITY, false },
	[FRU_PRODUCT_VERSION] = { "Product Version", "product_version", PLACEHOLDER_WORDS,
				  false },
	[FRU_PRODUCT_SERIAL] = { "Product Serial", "product_serial_number",
				 PLACEHOLDER_IDENTITY, false },
	[FRU_PRODUCT_ASSET] = { "Product Asset Tag", "product_asset_tag",
				PLACEHOLDER_IDENTITY, false },
	[FRU_PRODUCT_FILE] = { "Product FRU ID", "product_fru_file_id", PLACEHOLDER_WORDS,
			       false },
	[FRU_PRODUCT_EXTRA] = { "Product Extra", "product_extra", PLACEHOLDER_WORDS,
				true },
};

/* What ipmitool says instead of a FRU's content. */
static const char *const troubles[] = {
	"FRU Read failed",
	"Unknown FRU header version",
	"Invalid FRU size",
	"Timeout accessing FRU info",
	"Timeout while reading FRU data",
};

/* "FRU Device Description : PSU1 FRU (ID 2)". The id is the last thing on the line. */
static bool header_parse(struct span line, struct span *description, unsigned *id)
{
	const char *open;
	struct span digits;
	uint64_t number;

	if (!text_skip(&line, "FRU Device Description : ") || !text_ends(line, ")"))
		return false;
	open = memrchr(line.at, '(', line.len);
	if (!open)
		return false;
	digits = (struct span){ open, (size_t)(line.at + line.len - 1 - open) };
	if (!text_skip(&digits, "(ID ") || text_u64(digits, &number) || number > 255)
		return false;
	*description = text_trim((struct span){ line.at, (size_t)(open - line.at) });
	*id = (unsigned)number;
	return true;
}

static void put_list(json_t *props, const char *prop, struct span value)
{
	json_t *list = json_object_get(props, prop);

	if (!list) {
		list = json_array();
		json_put(props, prop, list);
	}
	if (value.len > 0 && json_array_size(list) < FRU_OTHER_MAX)
		(void)json_array_append_new(list, json_text(value.at, value.len, NULL));
}

/* ipmitool's labels are words; anything else is a FRU's string that has got here. */
static bool is_label(struct span label)
{
	for (size_t i = 0; i < label.len; i++) {
		char c = label.at[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    !(c >= '0' && c <= '9') && c != ' ' && c != '/' && c != '-')
			return false;
	}
	return label.len > 0 && label.len < FRU_LABEL_SIZE;
}

/* A field whose label is not in the table: a memory module's SPD, a newer ipmitool's. */
static void put_other(struct fru *fru, struct span label, struct span value)
{
	char key[FRU_LABEL_SIZE];
	json_t *other = json_object_get(fru->props, "other");

	if (!is_label(label) || json_object_size(other) == FRU_OTHER_MAX) {
		fru->strange++;
		return;
	}
	text_copy(label, key, sizeof(key));
	if (json_object_get(other, key)) {
		fru->repeated++;
		return;
	}
	fru->content = true;
	placeholder_keep(fru->props, "other", key, value.at, value.len);
}

/* " Label   : value" */
static void field_line(struct fru *fru, struct span line)
{
	struct span label, value = line;

	if (!text_cut(&value, ':', &label) || label.len == line.len)
		return; /* a heading, of a record that -v prints */
	label = text_trim(label);
	value = text_trim(value);
	for (unsigned i = 0; i < FRU_FIELDS; i++) {
		if (!text_is(label, fields[i].label))
			continue;
		fru->content = true;
		if (fields[i].list) {
			put_list(fru->props, fields[i].prop, value);
		} else if (fru->field[i].at) {
			fru->repeated++;
		} else {
			fru->field[i] = value;
			placeholder_put(fru->props, fields[i].prop, value.at, value.len,
					fields[i].kind);
		}
		return;
	}
	put_other(fru, label, value);
}

/* "  Capacity                   : 750 W", below " Power Supply Record": with -v only. */
static void record_line(struct fru *fru, struct span line)
{
	struct span label, value = text_trim(line);
	uint64_t watts;

	if (!fru->in_supply_record || !text_cut(&value, ':', &label))
		return;
	value = text_trim(value);
	if (text_is(text_trim(label), "Capacity") && text_take_u64(&value, &watts) &&
	    text_is(value, " W"))
		fru->capacity_watts = watts;
}

static void fru_line(struct fru *fru, struct span line)
{
	struct span rest = text_trim(line);

	if (text_skip(&rest, "Device not present")) {
		fru->missing = text_trim(line);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
		if (text_starts(rest, troubles[i])) {
			fru->trouble = troubles[i];
			return;
		}
	}
	if (text_starts(line, "  ")) {
		record_line(fru, line);
	} else if (text_starts(line, " ")) {
		fru->in_supply_record = text_is(rest, "Power Supply Record");
		field_line(fru, line);
	} else if (rest.len > 0) {
		fru->strange++;
	}
}

/* Emits what was gathered and says what was wrong with it. */
static void fru_end(struct fru *fru, struct output *out)
{
	char key[24];

	if (!fru->props)
		return;
	if (fru->repeat > 1)
		snprintf(key, sizeof(key), "fru%u#%u", fru->id, fru->repeat);
	else
		snprintf(key, sizeof(key), "fru%u", fru->id);
	fru_put_state(fru, fru->props);
	if (fru->missing.len > 0)
		collect_span(fru->props, "note", fru->missing);
	if (fru->capacity_watts > 0)
		json_put(fru->props, "power_capacity_watts",
			 collect_integer(fru->capacity_watts));
	collect_record(out, "fru.devices", key, fru->props);
	fru->props = NULL;
	if (fru_is_power_supply(fru))
		collect_record(out, "power_supplies", key, fru_power_supply(fru));
	if (fru->trouble)
		collect_error(out, where, "%s: %s", key, fru->trouble);
	if (fru->repeat > 1)
		collect_error(out, where,
			      "FRU id %u comes again: one of them may be forged",
			      fru->id);
	if (fru->repeated > 0)
		collect_error(out, where, "%s: %u fields come twice: the first is taken",
			      key, fru->repeated);
	if (fru->strange > 0)
		collect_error(out, where, "%s: %u lines are not understood", key,
			      fru->strange);
}

void collect_psu_fru(const struct input *in, const char *instance, struct output *out)
{
	struct span rest = { in->text, in->len }, line, description;
	unsigned id, seen[256] = { 0 }, strange = 0;
	struct fru fru = { .props = NULL };

	(void)instance;
	while (text_line(&rest, &line)) {
		if (rest.len == 0 && in->text[in->len - 1] != '\n') {
			collect_error(out, where, "the text is cut off inside a line");
			break;
		}
		if (header_parse(line, &description, &id)) {
			fru_end(&fru, out);
			fru = (struct fru){
				.id = id,
				.repeat = ++seen[id],
				.description = description,
				.props = json_object(),
			};
			json_put(fru.props, "id", json_integer(id));
			collect_span(fru.props, "description", description);
		} else if (fru.props) {
			fru_line(&fru, line);
		} else if (text_trim(line).len > 0) {
			strange++;
		}
	}
	fru_end(&fru, out);
	if (in->len == 0)
		collect_error(out, where, "ipmitool printed nothing");
	else if (strange > 0)
		collect_error(out, where,
			      "%u lines before the first FRU are not understood",
			      strange);
}
