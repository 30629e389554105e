/* What a measured value can be, by the unit in its property's name. */
#include "quantity.h"

#include <string.h>

#define YEARS_40 (40 * 8766.0) /* hours; SMART and IPMI are younger */

/*
 * Whole names before units; the first that a property's name ends with counts. What has 16
 * bits ends below all ones.
 */
static const struct range {
	const char *end;
	double low, high;
} ranges[] = {
	/* nvmlDeviceGetFanSpeed: "may exceed 100% in certain cases" */
	{ "fan_speed_percent", 0, 255 },
	{ "_percent", 0, 100 },
	/* A difference of two temperatures. */
	{ "margin_celsius", -265, 265 },
	/* Semiconductors are stored from -65 (JESD22-A119) to 200 degrees (JESD22-A103) */
	{ "_celsius", -65, 200 },
	{ "_fahrenheit", -85, 392 },
	{ "_kelvin", 208, 473 },
	/* 16 bits in SMBIOS 3.6, 7.40 */
	{ "_watts", 0, 65534 },
	{ "_va", 0, 65534 },
	/* Of a transceiver, SFF-8472, 9.8: 16 bits of 0.1 mV, 2 uA and 0.1 uW */
	{ "supply_voltage_volts", 0.1, 6.5534 },
	{ "_milliamperes", 0, 131.068 },
	{ "_milliwatts", 0, 6.5534 },
	{ "_dbm", -40, 8.17 },
	/* A part's supply: SMBIOS 3.6, 7.5.4, has seven bits of tenths; 0 is "not known" */
	{ "voltage_volts", 0.1, 60 },
	/* Low voltage: IEC 61140, up to 1000 V AC and 1500 V DC */
	{ "_volts", -1500, 1500 },
	/* Over what any busbar of a rack carries */
	{ "_amperes", -10000, 10000 },
	/* ACS-4, A.11.7.4.8 (word 217): 0401h to FFFEh */
	{ "rotation_speed_rpm", 0x0401, 0xfffe },
	{ "_rpm", 0, 65534 },
	{ "_hours", 0, YEARS_40 },
	{ "_minutes", 0, 60 * YEARS_40 },
	/* A clock's: RTC_TIMESTAMP_END_9999, include/linux/rtc.h */
	{ "_unix_seconds", 0, 253402300799 },
	{ "_seconds", 0, 3600 * YEARS_40 },
	/* IEEE 802.3dj and InfiniBand GDR are the fastest */
	{ "_gbps", 0, 1600 },
	{ "_mhz", 0, 40000 },
	/* JEDEC's fastest is LPDDR6 with 14400; the slowest that a server had, a bus of 33 MHz */
	{ "_mts", 25, 20000 },
	/* PCIe 6.0, 7.5.3.6: x32 is the widest */
	{ "_lanes", 0, 32 },
	/* A stack of HBM4 has 2048 */
	{ "width_bits", 1, 16384 },
};

/* Of 32, 48 (a SMART attribute's), 64 and 128 bits; the last is NVMe's counters. Long digits are rounded on the way. */
static bool is_all_ones(double value)
{
	return value == 0x1p32 - 1 || value == 0x1p48 - 1 ||
	       (value > 0x1.fffffp63 && value < 0x1.00001p64) ||
	       (value > 0x1.fffffp127 && value < 0x1.00001p128);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	return len >= tail && !strcmp(text + len - tail, end);
}

static const struct range *range_of(const char *prop)
{
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (ends_with(prop, ranges[i].end))
			return &ranges[i];
	return NULL;
}

bool quantity_is_plausible(const char *prop, double value)
{
	const struct range *range = range_of(prop);

	/* SPEED_UNKNOWN of drivers with 16 bits for Mb/s, in Gb/s */
	if (ends_with(prop, "_gbps") && value == 65.535)
		return false;
	/* A byte, or a word, of ones in what a drive or a module says of its heat. */
	if (ends_with(prop, "temperature_celsius") && (value == -1 || value == 255))
		return false;
	/* The most that a signed byte holds (ACS-4, 9.5.7; SFF-8472, 9.7): nothing plugged in works there. */
	if (!strcmp(prop, "temperature_celsius") && value >= 127)
		return false;
	/* 16 bits of ones: a drive is that many hours old for one hour of its life. */
	if (range && value == 65535)
		return false;
	if (range)
		return value >= range->low && value <= range->high;
	return value != -1 && !is_all_ones(value);
}

/* Numbers, and the digits of those over 63 bits. */
static bool number_of(const json_t *value, double *number)
{
	const char *digits = json_string_value(value);

	if (json_is_number(value)) {
		*number = json_number_value(value);
		return true;
	}
	/* collect_integer and long_digits write nothing shorter. */
	if (!digits || strlen(digits) < 19 ||
	    strspn(digits, "0123456789") != strlen(digits))
		return false;
	*number = 0;
	for (; *digits; digits++)
		*number = 10 * *number + (*digits - '0');
	return true;
}

static json_t *member(json_t *props, const char *name, json_t *empty)
{
	if (!json_object_get(props, name))
		json_put(props, name, empty);
	else
		json_decref(empty);
	return json_object_get(props, name);
}

static void set_aside(json_t *props, const char *prop, json_t *value, double number)
{
	const struct range *range = range_of(prop);
	AUTO_FREE char *note = NULL;

	if (range && (number < range->low || number > range->high))
		note = xasprintf("%s: %.15g is not within %.15g and %.15g", prop, number,
				 range->low, range->high);
	else
		note = xasprintf("%s: %.15g stands for a value that is not known", prop,
				 number);
	json_put(member(props, "raw", json_object()), prop, json_incref(value));
	json_push(member(props, "notes", json_array()), json_string(note));
}

static void check_object(json_t *props);

static void check_list(json_t *props, const char *prop, json_t *list)
{
	AUTO_JSON json_t *whole = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);
		double number;

		if (json_is_object(item))
			check_object(item);
		if (!json_is_number(item) || !number_of(item, &number) ||
		    quantity_is_plausible(prop, number))
			continue;
		if (!whole) {
			whole = json_copy(list);
			set_aside(props, prop, whole, number);
		}
		(void)json_array_set_new(list, i, json_null());
	}
}

/* What others wrote: their names are no names of ours. */
static bool is_foreign(const char *prop)
{
	static const char *const names[] = { "raw",   "notes",      "placeholders",
					     "other", "other_tlvs", "unparsed" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(prop, names[i]))
			return true;
	return false;
}

/* What collectors nest is theirs, four deep at most. */
static void check_object(json_t *props)
{
	const char *prop;
	json_t *value;
	void *next;

	json_object_foreach_safe(props, next, prop, value)
	{
		double number;

		if (is_foreign(prop))
			continue;
		if (json_is_object(value)) {
			check_object(value);
		} else if (json_is_array(value)) {
			check_list(props, prop, value);
		} else if (number_of(value, &number) &&
			   !quantity_is_plausible(prop, number)) {
			set_aside(props, prop, value, number);
			json_put(props, prop, json_null());
		}
	}
}

void quantity_check(json_t *props)
{
	check_object(props);
}
