/*
 * FRU information storage as bytes: IPMI Platform Management FRU Information Storage
 * Definition 1.0, revision 1.3. The bytes are anybody's: every length is checked against
 * what is there, a wrong checksum is reported and the content kept.
 */
#include "fru.h"
#include "ipmi_lines.h"

#include <string.h>

/* type/length bytes of an area: its length has 8 bits, in eights */
#define FIELDS_MAX 128
#define RECORDS_MAX 255 /* multirecords */
#define EPOCH_1996 820454400u

/* An area as far as it is there, without its checksum. */
struct area {
	const char *name;
	const uint8_t *at;
	size_t len;
};

/* SMBIOS 3.6, 7.4.1, in dmidecode's words: chapter 10 points there. */
static const char *const chassis_types[] = {
	NULL,
	"Other",
	"Unknown",
	"Desktop",
	"Low Profile Desktop",
	"Pizza Box",
	"Mini Tower",
	"Tower",
	"Portable",
	"Laptop",
	"Notebook",
	"Hand Held",
	"Docking Station",
	"All In One",
	"Sub Notebook",
	"Space-saving",
	"Lunch Box",
	"Main Server Chassis",
	"Expansion Chassis",
	"Sub Chassis",
	"Bus Expansion Chassis",
	"Peripheral Chassis",
	"RAID Chassis",
	"Rack Mount Chassis",
	"Sealed-case PC",
	"Multi-system",
	"CompactPCI",
	"AdvancedTCA",
	"Blade",
	"Blade Enclosing",
	"Tablet",
	"Convertible",
	"Detachable",
	"IoT Gateway",
	"Embedded PC",
	"Mini PC",
	"Stick PC",
};

struct span fru_decode(unsigned kind, const uint8_t *bytes, size_t len, char *pool)
{
	static const char bcd[] =
		"0123456789 -.???"; /* 13.1: the last three are reserved */
	static const char hex[] = "0123456789abcdef";
	struct span text = { pool, 0 };
	char *out = pool;

	switch (kind) {
	case 0: /* binary */
	case 1: /* BCD plus */
		for (size_t i = 0; i < len; i++) {
			*out++ = (kind ? bcd : hex)[bytes[i] >> 4];
			*out++ = (kind ? bcd : hex)[bytes[i] & 15];
		}
		break;
	case 2: /* 6 bits each, lowest first, from a blank on (13.2) */
		for (size_t i = 0; i + 1 <= len * 8 / 6; i++) {
			size_t bit = i * 6;
			unsigned two = bytes[bit / 8];

			if (bit / 8 + 1 < len)
				two |= (unsigned)bytes[bit / 8 + 1] << 8;
			*out++ = (char)(' ' + (two >> bit % 8 & 63));
		}
		break;
	default: /* ASCII and Latin 1 as they are; two-byte languages are too */
		memcpy(out, bytes, len);
		out += len;
	}
	text.len = (size_t)(out - pool);
	return text;
}

static uint8_t sum_of(const uint8_t *bytes, size_t len)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum;
}

/* Finds the area whose offset, in eights, is in the header's byte `index`. */
static bool area_find(struct fru *fru, const uint8_t *bytes, size_t len, size_t index,
		      struct area *area)
{
	size_t at = 8u * bytes[index], size;

	if (at == 0)
		return false;
	if (at + 2 > len) {
		fru_fault(fru, "the %s area is not there (FRU 1.3, 8)", area->name);
		return false;
	}
	size = 8u * bytes[at + 1];
	if (size == 0 || at + size > len) {
		fru_fault(fru, "the %s area of %zu bytes is cut off", area->name, size);
		size = len - at;
	} else if (sum_of(bytes + at, size--) != 0) {
		fru_fault(fru, "the %s area's checksum is wrong", area->name);
	}
	area->at = bytes + at;
	area->len = size;
	return true;
}

/*
 * What follows the end mark is filled up with zeros (FRU 1.3, 12); a fresh EEPROM has ones. Anything
 * else were fields: C1h is also how firmware writes a string of one character, which the standard
 * forbids (13), and all behind it is lost.
 */
static void end_check(struct fru *fru, const struct area *area, size_t at)
{
	for (; at < area->len; at++) {
		if (area->at[at] == 0x00 || area->at[at] == 0xff)
			continue;
		fru_fault(fru,
			  "bytes follow the end mark of the %s area: a string of one "
			  "character? (FRU 1.3, 13)",
			  area->name);
		return;
	}
}

/* Type/length bytes and their text, from `at` on: the named ones first, then extras. */
static void fields_read(struct fru *fru, const struct area *area, size_t at,
			const enum fru_field *names, size_t count, enum fru_field extra,
			char **pool)
{
	for (size_t i = 0; i < FIELDS_MAX && at < area->len; i++) {
		size_t len = area->at[at] & 0x3f;
		unsigned kind = area->at[at] >> 6;
		struct span text;

		if (area->at[at] == 0xc1) {
			end_check(fru, area, at + 1);
			return;
		}
		at++;
		if (len > area->len - at) {
			fru_fault(fru, "a field leaves the %s area (FRU 1.3, 13)",
				  area->name);
			return;
		}
		text = fru_decode(kind, area->at + at, len, *pool);
		*pool += text.len;
		at += len;
		if (text.len > 0)
			fru_set(fru, i < count ? names[i] : extra, text);
	}
	fru_fault(fru, "the %s area has no end mark (FRU 1.3, 13)", area->name);
}

static void chassis_read(struct fru *fru, const struct area *area, char **pool)
{
	static const enum fru_field names[] = { FRU_CHASSIS_PART, FRU_CHASSIS_SERIAL };
	unsigned type = area->len > 2 ? area->at[2] : 0;
	char number[8];

	if (type > 0 && type < ARRAY_LEN(chassis_types))
		fru_set(fru, FRU_CHASSIS_TYPE,
			(struct span){ chassis_types[type],
				       strlen(chassis_types[type]) });
	if (type >= ARRAY_LEN(chassis_types) && type != 0xff) {
		(void)snprintf(number, sizeof(number), "0x%02x", type);
		collect_unread(fru->props, "chassis_type", json_string(number));
	}
	fields_read(fru, area, 3, names, ARRAY_LEN(names), FRU_CHASSIS_EXTRA, pool);
}

static void board_read(struct fru *fru, const struct area *area, char **pool)
{
	static const enum fru_field names[] = { FRU_BOARD_MAKER, FRU_BOARD_PRODUCT,
						FRU_BOARD_SERIAL, FRU_BOARD_PART,
						FRU_BOARD_FILE };
	static char date[IPMI_TIME_SIZE]; /* stays until fru_end() */
	uint32_t minutes = 0;

	if (area->len > 5)
		minutes = area->at[3] | (uint32_t)area->at[4] << 8 |
			  (uint32_t)area->at[5] << 16;
	if (minutes > 0 && minutes != 0xffffff) {
		ipmi_time(date, EPOCH_1996 + 60 * (uint64_t)minutes);
		fru_set(fru, FRU_BOARD_DATE, (struct span){ date, strlen(date) });
	}
	fields_read(fru, area, 6, names, ARRAY_LEN(names), FRU_BOARD_EXTRA, pool);
}

static void product_read(struct fru *fru, const struct area *area, char **pool)
{
	static const enum fru_field names[] = {
		FRU_PRODUCT_MAKER,   FRU_PRODUCT_NAME,   FRU_PRODUCT_PART,
		FRU_PRODUCT_VERSION, FRU_PRODUCT_SERIAL, FRU_PRODUCT_ASSET,
		FRU_PRODUCT_FILE,
	};

	fields_read(fru, area, 3, names, ARRAY_LEN(names), FRU_PRODUCT_EXTRA, pool);
}

static void put_range(json_t *list, const uint8_t *low_and_high)
{
	unsigned low = ipmi_le16(low_and_high), high = ipmi_le16(low_and_high + 2);
	json_t *range;

	/* In 10 mV. */
	if (low == 0 || high == 0 || low == 0xffff || high == 0xffff)
		return;
	range = json_object();
	json_put(range, "minimum_volts", collect_milli(10 * (uint64_t)low));
	json_put(range, "maximum_volts", collect_milli(10 * (uint64_t)high));
	json_push(list, range);
}

/* 18.1, Power Supply Information. */
static void supply_read(struct fru *fru, const uint8_t *record, size_t len)
{
	json_t *ranges;
	unsigned watts;

	if (fru->supply)
		return;
	fru->supply = json_object();
	if (len < 18)
		fru_fault(fru, "a power supply's record of %zu bytes (FRU 1.3, 18.1)",
			  len);
	if (len < 2)
		return;
	fru->is_supply = true;
	watts = ipmi_le16(record) & 0x0fff;
	if (watts > 0 && watts != 0x0fff)
		fru->capacity_watts = watts;
	if (len < 18)
		return;
	ranges = json_array();
	put_range(ranges, record + 6);
	put_range(ranges, record + 10);
	json_put(fru->supply, "input_ranges", ranges);
	json_put(fru->supply, "hot_pluggable", json_boolean(record[17] & 8));
	if (len >= 20 && (ipmi_le16(record + 18) & 0x0fff) > 0 &&
	    ipmi_le16(record + 18) != 0xffff)
		json_put(fru->supply, "peak_power_watts",
			 json_integer(ipmi_le16(record + 18) & 0x0fff));
}

/* 18.7: a maker's number, lowest byte first, and bytes only the maker understands. */
static void oem_read(struct fru *fru, unsigned type, const uint8_t *record, size_t len)
{
	json_t *list = json_object_get(fru->props, "oem_records"), *entry;
	char hex[2 * 255 + 1], name[8];
	struct span text;

	if (!list) {
		list = json_array();
		json_put(fru->props, "oem_records", list);
	}
	if (len < 3)
		fru_fault(fru, "a maker's record of %zu bytes (FRU 1.3, 18.7)", len);
	if (json_array_size(list) == FRU_LIST_MAX || len < 3)
		return;
	entry = json_object();
	(void)snprintf(name, sizeof(name), "0x%02x", type & 0xff);
	json_put(entry, "type", json_string(name));
	json_put(entry, "manufacturer_id",
		 json_integer(
			 (json_int_t)(ipmi_le16(record) | (uint32_t)record[2] << 16)));
	text = fru_decode(0, record + 3, len - 3, hex);
	json_put(entry, "data_hex", json_stringn(text.at, text.len));
	json_push(list, entry);
}

/* Chapter 16: headers of five bytes, each with its checksum, up to the one marked last.
 */
static void records_read(struct fru *fru, const uint8_t *bytes, size_t len)
{
	size_t at = 8u * bytes[5];

	for (unsigned i = 0; at > 0 && i < RECORDS_MAX; i++) {
		const uint8_t *head = bytes + at;
		size_t size;

		if (at + 5 > len || sum_of(head, 5) != 0 || at + 5 + head[2] > len) {
			fru_fault(fru, "multirecord %u is no record (FRU 1.3, 16)", i);
			return;
		}
		size = head[2];
		if ((uint8_t)(sum_of(head + 5, size) + head[3]) != 0)
			fru_fault(fru, "multirecord %u's checksum is wrong", i);
		fru->content = true;
		if (head[0] == 0x00)
			supply_read(fru, head + 5, size);
		else if (head[0] >= 0xc0)
			oem_read(fru, head[0], head + 5, size);
		if (head[1] & 0x80)
			return;
		at += 5 + size;
	}
}

void fru_parse(struct fru *fru, const uint8_t *bytes, size_t len, char *pool)
{
	static const struct {
		const char *name;
		void (*read)(struct fru *fru, const struct area *area, char **pool);
	} areas[] = {
		{ "chassis", chassis_read },
		{ "board", board_read },
		{ "product", product_read },
	};
	bool blank = true;

	for (size_t i = 0; i < len && i < 8; i++)
		blank &= bytes[i] == 0x00 || bytes[i] == 0xff;
	if (blank || len < 8 || (bytes[0] & 0x0f) != 1) {
		/* A memory module's SPD may stand here, or nothing at all. */
		fru->note = blank ? "blank" : "not in the format of a FRU";
		return;
	}
	if (sum_of(bytes, 8) != 0)
		fru_fault(fru, "the header's checksum is wrong");
	for (size_t i = 0; i < ARRAY_LEN(areas); i++) {
		struct area area = { .name = areas[i].name };

		if (area_find(fru, bytes, len, i + 2, &area))
			areas[i].read(fru, &area, &pool);
	}
	records_read(fru, bytes, len);
}
