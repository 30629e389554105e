/*
 * raid/sas2ircu*, raid/sas3ircu*: controllers of the MPT family with their IR volumes and drives.
 * "N DISPLAY" prints blocks of "Name : value" lines below headings; a block is what follows a
 * line without a colon.
 */
#include "placeholder_put.h"
#include "raid.h"

#include <string.h>

#define MEMBERS_MAX 64 /* of a volume; IR firmware has 14 */

/* LSI SAS2 Integrated RAID Solution User Guide, "DISPLAY": the word stands in brackets. */
static const struct raid_state volume_states[] = {
	{ "OKY", "OK", NULL },
	{ "DGD", "Critical", "members are missing" },
	{ "FLD", "Critical", "the volume has failed" },
	{ "MIS", "Critical", "the volume is missing" },
	{ "INIT", NULL, NULL },
	{ "INACTIVE", NULL, NULL },
	{ NULL, NULL, NULL },
};

enum block { NO_BLOCK, CONTROLLER, VOLUME, DRIVE, OTHER };

struct reader {
	struct output *out;
	const char *where;
	enum block block;
	json_t *props;
	char controller[16]; /* "sas3ircu0", for keys */
	char key[64];        /* of the block; "": not known yet */
	char enclosure[16];
	uint64_t numbers[4]; /* segment, bus, device, function */
	unsigned known;      /* a bit for each of the numbers */
};

enum word_kind { TEXT, IDENTITY };

static const struct {
	const char *name, *prop;
	enum block block;
	enum word_kind kind;
} values[] = {
	{ "Controller type", "model", CONTROLLER, TEXT },
	{ "BIOS version", "bios_version", CONTROLLER, TEXT },
	{ "Firmware version", "firmware_version", CONTROLLER, TEXT },
	{ "Volume Name", "name", VOLUME, TEXT },
	{ "RAID level", "level", VOLUME, TEXT },
	{ "Volume wwid", "wwid", VOLUME, IDENTITY },
	{ "SAS Address", "sas_address", DRIVE, IDENTITY },
	{ "Manufacturer", "manufacturer", DRIVE, TEXT },
	{ "Model Number", "model", DRIVE, TEXT },
	{ "Firmware Revision", "firmware_version", DRIVE, TEXT },
	{ "Serial No", "serial_number", DRIVE, IDENTITY },
	/* Comes after "Serial No", which may be cut; it is the one that the drive itself tells. */
	{ "Unit Serial No(VPD)", "serial_number", DRIVE, IDENTITY },
};

/* "Degraded (DGD)": the word of the table is the one in brackets. */
static struct span in_brackets(struct span text)
{
	struct span before;

	if (!memchr(text.at, '(', text.len) || !text_cut(&text, '(', &before))
		return text;
	(void)text_cut(&text, ')', &before);
	return before;
}

static void finish(struct reader *r)
{
	static const char *const types[] = {
		[CONTROLLER] = STORAGE_CONTROLLERS,
		[VOLUME] = "storage.arrays",
		[DRIVE] = STORAGE_DRIVES,
	};

	if (r->block == CONTROLLER && r->known == 0xf)
		(void)snprintf(r->key, sizeof(r->key), "%04x:%02x:%02x.%x",
			       (unsigned)r->numbers[0], (unsigned)r->numbers[1],
			       (unsigned)r->numbers[2], (unsigned)r->numbers[3]);
	if (r->props && r->key[0]) {
		const json_t *members = json_object_get(r->props, "members");

		if (members)
			json_put(r->props, "member_count",
				 collect_integer(json_array_size(members)));
		collect_record(r->out, types[r->block], r->key, r->props);
	} else {
		if (r->props && json_object_size(r->props) > 0 && r->block != OTHER)
			collect_error(r->out, r->where,
				      "a block without a number or an address: %s",
				      r->block == CONTROLLER ? "the controller"
				      : r->block == VOLUME   ? "a volume"
							     : "a drive");
		json_decref(r->props);
	}
	r->props = NULL;
	r->block = NO_BLOCK;
	r->key[0] = r->enclosure[0] = '\0';
}

static void begin(struct reader *r, struct span line)
{
	static const struct {
		const char *heading;
		enum block block;
	} headings[] = {
		{ "Controller information", CONTROLLER },
		{ "IR volume ", VOLUME },
		{ "IR Volume information", OTHER },
		{ "Device is a Hard disk", DRIVE },
		{ "Device is a ", OTHER },
		{ "Initiator at ID", OTHER },
		{ "Enclosure information", OTHER },
	};

	for (size_t i = 0; i < ARRAY_LEN(headings); i++) {
		if (!text_starts(line, headings[i].heading))
			continue;
		finish(r);
		r->block = headings[i].block;
		r->props = json_object();
		if (r->block == CONTROLLER)
			r->known = 0;
		return;
	}
}

/*
 * "Size (in MB)/(in sectors)  : 1907729/3907029167": the second one is the number of the last
 * sector. Its size is not told; it is the one that makes both the same.
 */
static void put_size(json_t *props, struct span value)
{
	static const unsigned shifts[] = { 9, 12 };
	struct span mebibytes, all = value;
	uint64_t mib, last;

	if (!text_cut(&value, '/', &mebibytes))
		return;
	json_put(props, "capacity_bytes", json_null());
	if (text_u64(mebibytes, &mib) || text_u64(value, &last) || last >= 1ULL << 50) {
		collect_unread_span(props, "capacity_bytes", all);
		return;
	}
	/* "0/0": a drive that is missing. */
	if (mib == 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(shifts); i++) {
		uint64_t bytes = (last + 1) << shifts[i];

		if (bytes >> 20 != mib && last << shifts[i] >> 20 != mib)
			continue;
		json_put(props, "capacity_bytes", collect_integer(bytes));
		return;
	}
	collect_unread_span(props, "capacity_bytes", all);
}

/* "PHY[0] Enclosure#/Slot#  : 1:2" */
static void add_member(struct reader *r, struct span value)
{
	json_t *list = json_object_get(r->props, "members"), *member;
	struct span enclosure, slot = value;
	char key[64];

	if (!list) {
		list = json_array();
		json_put(r->props, "members", list);
	}
	if (json_array_size(list) == MEMBERS_MAX)
		return;
	member = json_object();
	collect_span(member, "slot", value);
	if (text_cut(&slot, ':', &enclosure) && value.len < 16) {
		(void)snprintf(key, sizeof(key), "%s/e%.*s/s%.*s", r->controller,
			       (int)enclosure.len, enclosure.at, (int)slot.len, slot.at);
		json_put(member, "drive", json_text(key, strlen(key), NULL));
	}
	json_push(list, member);
}

static void put_number(struct reader *r, unsigned at, struct span value, uint64_t max)
{
	if (!text_u64(value, &r->numbers[at]) && r->numbers[at] <= max)
		r->known |= 1u << at;
}

static void on_controller(struct reader *r, struct span name, struct span value)
{
	if (text_is(name, "Segment"))
		put_number(r, 0, value, 0xffff);
	else if (text_is(name, "Bus"))
		put_number(r, 1, value, 0xff);
	else if (text_is(name, "Device"))
		put_number(r, 2, value, 31);
	else if (text_is(name, "Function"))
		put_number(r, 3, value, 7);
}

static void on_volume(struct reader *r, struct span name, struct span value)
{
	uint64_t number;

	if (text_is(name, "Volume ID") && !text_u64(value, &number))
		(void)snprintf(r->key, sizeof(r->key), "%s/v%llu", r->controller,
			       (unsigned long long)number);
	else if (text_is(name, "Status of volume"))
		raid_put_state(r->props, "array_state", in_brackets(value),
			       volume_states);
	else if (text_starts(name, "PHY["))
		add_member(r, value);
	else if (!text_is(name, "Size (in MB)"))
		return;
	else if (!text_u64(value, &number) && number < 1ULL << 40)
		/* Firmware makes them of whole ones. */
		json_put(r->props, "capacity_bytes", collect_integer(number << 20));
	else
		raid_put_unread_span(r->props, "capacity_bytes", value);
}

static void on_drive(struct reader *r, struct span name, struct span value)
{
	uint64_t number;

	if (text_is(name, "Enclosure #")) {
		(void)text_copy(value, r->enclosure, sizeof(r->enclosure));
	} else if (text_is(name, "Slot #") && !text_u64(value, &number)) {
		AUTO_FREE char *slot =
			xasprintf("%s:%llu", r->enclosure, (unsigned long long)number);

		(void)snprintf(r->key, sizeof(r->key), "%s/e%s/s%llu", r->controller,
			       r->enclosure, (unsigned long long)number);
		json_put(r->props, "raid_slot", json_text(slot, strlen(slot), NULL));
	} else if (text_is(name, "State")) {
		collect_span(r->props, "raid_state", in_brackets(value));
	} else if (text_is(name, "GUID")) {
		raid_put_wwn(r->props, value);
	} else if (text_starts(name, "Size (in MB)")) {
		put_size(r->props, value);
	} else if (text_is(name, "Drive Type")) {
		struct span protocol;

		/* "SAS_HDD", "SATA_SSD" */
		if (text_cut(&value, '_', &protocol)) {
			collect_span(r->props, "protocol", protocol);
			raid_put_media(r->props, value);
		}
	}
}

static void on_value(struct reader *r, struct span name, struct span value)
{
	if (!r->props)
		return;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		if (values[i].block != r->block || !text_is(name, values[i].name))
			continue;
		if (!text_is(value, "N/A"))
			placeholder_put(r->props, values[i].prop, value.at, value.len,
					values[i].kind == IDENTITY ? PLACEHOLDER_IDENTITY
								   : PLACEHOLDER_WORDS);
		else if (!json_object_get(r->props, values[i].prop))
			json_put(r->props, values[i].prop, json_null());
		return;
	}
	if (r->block == CONTROLLER)
		on_controller(r, name, value);
	else if (r->block == VOLUME)
		on_volume(r, name, value);
	else if (r->block == DRIVE)
		on_drive(r, name, value);
}

/*
 * "Avago Technologies SAS3 IR Configuration Utility.", then "Read configuration has been initiated
 * for controller 0".
 */
static void name_controller(struct reader *r, struct span line)
{
	struct span number = line;

	while (text_cut(&line, ' ', &number))
		;
	(void)snprintf(r->controller, sizeof(r->controller), "%s%.*s", r->where,
		       (int)(number.len < 4 ? number.len : 4), number.at);
}

void collect_raid_sasircu(const struct input *in, const char *instance,
			  struct output *out)
{
	struct reader r = { .out = out, .where = "sas3ircu", .controller = "sas3ircu" };
	struct span rest = { in->text, in->len }, line, name;
	bool any = false;

	(void)instance;
	while (text_line(&rest, &line)) {
		if (rest.len == 0 && in->text[in->len - 1] != '\n') {
			collect_error(out, r.where, "the text ends within a line");
			break;
		}
		line = text_trim(line);
		if (line.len == 0 || text_starts(line, "----"))
			continue;
		if (memmem(line.at, line.len, "SAS2 IR Configuration", 21)) {
			r.where = "sas2ircu";
		} else if (text_starts(line,
				       "Read configuration has been initiated for")) {
			name_controller(&r, line);
		} else if (!memchr(line.at, ':', line.len)) {
			begin(&r, line);
			any |= r.block == CONTROLLER;
		} else if (text_cut(&line, ':', &name)) {
			on_value(&r, text_trim(name), text_trim(line));
		}
	}
	finish(&r);
	if (!any)
		collect_error(out, r.where, "there is no controller in it");
}
