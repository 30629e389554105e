/* What transceivers measure, at the places where their standards put it. */
#include "kept.h"

#define SFP_BYTES 512u
#define QSFP_BYTES 640u

static const json_t *module_of(const uint8_t *bytes, size_t len)
{
	char text[32 + 2 * QSFP_BYTES] = "module.hex\t";
	size_t n = strlen(text);
	const json_t *module;
	struct kept kept;

	for (size_t i = 0; i < len; i++, n += 2)
		(void)snprintf(text + n, 3, "%02x", bytes[i]);
	text[n++] = '\n';
	kept = kept_run(collect_network_module, text, n);
	module = json_object_get(kept_props(&kept, "network.interfaces", NULL), "module");
	CHECK_INT(kept.out.unreadable, json_object_get(module, "unparsed") != NULL);
	return module;
}

static const json_t *lane(const json_t *module, size_t index)
{
	return json_array_get(json_object_get(module, "lanes"), index);
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* High alarm, low alarm, high warning, low warning. */
static void put_limits(uint8_t *at, unsigned a, unsigned b, unsigned c, unsigned d)
{
	put16(at, a);
	put16(at + 2, b);
	put16(at + 4, c);
	put16(at + 6, d);
}

/* SFF-8472, 9.8: 1/256 degree, 100 uV, 2 uA, 0.1 uW. 10 mW is 10 dBm, 0.5 mW -3.01 dBm. */
static void sfp_module(uint8_t *bytes)
{
	uint8_t *page = bytes + 256;

	memset(bytes, 0, SFP_BYTES);
	bytes[0] = 0x03;
	bytes[92] = 0x68; /* measured, internally calibrated, average power */
	put_limits(page, 0x4b00, 0xfb00, 0x4600, 0x0000);
	put_limits(page + 8, 36300, 29700, 35000, 31000);
	put_limits(page + 16, 6000, 1000, 5000, 1500);
	put_limits(page + 24, 10000, 1000, 7943, 1585);
	put_limits(page + 32, 12589, 158, 10000, 398);
	put16(page + 96, 0x2880);
	put16(page + 98, 33000);
	put16(page + 100, 3000);
	put16(page + 102, 5000);
	put16(page + 104, 2512);
}

static void sfp_values(void)
{
	uint8_t bytes[SFP_BYTES];
	const json_t *module, *one;

	sfp_module(bytes);
	module = module_of(bytes, sizeof(bytes));
	one = lane(module, 0);
	CHECK_STR(kept_value(module, "temperature_celsius"), "40");
	CHECK_STR(kept_value(module, "supply_voltage_volts"), "3.3");
	CHECK_STR(kept_value(one, "bias_milliamperes"), "6.0");
	CHECK_STR(kept_value(one, "sent_power_milliwatts"), "0.5");
	CHECK_STR(kept_value(one, "sent_power_dbm"), "-3.01");
	CHECK_STR(kept_value(one, "received_power_milliwatts"), "0.2512");
	CHECK_STR(kept_value(one, "received_power_dbm"), "-6.0");
	CHECK_STR(kept_value(one, "alarms"), "(none)");
	CHECK_STR(kept_value(one, "warnings"), "(none)");
	/* Nothing is measured; not yet. */
	bytes[92] = 0;
	CHECK(!json_object_get(module_of(bytes, sizeof(bytes)), "lanes"));
	bytes[92] = 0x68;
	bytes[256 + 110] = 0x01;
	CHECK(!json_object_get(module_of(bytes, sizeof(bytes)), "lanes"));
}

static void sfp_beyond(void)
{
	uint8_t bytes[SFP_BYTES], *page = bytes + 256;
	const json_t *module;

	sfp_module(bytes);
	put16(page + 96, 0xf000); /* -16 degrees, below -5 */
	put16(page + 98, 35500);
	put16(page + 100, 6001);
	put16(page + 104, 0);
	page[110] = 0x02 | 0x04;
	module = module_of(bytes, sizeof(bytes));
	CHECK_STR(kept_value(module, "alarms"), "[\"TemperatureLow\"]");
	CHECK_STR(kept_value(module, "warnings"), "[\"VoltageHigh\"]");
	CHECK_STR(kept_value(lane(module, 0), "alarms"),
		  "[\"BiasHigh\",\"ReceivedPowerLow\"]");
	CHECK_STR(kept_value(lane(module, 0), "received_power_dbm"), "null");
	CHECK_STR(kept_value(lane(module, 0), "signal_lost"), "true");
	CHECK_STR(kept_value(lane(module, 0), "transmit_fault"), "true");
	/* Limits of zeros and of ones are none; all ones is no measurement. */
	memset(page, 0, 16);
	memset(page + 16, 0xff, 24);
	put16(page + 104, 0xffff);
	module = module_of(bytes, sizeof(bytes));
	CHECK_STR(kept_value(module, "alarms"), "(none)");
	CHECK_STR(kept_value(lane(module, 0), "alarms"), "(none)");
	CHECK_STR(kept_value(lane(module, 0), "received_power_milliwatts"), "null");
}

/* Table 9-3: slope 2.0 and offset 100 for the bias, 3 x + 200 for what is received. */
static void sfp_calibrated(void)
{
	uint8_t bytes[SFP_BYTES], *page = bytes + 256;
	const json_t *one;

	sfp_module(bytes);
	bytes[92] = 0x58;
	memset(page + 56, 0, 36);
	put16(page + 68, 0x4040); /* 3.0 as IEEE 754 */
	put16(page + 72, 0x4348); /* 200.0 */
	put16(page + 76, 0x0200);
	put16(page + 78, 100);
	put16(page + 80, 0x0100);
	put16(page + 88, 0x0100);
	one = lane(module_of(bytes, sizeof(bytes)), 0);
	CHECK_STR(kept_value(one, "bias_milliamperes"), "12.2");
	CHECK_STR(kept_value(one, "sent_power_milliwatts"), "0.5");
	CHECK_STR(kept_value(one, "received_power_milliwatts"), "0.7736");
	/* Not a number, and more than any laser has. */
	put16(page + 72, 0x7fc0);
	put16(page + 76, 0x7f00);
	one = lane(module_of(bytes, sizeof(bytes)), 0);
	CHECK_STR(kept_value(one, "received_power_milliwatts"), "0.7536");
	CHECK_STR(kept_value(one, "bias_milliamperes"), "null");
}

/* SFF-8636: lanes one behind another, limits on page 03h, which is the last of 640 bytes. */
static void qsfp(void)
{
	uint8_t bytes[QSFP_BYTES] = { 0x11 };
	const json_t *module;

	put16(bytes + 26, 33000);
	bytes[220] = 0x0c;
	bytes[3] = 0x02;
	bytes[4] = 0x08;
	bytes[86] = 0x01;
	for (unsigned i = 0; i < 4; i++) {
		put16(bytes + 34 + 2 * i, 10000 + i);
		put16(bytes + 42 + 2 * i, 3000 + i);
		put16(bytes + 50 + 2 * i, 5000 + i);
	}
	put_limits(bytes + 512 + 48, 20000, 10002, 0, 0);
	put_limits(bytes + 512 + 56, 3002, 100, 0, 0);
	put_limits(bytes + 512 + 64, 20000, 100, 5001, 200);
	module = module_of(bytes, sizeof(bytes));
	CHECK_INT(json_array_size(json_object_get(module, "lanes")), 4);
	CHECK_STR(kept_value(lane(module, 0), "received_power_milliwatts"), "1.0");
	CHECK_STR(kept_value(lane(module, 0), "received_power_dbm"), "0.0");
	CHECK_STR(kept_value(lane(module, 0), "alarms"), "[\"ReceivedPowerLow\"]");
	CHECK_STR(kept_value(lane(module, 0), "transmit_disabled"), "true");
	CHECK_STR(kept_value(lane(module, 1), "signal_lost"), "true");
	CHECK_STR(kept_value(lane(module, 2), "alarms"), "(none)");
	CHECK_STR(kept_value(lane(module, 2), "warnings"), "[\"SentPowerHigh\"]");
	CHECK_STR(kept_value(lane(module, 3), "alarms"), "[\"BiasHigh\"]");
	CHECK_STR(kept_value(lane(module, 3), "transmit_fault"), "true");
	CHECK_STR(kept_value(lane(module, 3), "sent_power_milliwatts"), "0.5003");
	/* Without page 03h no limits; copper (147: A0h) has no light. */
	module = module_of(bytes, 256);
	CHECK_STR(kept_value(lane(module, 0), "alarms"), "(none)");
	bytes[147] = 0xa0;
	CHECK(!json_object_get(module_of(bytes, sizeof(bytes)), "lanes"));
	bytes[147] = 0;
	bytes[220] = 0;
	CHECK_STR(kept_value(lane(module_of(bytes, sizeof(bytes)), 0),
			     "sent_power_milliwatts"),
		  "(none)");
}

/* CMIS 5.0, table 8-9, byte 9: bits 0 to 3 temperature, 4 to 7 supply; 1/256 degree, 100 uV. */
static void cmis(void)
{
	uint8_t bytes[256] = { 0x18 };
	const json_t *module;

	bytes[3] = 3 << 1 | 1;
	put16(bytes + 16, 31000);
	bytes[9] = 0x21 | 0x08;
	bytes[39] = 2;
	bytes[40] = 14;
	module = module_of(bytes, sizeof(bytes));
	CHECK_STR(kept_value(module, "supply_voltage_volts"), "3.1");
	CHECK_STR(kept_value(module, "alarms"), "[\"TemperatureHigh\",\"VoltageLow\"]");
	CHECK_STR(kept_value(module, "warnings"), "[\"TemperatureLow\"]");
	CHECK_STR(kept_value(module, "state"), "\"Ready\"");
	CHECK_STR(kept_value(module, "fault_cause"), "(none)");
	CHECK_STR(kept_value(module, "firmware_version"), "\"2.14\"");
	CHECK_STR(kept_value(module, "memory"), "\"Paged\"");
	CHECK_STR(kept_value(module, "lanes"), "(none)");
}

/* Tables 8-5, 8-6, 8-14 and 8-15. */
static void cmis_states(void)
{
	uint8_t bytes[256] = { 0x19, [2] = 0x80, [3] = 5 << 1, [41] = 2 };
	const json_t *module = module_of(bytes, sizeof(bytes));

	CHECK_STR(kept_value(module, "state"), "\"Fault\"");
	CHECK_STR(kept_value(module, "fault_cause"), "\"DataMemoryCorrupted\"");
	CHECK_STR(kept_value(module, "firmware_version"), "null");
	CHECK_STR(kept_value(module, "memory"), "\"Flat\"");
	bytes[41] = 33;
	module = module_of(bytes, sizeof(bytes));
	CHECK_STR(kept_value(module, "fault_cause"), "null");
	CHECK_STR(kept_value(module, "unparsed"), "{\"fault_cause\":33}");
	bytes[41] = 0;
	CHECK_STR(kept_value(module_of(bytes, sizeof(bytes)), "unparsed"), "(none)");
	bytes[3] = 6 << 1;
	bytes[39] = bytes[40] = 0xff;
	module = module_of(bytes, sizeof(bytes));
	CHECK_STR(kept_value(module, "state"), "null");
	CHECK_STR(kept_value(module, "unparsed"), "{\"state\":6}");
	CHECK_STR(kept_value(module, "fault_cause"), "(none)");
	CHECK_STR(kept_value(module, "firmware_version"), "null");
}

/* Table 8-45: page 02h, which is the last of 512 bytes; of a cable there is none. */
static void cmis_limits(void)
{
	uint8_t bytes[512] = { 0x18 };
	const json_t *module;

	put16(bytes + 14, 76 * 256);
	put16(bytes + 16, 30000);
	put_limits(bytes + 384, 75 * 256, 0xfb00, 70 * 256, 0);
	put_limits(bytes + 392, 36300, 29700, 34650, 31350);
	bytes[9] = 0x01;
	module = module_of(bytes, sizeof(bytes));
	CHECK_STR(kept_value(module, "temperature_celsius"), "76");
	CHECK_STR(kept_value(module, "alarms"), "[\"TemperatureHigh\"]");
	CHECK_STR(kept_value(module, "warnings"), "[\"VoltageLow\"]");
	bytes[9] = 0;
	CHECK_STR(kept_value(module_of(bytes, 256), "alarms"), "(none)");
	bytes[2] = 0x80;
	CHECK_STR(kept_value(module_of(bytes, sizeof(bytes)), "alarms"), "(none)");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "an SFP's values have their units", sfp_values, 0 },
		{ "what is beyond its own limits is told", sfp_beyond, 0 },
		{ "an externally calibrated SFP's constants are applied", sfp_calibrated,
		  0 },
		{ "a QSFP has four lanes", qsfp, 0 },
		{ "of CMIS the lower page is read", cmis, 0 },
		{ "and its state, with the cause of a fault", cmis_states, 0 },
		{ "and its limits where a driver gives them", cmis_limits, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
