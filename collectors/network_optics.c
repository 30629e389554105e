/*
 * What a transceiver measures: heat, supply, laser currents, light sent and received, and what of
 * it is beyond the module's own limits (SFF-8472, SFF-8636, and of CMIS what
 * ETHTOOL_GMODULEEEPROM has: the lower memory and page 00h, by few drivers pages 01h and 02h too).
 */
#include "network.h"

#include <math.h>
#include <string.h>

#define LANES_MAX 4u
#define SFP_PAGE 256u    /* ethtool puts address A2h behind the 256 bytes of A0h */
#define QSFP_LIMITS 512u /* page 03h: lower memory and three pages of 128 are before it */
#define CMIS_LIMITS 384u /* page 02h: lower memory and pages 00h and 01h are before it */
#define ALL_ONES 0xffff

/* What is measured, in the order of SFF-8472's thresholds. */
enum quantity { TEMPERATURE, VOLTAGE, BIAS, SENT, RECEIVED, QUANTITIES };

static const struct {
	const char *name; /* of its alarms */
	const char *prop; /* NULL: another file's */
	double unit;      /* of the least bit */
} quantities[QUANTITIES] = {
	[TEMPERATURE] = { "Temperature", NULL, 1.0 / 256 },
	[VOLTAGE] = { "Voltage", "supply_voltage_volts", 1e-4 },
	[BIAS] = { "Bias", "bias_milliamperes", 2e-3 },
	[SENT] = { "SentPower", "sent_power_milliwatts", 1e-4 },
	[RECEIVED] = { "ReceivedPower", "received_power_milliwatts", 1e-4 },
};

/* The four limits of each: high alarm, low alarm, high warning, low warning. */
struct limits {
	const uint8_t *at[QUANTITIES]; /* NULL: not told */
};

static unsigned be16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* Temperatures alone have a sign. */
static int raw_of(enum quantity quantity, const uint8_t *at)
{
	return quantity == TEMPERATURE ? (int)(int16_t)be16(at) : (int)be16(at);
}

static double rounded(double value, double parts)
{
	return round(value * parts) / parts;
}

static void put_list_word(json_t *object, const char *list, const char *name,
			  const char *end)
{
	char word[40];
	const json_t *had;
	size_t i;

	(void)snprintf(word, sizeof(word), "%s%s", name, end);
	if (!json_object_get(object, list))
		json_put(object, list, json_array());
	/* A flag and a value beyond its limit say the same. */
	json_array_foreach(json_object_get(object, list), i, had)
	{
		if (!strcmp(json_string_value(had), word))
			return;
	}
	json_push(json_object_get(object, list), json_string(word));
}

/* Limits that nobody programmed are zero, or one above the other. */
static void put_alarms(json_t *object, enum quantity quantity, int raw,
		       const struct limits *limits)
{
	const uint8_t *at = limits->at[quantity];
	const char *name = quantities[quantity].name;
	int limit[4];

	for (size_t i = 0; at && i < ARRAY_LEN(limit); i++)
		limit[i] = raw_of(quantity, at + 2 * i);
	if (!at || limit[0] <= limit[1])
		return;
	if (raw > limit[0])
		put_list_word(object, "alarms", name, "High");
	else if (raw < limit[1])
		put_list_word(object, "alarms", name, "Low");
	else if (limit[2] > limit[3] && raw > limit[2])
		put_list_word(object, "warnings", name, "High");
	else if (limit[2] > limit[3] && raw < limit[3])
		put_list_word(object, "warnings", name, "Low");
}

static void put_value(json_t *object, enum quantity quantity, double value)
{
	const char *prop = quantities[quantity].prop;

	if (!prop)
		return;
	json_put(object, prop, json_real(rounded(value, 1e4)));
	if (quantity != SENT && quantity != RECEIVED)
		return;
	/* Without light there is no logarithm. */
	json_put(object, quantity == SENT ? "sent_power_dbm" : "received_power_dbm",
		 value > 0 ? json_real(rounded(10 * log10(value), 100)) : json_null());
}

/* SFF-8472, table 9-3: bytes 76 to 91 of A2h are slopes (8.8 bits) and offsets, 56 to 75 five
 * floats for received power. */
static double calibrated(const uint8_t *page, enum quantity quantity, int raw)
{
	static const uint8_t slopes[QUANTITIES] = {
		[TEMPERATURE] = 84,
		[VOLTAGE] = 88,
		[BIAS] = 76,
		[SENT] = 80,
	};
	const uint8_t *at = page + slopes[quantity];
	double value = 0;

	if (quantity != RECEIVED)
		return raw * (be16(at) / 256.0) + (int16_t)be16(at + 2);
	for (size_t i = 0; i < 5; i++) {
		const uint8_t *bytes = page + 56 + 4 * i;
		uint32_t bits = (uint32_t)be16(bytes) << 16 | be16(bytes + 2);
		float part;

		memcpy(&part, &bits, sizeof(part));
		value = value * raw + (isfinite(part) ? (double)part : 0);
	}
	return value;
}

static void put_quantity(json_t *object, enum quantity quantity, const uint8_t *at,
			 const uint8_t *calibration, const struct limits *limits)
{
	int raw = raw_of(quantity, at);

	if (be16(at) == ALL_ONES && quantity != TEMPERATURE) {
		json_put(object, quantities[quantity].prop, json_null());
		return;
	}
	put_value(object, quantity,
		  (calibration ? calibrated(calibration, quantity, raw) : raw) *
			  quantities[quantity].unit);
	put_alarms(object, quantity, raw, limits);
}

static json_t *lane_of(unsigned number)
{
	json_t *lane = json_object();

	json_put(lane, "number", json_integer(number));
	return lane;
}

/*
 * SFF-8472, chapter 9: byte 92 of A0h says whether anything is measured (bit 6) and needs the
 * module's constants (bit 4); of A2h, bit 0 of byte 110 whether it is not there yet.
 */
static void sfp_optics(json_t *module, const uint8_t *bytes, size_t len)
{
	const uint8_t *page = bytes + SFP_PAGE, *calibration;
	struct limits limits;
	json_t *lane, *lanes;

	if (len < SFP_PAGE + 112 || !(bytes[92] & 0x40) || (page[110] & 0x01))
		return;
	calibration = bytes[92] & 0x10 ? page : NULL;
	for (size_t i = 0; i < QUANTITIES; i++)
		limits.at[i] = page + 8 * i;
	put_quantity(module, TEMPERATURE, page + 96, calibration, &limits);
	put_quantity(module, VOLTAGE, page + 98, calibration, &limits);
	lane = lane_of(1);
	put_quantity(lane, BIAS, page + 100, calibration, &limits);
	put_quantity(lane, SENT, page + 102, calibration, &limits);
	put_quantity(lane, RECEIVED, page + 104, calibration, &limits);
	json_put(lane, "signal_lost", json_boolean(page[110] & 0x02));
	json_put(lane, "transmit_fault", json_boolean(page[110] & 0x04));
	json_put(lane, "transmit_disabled", json_boolean(page[110] & 0xc0));
	lanes = json_array();
	json_push(lanes, lane);
	json_put(module, "lanes", lanes);
}

/* SFF-8636, 6.2.4 and table 6-7; bit 0 of byte 2 is "not ready". Of a copper cable (byte 147,
 * table 6-18: the upper half is 10 or more) no lane has light. */
static void qsfp_optics(json_t *module, const uint8_t *bytes, size_t len)
{
	static const uint8_t starts[QUANTITIES] = { 0, 16, 56, 64, 48 };
	struct limits limits = { { NULL } };
	json_t *lanes;

	if (len < 224 || (bytes[2] & 0x01))
		return;
	for (size_t i = 0; len >= QSFP_LIMITS + 72 && i < QUANTITIES; i++)
		limits.at[i] = bytes + QSFP_LIMITS + starts[i];
	if (be16(bytes + 22))
		put_quantity(module, TEMPERATURE, bytes + 22, NULL, &limits);
	if (be16(bytes + 26))
		put_quantity(module, VOLTAGE, bytes + 26, NULL, &limits);
	if (bytes[147] >> 4 >= 10)
		return;
	lanes = json_array();
	json_put(module, "lanes", lanes);
	for (unsigned i = 0; i < LANES_MAX; i++) {
		json_t *lane = lane_of(i + 1);

		put_quantity(lane, RECEIVED, bytes + 34 + 2 * i, NULL, &limits);
		put_quantity(lane, BIAS, bytes + 42 + 2 * i, NULL, &limits);
		/* Byte 220, bit 2: whether what is sent is measured at all. */
		if (bytes[220] & 0x04)
			put_quantity(lane, SENT, bytes + 50 + 2 * i, NULL, &limits);
		json_put(lane, "signal_lost", json_boolean(bytes[3] >> i & 1));
		json_put(lane, "transmit_fault", json_boolean(bytes[4] >> i & 1));
		json_put(lane, "transmit_disabled", json_boolean(bytes[86] >> i & 1));
		json_push(lanes, lane);
	}
}

/* CMIS 5.0, tables 8-6 and 8-15: bits 1 to 3 of byte 3, and why in byte 41. */
static void put_state(json_t *module, const uint8_t *bytes)
{
	static const char *const states[] = { NULL,    "LowPower",     "PoweringUp",
					      "Ready", "PoweringDown", "Fault" };
	static const char *const causes[] = { NULL, "ThermoelectricRunaway",
					      "DataMemoryCorrupted",
					      "ProgramMemoryCorrupted" };
	unsigned state = bytes[3] >> 1 & 7, cause = bytes[41];

	collect_word(module, "state", states, ARRAY_LEN(states), state);
	if (state + 1 == ARRAY_LEN(states))
		collect_word(module, "fault_cause", causes, ARRAY_LEN(causes), cause);
}

/* CMIS 5.0, table 8-14: 0.0 is none, 255.255 an image that does not hold. */
static void put_firmware(json_t *module, const uint8_t *bytes)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u.%u", bytes[39], bytes[40]);

	json_put(module, "firmware_version",
		 be16(bytes + 39) == 0 || be16(bytes + 39) == ALL_ONES
			 ? json_null()
			 : json_stringn(text, (size_t)n));
}

/*
 * CMIS 5.0, tables 8-9 and 8-10: temperature, supply, and their flags; table 8-5: whether there are
 * pages at all (a copper cable has none); table 8-45: the limits of both. Lanes are on page 11h.
 */
static void cmis_optics(json_t *module, const uint8_t *bytes, size_t len)
{
	static const char *const ends[] = { "High", "Low" };
	static const enum quantity flags[] = { TEMPERATURE, VOLTAGE };
	struct limits limits = { { NULL } };
	bool flat = bytes[2] & 0x80;

	json_put(module, "memory", json_string(flat ? "Flat" : "Paged"));
	put_state(module, bytes);
	put_firmware(module, bytes);
	for (size_t i = 0; !flat && len >= CMIS_LIMITS + 16 && i < ARRAY_LEN(flags); i++)
		limits.at[flags[i]] = bytes + CMIS_LIMITS + 8 * i;
	if (be16(bytes + 14))
		put_quantity(module, TEMPERATURE, bytes + 14, NULL, &limits);
	if (be16(bytes + 16))
		put_quantity(module, VOLTAGE, bytes + 16, NULL, &limits);
	for (size_t i = 0; i < 8; i++)
		if (bytes[9] >> i & 1)
			put_list_word(module, i % 4 < 2 ? "alarms" : "warnings",
				      quantities[flags[i / 4]].name, ends[i % 2]);
}

void network_optics(json_t *module, enum network_memory memory, const uint8_t *bytes,
		    size_t len)
{
	if (memory == NETWORK_SFP)
		sfp_optics(module, bytes, len);
	else if (memory == NETWORK_QSFP)
		qsfp_optics(module, bytes, len);
	else
		cmis_optics(module, bytes, len);
}
