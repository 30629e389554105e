/* Numbers that nothing measures are set aside, by the unit in the name of their property. */
#include "kept.h"
#include "quantity.h"

static struct kept run(collect_fn *collect, const char *text)
{
	return kept_run(collect, text, strlen(text));
}

/* One record of any collector with this one number in it, as it is written. */
static const char *after(const char *prop, json_t *number, const char *wanted)
{
	struct kept kept = { .out.emit = kept_emit, .records = kept_own(json_array()) };
	json_t *props = json_object();

	json_put(props, prop, number);
	collect_record(&kept.out, "sensors", "one", props);
	CHECK(!kept.out.unreadable);
	return kept_value(kept_props(&kept, "sensors", "one"), wanted);
}

/* The bounds are those of quantity.c's table; each unit's own source stands there. */
static void bounds(void)
{
	static const struct {
		const char *prop;
		double good, low, high;
	} rows[] = {
		{ "temperature_celsius", -65, -66, 201 },
		{ "temperature_celsius", 126, -128, 127 }, /* a signed byte's ends */
		{ "sensors_celsius", 200, -273, 65261 },
		{ "temperature_margin_celsius", -265, -266, 266 },
		{ "reading_watts", 65534, -1, 4294967.295 },
		{ "voltage_volts", 1.2, 0, 61 },
		{ "reading_volts", -12, -1501, 1501 },
		{ "reading_amperes", -3, -10001, 10001 },
		{ "reading_rpm", 38000, -1, 65535 },
		{ "rotation_speed_rpm", 7200, 1, 65535 },
		{ "power_on_hours", 350640, -1, 4294967295.0 },
		{ "lifetime_hours", 65534, -1, 65535 },
		{ "rtc_unix_seconds", 1795935193, -1, 253402300800.0 },
		{ "reading_celsius", -1, -66, 255 },
		{ "memory_temperature_celsius", -5, -1, 255 },
		{ "speed_gbps", 1600, -1, 65.535 },
		{ "max_speed_gbps", 400, -1, 4294967.295 },
		{ "max_speed_mhz", 5000, -1, 65535 },
		{ "rated_speed_mts", 8800, 1, 65535 },
		{ "lanes_percent", 100, -1, 255 },
		{ "fan_speed_percent", 110, -1, 256 },
		{ "link_width_lanes", 32, -1, 63 },
		{ "data_width_bits", 72, 0, 65535 },
		{ "media_errors", 65535, -1, 4294967295.0 },
		{ "pending_sector_count", 70000, -1, 281474976710655.0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK(quantity_is_plausible(rows[i].prop, rows[i].good));
		CHECK(!quantity_is_plausible(rows[i].prop, rows[i].low));
		CHECK(!quantity_is_plausible(rows[i].prop, rows[i].high));
	}
}

static void set_aside(void)
{
	CHECK_STR(after("temperature_celsius", json_integer(38), "raw"), "(none)");
	CHECK_STR(after("temperature_celsius", json_integer(38), "temperature_celsius"),
		  "38");
	CHECK_STR(after("reading_watts", json_real(4294967.295), "reading_watts"),
		  "null");
	CHECK_STR(after("reading_watts", json_real(4294967.295), "raw"),
		  "{\"reading_watts\":4294967.295}");
	CHECK_STR(after("reading_watts", json_real(4294967.295), "notes"),
		  "[\"reading_watts: 4294967.295 is not within 0 and 65534\"]");
	CHECK_STR(after("power_cycles", json_integer(4294967295), "notes"),
		  "[\"power_cycles: 4294967295 stands for a value that is not known\"]");
	CHECK_STR(after("data_read_bytes",
			json_string("340282366920938463463374607431768211455"), "raw"),
		  "{\"data_read_bytes\":\"340282366920938463463374607431768211455\"}");
	CHECK_STR(after("serial_number", json_string("4294967295"), "serial_number"),
		  "\"4294967295\"");
	CHECK_STR(
		after("sensors_celsius", json_pack("[i,i]", 34, 3000), "sensors_celsius"),
		"[34,null]");
	CHECK_STR(after("sensors_celsius", json_pack("[i,i]", 34, 3000), "raw"),
		  "{\"sensors_celsius\":[34,3000]}");
	CHECK_STR(
		after("module", json_pack("{s:i}", "temperature_celsius", 999), "module"),
		"{\"notes\":[\"temperature_celsius: 999 is not within -65 and 200\"],"
		"\"raw\":{\"temperature_celsius\":999},\"temperature_celsius\":null}");
}

/* drivers/net/ethernet: u16 speeds hold SPEED_UNKNOWN (-1) as 65535 Mb/s. */
static void unknown_speed(void)
{
	struct kept kept = run(collect_network_ethtool, "speed\t65535\n");
	const json_t *props = kept_props(&kept, "network.interfaces", NULL);

	CHECK_STR(kept_value(props, "speed_gbps"), "null");
	CHECK_STR(kept_value(props, "raw"), "{\"speed_gbps\":65.535}");
	kept = run(collect_network_ethtool, "speed\t25000\n");
	CHECK_STR(kept_value(kept_props(&kept, "network.interfaces", NULL), "speed_gbps"),
		  "25");
}

/* Documentation/hwmon: millidegrees, microwatts; ACPI 6.4, 10.4.1: ffffffff is an error. */
static void power_meters(void)
{
	struct kept kept = run(collect_sensors_hwmon,
			       "v\t/sys/class/hwmon//power1_average\t4294967295000\n"
			       "v\t/sys/class/hwmon//power1_cap\t0\n");
	const json_t *props = kept_props(&kept, "sensors", NULL);

	CHECK_STR(kept_value(props, "reading_watts"), "null");
	CHECK_STR(kept_value(props, "state"), "null");
	CHECK_STR(kept_value(props, "raw"), "{\"reading_watts\":4294967.295}");
	CHECK_STR(kept_value(props, "limit_watts"), "(none)");
	kept = run(collect_sensors_hwmon,
		   "v\t/sys/class/hwmon//power1_average\t250000000\n"
		   "v\t/sys/class/hwmon//power1_cap\t300000000\n");
	props = kept_props(&kept, "sensors", NULL);
	CHECK_STR(kept_value(props, "state"), "\"Enabled\"");
	CHECK_STR(kept_value(props, "limit_watts"), "300");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "each unit has a range", bounds, 0 },
		{ "what nothing measures is null, kept and noted", set_aside, 0 },
		{ "65535 Mb/s is no speed", unknown_speed, 0 },
		{ "a power meter's all ones are no reading, a limit of 0 is none",
		  power_meters, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
