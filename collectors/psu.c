/*
 * What `ipmitool fru print` says: one record per FRU, and one per power supply.
 *
 * ipmitool prints a FRU's strings as they are, line ends too. So a string can add lines
 * that look like ipmitool's own: fields of its FRU, or a whole FRU. What gives itself
 * away is reported (an id or a field that comes twice, a line of no known form), but a
 * forged FRU with an unused id does not: nothing here is proof of what is in the machine.
 */
#include "fru.h"
#include "ipmi_lines.h"

#include <string.h>

#define FRU_LABEL_SIZE 33 /* of such a name, with the NUL byte */

/* ipmitool's labels of the fields, 1.8.19 (lib/ipmi_fru.c). */
static const char *const fru_labels[FRU_FIELDS] = {
	[FRU_CHASSIS_TYPE] = "Chassis Type",
	[FRU_CHASSIS_PART] = "Chassis Part Number",
	[FRU_CHASSIS_SERIAL] = "Chassis Serial",
	[FRU_CHASSIS_EXTRA] = "Chassis Extra",
	[FRU_BOARD_DATE] = "Board Mfg Date",
	[FRU_BOARD_MAKER] = "Board Mfg",
	[FRU_BOARD_PRODUCT] = "Board Product",
	[FRU_BOARD_SERIAL] = "Board Serial",
	[FRU_BOARD_PART] = "Board Part Number",
	[FRU_BOARD_FILE] = "Board FRU ID",
	[FRU_BOARD_EXTRA] = "Board Extra",
	[FRU_PRODUCT_MAKER] = "Product Manufacturer",
	[FRU_PRODUCT_NAME] = "Product Name",
	[FRU_PRODUCT_PART] = "Product Part Number",
	[FRU_PRODUCT_VERSION] = "Product Version",
	[FRU_PRODUCT_SERIAL] = "Product Serial",
	[FRU_PRODUCT_ASSET] = "Product Asset Tag",
	[FRU_PRODUCT_FILE] = "Product FRU ID",
	[FRU_PRODUCT_EXTRA] = "Product Extra",
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
static void put_other(struct fru *fru, struct span line, struct span label,
		      struct span value)
{
	char key[FRU_LABEL_SIZE];
	json_t *other = json_object_get(fru->props, "other");

	if (!is_label(label) || json_object_size(other) == FRU_LIST_MAX) {
		strange_add(&fru->strange, line);
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

/* "Mon Jan  8 09:00:00 2024 UTC", as asctime(3) has it, is 2024-01-08T09:00:00Z: what the same bytes
 * are to bee-ipmi's reader. False: it is something else. */
static bool date_iso(struct span value, char out[24])
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char text[32] = "";
	const char *month;
	uint64_t day, year;

	if (value.len < 24 || value.len >= sizeof(text))
		return false;
	text_copy(value, text, sizeof(text));
	text[7] = '\0';
	month = strstr(months, text + 4);
	if (text[3] != ' ' || !month || (month - months) % 3 || text[10] != ' ' ||
	    text[13] != ':' || text[16] != ':' || text[19] != ' ' ||
	    (text[24] && strcmp(text + 24, " UTC") != 0))
		return false;
	text[10] = text[19] = text[24] = '\0';
	if (parse_u64(text + 8 + (text[8] == ' '), 31, &day) ||
	    parse_u64(text + 20, 9999, &year) || strspn(text + 11, "0123456789:") != 8)
		return false;
	(void)snprintf(out, 24, "%04u-%02u-%02uT%.8sZ", (unsigned)year,
		       (unsigned)((month - months) / 3 + 1), (unsigned)day, text + 11);
	return true;
}

/* " Label   : value" */
static void field_line(struct fru *fru, struct span line)
{
	struct span label, value = line;

	if (!text_cut(&value, ':', &label) || label.len == line.len)
		return; /* a heading, of a record that -v prints */
	label = text_trim(label);
	value = text_trim(value);
	for (enum fru_field i = 0; i < FRU_FIELDS; i++)
		if (text_is(label, fru_labels[i])) {
			if (fru->beside && i == FRU_BOARD_DATE &&
			    date_iso(value, fru->date))
				value = (struct span){ fru->date, strlen(fru->date) };
			fru_set(fru, i, value);
			return;
		}
	put_other(fru, line, label, value);
}

/* "  Capacity                   : 750 W", below " Power Supply Record": with -v only. */
static void record_line(struct fru *fru, struct span line)
{
	struct span label, value = text_trim(line);
	struct span rest;
	uint64_t watts;

	if (!fru->in_supply_record || !text_cut(&value, ':', &label))
		return;
	value = text_trim(value);
	if (!text_is(text_trim(label), "Capacity"))
		return;
	rest = value;
	if (text_take_u64(&rest, &watts) && text_is(rest, " W"))
		fru->capacity_watts = watts;
	else
		collect_unread_span(fru->props, "power_capacity_watts", value);
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
		strange_add(&fru->strange, line);
	}
}

static void psu_fru_text(const struct input *in, bool beside, struct output *out)
{
	const char *where = beside ? "psu/ipmitool" : "psu/fru";
	struct span rest = { in->text, in->len }, line, description;
	struct strange_lines before = { .count = 0 };
	unsigned id, seen[256] = { 0 };
	struct fru fru = { .props = NULL };

	while (text_line(&rest, &line)) {
		if (rest.len == 0 && in->text[in->len - 1] != '\n') {
			collect_error(out, where, "the text is cut off inside a line");
			break;
		}
		if (header_parse(line, &description, &id)) {
			fru_end(&fru, out);
			fru_begin(&fru, id, ++seen[id], description);
			fru.beside = beside;
		} else if (fru.props) {
			fru_line(&fru, line);
		} else if (text_trim(line).len > 0) {
			strange_add(&before, line);
		}
	}
	fru_end(&fru, out);
	if (in->len == 0)
		collect_error(out, where, "ipmitool printed nothing");
	else
		strange_tell(&before, out, where, "",
			     "lines before the first FRU are not understood");
}

/* Both kinds of output are replayed: what is captured now, and what people already have.
 */
void collect_psu_fru(const struct input *in, const char *instance, struct output *out)
{
	(void)instance;
	if (ipmi_lines_are(in))
		psu_fru_lines(in, out);
	else
		psu_fru_text(in, false, out);
}

/* The same text beside what bee-ipmi read. */
void collect_psu_ipmitool(const struct input *in, const char *instance,
			  struct output *out)
{
	(void)instance;
	psu_fru_text(in, true, out);
}
