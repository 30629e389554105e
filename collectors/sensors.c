/* sensors/hwmon: what one monitoring chip measures (Linux,
 * Documentation/hwmon/sysfs-interface). */
#include "quantity.h"
#include "tree_props.h"

#include <string.h>

#define HWMON "/sys/class/hwmon"
#define NO_LIMIT (-273000) /* absolute zero, drivers/nvme/host/hwmon.c */
#define SENSORS_MAX 512u   /* of one chip */

/* One kind of channel: temp1, temp2, ... `unit` counts how many of the kernel's are ours.
 */
struct sensor_kind {
	const char *prefix, *type, *unit;
	int64_t per_milli; /* the kernel's units in a thousandth of ours; -1000: RPM */
};

/* Types are those of IPMI 2.0, table 42-3, where it has one. */
static const struct sensor_kind kinds[] = {
	{ "temp", "Temperature", "celsius", 1 }, { "fan", "Fan", "rpm", -1000 },
	{ "in", "Voltage", "volts", 1 },         { "curr", "Current", "amperes", 1 },
	{ "power", "Power", "watts", 1000 },     { "humidity", "Humidity", "percent", 1 },
};

/* An upper limit of 0 is one that nobody has set: drivers/hwmon/drivetemp.c passes on what the drive
 * says. */
static const struct {
	const char *attribute, *prop;
	bool upper;
} limits[] = {
	{ "lcrit", "lower_critical", false }, { "min", "lower_caution", false },
	{ "max", "upper_caution", true },     { "crit", "upper_critical", true },
	{ "emergency", "upper_fatal", true }, { "cap", "limit", true },
};

static const char *const alarms[] = { "alarm",     "lcrit_alarm", "min_alarm",
				      "max_alarm", "crit_alarm",  "emergency_alarm",
				      "cap_alarm" };

/* Splits "temp12_input" into its kind, its channel "temp12" and "input". */
static const struct sensor_kind *kind_of(struct span name, struct span *channel,
					 struct span *what)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct span rest = name;
		uint64_t number;

		if (!text_skip(&rest, kinds[i].prefix) ||
		    !text_take_u64(&rest, &number) || rest.len < 2 || rest.at[0] != '_')
			continue;
		*channel = (struct span){ name.at, name.len - rest.len };
		*what = (struct span){ rest.at + 1, rest.len - 1 };
		return &kinds[i];
	}
	return NULL;
}

static const char *attribute_of(char *buffer, size_t size, struct span channel,
				const char *what)
{
	(void)snprintf(buffer, size, "%.*s_%s", (int)(channel.len % 32), channel.at,
		       what);
	return buffer;
}

/* Thousandths of our unit; false when there is no such number. */
static bool milli_of(const struct tree_device *chip, const struct sensor_kind *kind,
		     struct span channel, const char *what, int64_t *milli)
{
	char attribute[64];
	int64_t raw;

	if (!tree_signed(chip, attribute_of(attribute, sizeof(attribute), channel, what),
			 &raw))
		return false;
	if (kind->per_milli <= 0)
		return !__builtin_mul_overflow(raw, -kind->per_milli, milli);
	*milli = raw / kind->per_milli;
	return true;
}

static json_t *milli_value(int64_t milli)
{
	return milli % 1000 ? json_real((double)milli / 1000)
			    : json_integer(milli / 1000);
}

static void put_milli(json_t *props, const char *prop, const struct sensor_kind *kind,
		      json_t *value)
{
	AUTO_FREE char *name = xasprintf("%s_%s", prop, kind->unit);

	json_put(props, name, value);
}

static void put_unread(json_t *props, const char *prop, const struct sensor_kind *kind,
		       const struct tree_device *chip, struct span channel,
		       const char *what)
{
	AUTO_FREE char *name = xasprintf("%s_%s", prop, kind->unit);
	char attribute[64];

	tree_put_unread(props, name, chip,
			attribute_of(attribute, sizeof(attribute), channel, what));
}

/* Whether the flag is set; a value that is no number is put into *lost. */
static bool is_set(const struct tree_device *chip, struct span channel, const char *what,
		   struct span *lost)
{
	char name[64];
	const char *attribute = attribute_of(name, sizeof(name), channel, what);
	struct span value;
	uint64_t flag;

	if (tree_number(chip, attribute, &flag))
		return flag;
	if (tree_text(chip, attribute, &value) && value.len)
		*lost = value;
	return false;
}

static void put_alarms(json_t *props, const struct tree_device *chip, struct span channel)
{
	struct span lost = { "", 0 };
	json_t *set = json_array();

	for (size_t i = 0; i < ARRAY_LEN(alarms); i++)
		if (is_set(chip, channel, alarms[i], &lost))
			json_push(set, json_string(alarms[i]));
	if (lost.len)
		collect_unread_span(props, "alarms", lost);
	if (json_array_size(set))
		json_put(props, "alarms", set);
	else
		json_decref(set);
}

/*
 * Temperatures alone, and where the chip has a critical limit that can be one: boards
 * leave the limits of voltages and of fans that are not there unset, so their alarms say
 * nothing.
 */
static void put_health(json_t *props, const struct tree_device *chip,
		       const struct sensor_kind *kind, struct span channel,
		       int64_t reading)
{
	int64_t critical, high;
	const char *health = "OK";

	if (kind != &kinds[0] || !milli_of(chip, kind, channel, "crit", &critical) ||
	    critical < 30000 || critical > 200000)
		return;
	if (reading >= critical)
		health = "Critical";
	else if (milli_of(chip, kind, channel, "max", &high) && high >= 30000 &&
		 reading > high)
		health = "Warning";
	json_put(props, "health", json_string(health));
	if (strcmp(health, "OK") != 0)
		json_put(props, "health_reason",
			 json_string(reading >= critical ? "above its critical limit"
							 : "above its high limit"));
}

static void put_read_error(json_t *props, const struct tree_device *chip,
			   struct span channel, const char *what)
{
	const struct tree_line *line;
	char attribute[64];

	attribute_of(attribute, sizeof(attribute), channel, what);
	line = tree_find(chip->tree, chip->folder, chip->name, attribute);
	if (line && line->kind == 'e')
		collect_span(props, "read_error", line->content);
}

static bool is_plausible(const struct sensor_kind *kind, int64_t milli)
{
	AUTO_FREE char *name = xasprintf("reading_%s", kind->unit);

	return quantity_is_plausible(name, (double)milli / 1000);
}

static void put_reading(json_t *props, const struct tree_device *chip,
			const struct sensor_kind *kind, struct span channel,
			const char *what)
{
	struct span lost = { "", 0 };
	int64_t milli;

	if (is_set(chip, channel, "fault", &lost)) {
		/* Documentation/hwmon/sysfs-interface: what it measures is not to be
		 * believed. */
		json_put(props, "state", json_string("Disabled"));
		put_milli(props, "reading", kind, json_null());
	} else if (milli_of(chip, kind, channel, what, &milli)) {
		bool plausible = is_plausible(kind, milli) && !lost.len;

		/* ffffffff of an ACPI power meter is an error, not 4 GW: ACPI 6.4, 10.4.1 */
		json_put(props, "state",
			 plausible ? json_string("Enabled") : json_null());
		put_milli(props, "reading", kind, milli_value(milli));
		if (plausible)
			put_health(props, chip, kind, channel, milli);
	} else {
		json_put(props, "state", json_null());
		put_unread(props, "reading", kind, chip, channel, what);
		put_read_error(props, chip, channel, what);
	}
	if (lost.len)
		collect_unread_span(props, "state", lost);
}

struct sensor_place {
	struct span chip, device, pci; /* len 0: unknown */
};

static void emit_sensor(const struct tree_device *chip, const struct sensor_place *place,
			const struct sensor_kind *kind, struct span channel,
			const char *what, struct output *out)
{
	AUTO_FREE char *key =
		xasprintf("%.*s@%.*s/%.*s", (int)(place->chip.len % 64), place->chip.at,
			  (int)(place->device.len % 64), place->device.at,
			  (int)(channel.len % 32), channel.at);
	json_t *props = json_object();
	char attribute[64];
	struct span label;
	int64_t milli;

	if (tree_text(chip, attribute_of(attribute, sizeof(attribute), channel, "label"),
		      &label))
		collect_span(props, "name", label);
	else
		collect_span(props, "name", channel);
	json_put(props, "type", json_string(kind->type));
	collect_span(props, "chip", place->chip);
	collect_span(props, "device", place->device);
	if (place->pci.len)
		collect_span(props, "pci_address", place->pci);
	put_reading(props, chip, kind, channel, what);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (!milli_of(chip, kind, channel, limits[i].attribute, &milli))
			put_unread(props, limits[i].prop, kind, chip, channel,
				   limits[i].attribute);
		else if (milli > NO_LIMIT && (milli != 0 || !limits[i].upper))
			put_milli(props, limits[i].prop, kind, milli_value(milli));
	put_alarms(props, chip, channel);
	collect_record(out, "sensors", key, props);
}

/* The number in "hwmon3" is another at every start: the chip and its device are not. */
static struct sensor_place place_of(const struct tree_device *chip)
{
	struct sensor_place place = { .device = chip->name };
	struct span path;

	if (!tree_text(chip, "name", &place.chip))
		place.chip = chip->name;
	if (tree_link(chip->tree, chip->folder, chip->name, "device", &path))
		place.device = tree_base(path);
	if (tree_link(chip->tree, chip->folder, chip->name, "", &path))
		(void)tree_pci_address(path, &place.pci);
	return place;
}

void collect_sensors_hwmon(const struct input *in, const char *instance,
			   struct output *out)
{
	AUTO_FREE char *folder = xasprintf("%s/%.64s", HWMON, instance);
	struct tree tree;
	struct tree_device chip = { &tree, HWMON, { instance, strlen(instance) } };
	struct sensor_place place;
	struct span name, channel, what;
	size_t at = 0, count = 0;

	tree_open(&tree, in, "sensors/hwmon", out);
	place = place_of(&chip);
	while (count < SENSORS_MAX && tree_next(&tree, folder, &at, &name)) {
		const struct sensor_kind *kind = kind_of(name, &channel, &what);
		char input[64];

		if (!kind)
			continue;
		/* Power meters may have an average only. */
		if (text_is(what, "average") &&
		    !tree_find(&tree, HWMON, chip.name,
			       attribute_of(input, sizeof(input), channel, "input")))
			emit_sensor(&chip, &place, kind, channel, "average", out);
		else if (text_is(what, "input"))
			emit_sensor(&chip, &place, kind, channel, "input", out);
		else
			continue;
		count++;
	}
	tree_close(&tree);
}
