/*
 * psu/sdr: the BMC's sensors, from its sensor data records (IPMI 2.0, chapter 43) and the
 * answers to Get Sensor Reading (35.14).
 */
#include "fru.h"
#include "ipmi_lines.h"
#include "ipmi_names.h"
#include "psu_formula.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX 4096
#define BMC_ADDRESS 0x20
#define ENTITY_SUPPLY 0x0a /* table 43-13 */

static const char where[] = "psu/sdr";

/* A record and its reading; the bytes are the reader's. */
struct sensor {
	const uint8_t *record;
	size_t len;
	const uint8_t *reading; /* NULL: none */
	size_t reading_len;
	struct span why; /* there is none */
};

struct store {
	struct sensor sensors[RECORDS_MAX];
	unsigned count, left_out;
	uint16_t by_id[65536];   /* index + 1 */
	uint8_t supply_fru[256]; /* by entity instance: FRU id + 1 */
};

static void line_read(struct store *store, const struct ipmi_line *line,
		      struct output *out)
{
	struct sensor *sensor;

	if (text_is(line->name, "sdr") && line->why.len == 0) {
		/* Other records are the maker's, and may be shorter (43.12). */
		if (ipmi_lines_short(line, 5, where, out) ||
		    (line->bytes[3] != 0x01 && line->bytes[3] != 0x02 &&
		     line->bytes[3] != 0x11) ||
		    ipmi_lines_short(line, 16, where, out))
			return;
		if (line->bytes[3] == 0x11 && line->bytes[12] == ENTITY_SUPPLY &&
		    line->bytes[5] == BMC_ADDRESS && line->bytes[6] < 255)
			store->supply_fru[line->bytes[13]] =
				(uint8_t)(line->bytes[6] + 1);
		if (line->bytes[3] == 0x11)
			return;
		if (store->count == RECORDS_MAX) {
			store->left_out++;
			return;
		}
		store->sensors[store->count++] =
			(struct sensor){ .record = line->bytes, .len = line->len };
		store->by_id[line->number] = (uint16_t)store->count;
	} else if (text_is(line->name, "reading") && store->by_id[line->number]) {
		sensor = &store->sensors[store->by_id[line->number] - 1];
		sensor->why = line->why;
		sensor->reading = line->why.len ? NULL : line->bytes;
		sensor->reading_len = line->len;
	}
}

static bool is_full(const struct sensor *sensor)
{
	return sensor->record[3] == 0x01 && sensor->len >= 48;
}

/* Whole numbers as integers; the rest to six digits behind the point. */
static json_t *number(double value)
{
	double micro = value * 1e6;

	if (fabs(micro) < 9e15)
		value = (double)(int64_t)(micro + (micro < 0 ? -0.5 : 0.5)) / 1e6;
	if (fabs(value) < 9e15 && value == (double)(int64_t)value)
		return json_integer((json_int_t)value);
	return json_real(value);
}

static void put_value(const struct sensor *sensor, json_t *props, const char *name,
		      const uint8_t *raw)
{
	const char *suffix =
		sensor->record[20] & 1 ? "percent" : ipmi_unit_suffix(sensor->record[21]);
	char prop[48], text[64];
	double value;

	if (sensor->record[20] & 0x3e) /* a rate, or two units */
		suffix = NULL;
	(void)snprintf(prop, sizeof(prop), suffix ? "%s_%s" : "%s", name, suffix);
	if (raw && !sensor_formula_is_known(sensor->record)) {
		(void)snprintf(text, sizeof(text), "0x%02x by formula 0x%02x", *raw,
			       sensor->record[23] & 0x7f);
		collect_unread(props, prop, json_string(text));
	} else {
		json_put(props, prop,
			 raw && sensor_value(sensor->record, *raw, &value) ? number(value)
									   : json_null());
	}
	if (!suffix)
		json_put(props, "unit_code", json_integer(sensor->record[21]));
}

/* Those that the record says can be read: 43.1 byte 19; values from byte 37 on. */
static void put_thresholds(const struct sensor *sensor, json_t *props)
{
	static const struct {
		const char *name;
		unsigned bit, at;
	} list[] = {
		{ "lower_caution", 0, 41 },  { "lower_critical", 1, 40 },
		{ "lower_fatal", 2, 39 },    { "upper_caution", 3, 38 },
		{ "upper_critical", 4, 37 }, { "upper_fatal", 5, 36 },
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (sensor->record[18] >> list[i].bit & 1)
			put_value(sensor, props, list[i].name,
				  &sensor->record[list[i].at]);
}

static void put_health(json_t *props, struct ipmi_state worst)
{
	const char *health = ipmi_health(worst.severity);

	json_put(props, "health", health ? json_string(health) : json_null());
	if (worst.severity > IPMI_UNKNOWN)
		json_put(props, "health_reason", json_string(worst.name));
}

/* 35.14, byte 3: which thresholds the reading is beyond, the worst one's word. */
static void put_comparison(const struct sensor *sensor, json_t *props)
{
	static const unsigned offsets[] = { 0, 2, 4, 7, 9, 11 };
	struct ipmi_state worst = { NULL, IPMI_OK };
	unsigned readable = sensor->record[18] & 0x3f;

	if (readable == 0 || sensor->reading_len < 3)
		return;
	for (unsigned bit = 0; bit < ARRAY_LEN(offsets); bit++) {
		struct ipmi_state state = ipmi_state(0, 0x01, offsets[bit]);

		if ((sensor->reading[2] & readable) >> bit & 1 &&
		    (state.severity >= worst.severity))
			worst = state;
	}
	put_health(props, worst);
}

/* Bits of a discrete sensor as words, and as numbers where there is none. */
static unsigned put_states(const struct sensor *sensor, json_t *props)
{
	unsigned bits = sensor->reading_len > 2 ? sensor->reading[2] : 0;
	struct ipmi_state worst = { NULL, IPMI_OK }, first;
	json_t *list = json_array();

	if (sensor->reading_len > 3)
		bits |= (sensor->reading[3] & 0x7fu) << 8;
	for (unsigned offset = 0; offset < 15; offset++) {
		struct ipmi_state state;
		char text[16];

		if (!(bits >> offset & 1))
			continue;
		state = ipmi_state(sensor->record[12], sensor->record[13] & 0x7f, offset);
		(void)snprintf(text, sizeof(text), "state %u", offset);
		json_push(list, json_string(state.name ? state.name : text));
		if (state.severity > worst.severity)
			worst = state;
	}
	json_put(props, "states", list);
	/* No bit at all is well where the sensor's kind is known. */
	first = ipmi_state(sensor->record[12], sensor->record[13] & 0x7f, 0);
	if (bits == 0)
		worst.severity = first.name && first.severity != IPMI_UNKNOWN
					 ? IPMI_OK
					 : IPMI_UNKNOWN;
	put_health(props, worst);
	return bits;
}

/* A supply's own sensor (table 42-3, 08h) speaks of the FRU with its entity's instance.
 */
static void put_supply(const struct store *store, const struct sensor *sensor,
		       unsigned states, const json_t *sensor_props, struct output *out)
{
	unsigned fru = store->supply_fru[sensor->record[9]];
	bool presence = sensor->record[18] & 1;
	static const char *const shared[] = { "health", "health_reason" };
	json_t *props;
	char key[16];

	if (sensor->record[12] != 0x08 || sensor->record[13] != 0x6f ||
	    sensor->record[8] != ENTITY_SUPPLY || fru == 0)
		return;
	props = json_object();
	if (presence)
		json_put(props, "state", json_string(states & 1 ? "Enabled" : "Absent"));
	/* An empty bay has no health. */
	for (size_t i = 0; (!presence || states & 1) && i < ARRAY_LEN(shared); i++)
		if (json_object_get(sensor_props, shared[i]))
			json_put(props, shared[i],
				 json_incref(json_object_get(sensor_props, shared[i])));
	(void)snprintf(key, sizeof(key), "fru%u", fru - 1);
	collect_record(out, "power_supplies", key, props);
}

/* A completion code (table 5-2) or an errno's name. */
static void put_read_error(struct span why, json_t *props)
{
	AUTO_FREE char *text =
		xasprintf(why.len == 2 ? "code %.*sh" : "%.*s", (int)why.len, why.at);

	collect_text(props, "read_error", text, strlen(text));
}

static void put_reading(const struct store *store, const struct sensor *sensor,
			json_t *props, struct output *out)
{
	/* 35.14, byte 2: scanning is on, and there is a reading. */
	bool scanned =
		sensor->reading && sensor->reading_len > 1 && sensor->reading[1] & 0x40;
	bool valid = scanned && !(sensor->reading[1] & 0x20);
	bool analog = is_full(sensor) && sensor_format(sensor->record) != 3;

	if (text_is(sensor->why, "cb"))
		json_put(props, "state", json_string("Absent"));
	else if (sensor->reading && sensor->reading_len < 2)
		collect_unread(props, "state", json_string("a reading without flags"));
	else if (sensor->reading && !scanned)
		json_put(props, "state", json_string("Disabled"));
	else
		json_put(props, "state", valid ? json_string("Enabled") : json_null());
	if (sensor->why.len > 0 && !text_is(sensor->why, "cb"))
		put_read_error(sensor->why, props);
	if (analog)
		put_value(sensor, props, "reading", valid ? sensor->reading : NULL);
	if (analog && (sensor->record[13] & 0x7f) == 0x01)
		put_thresholds(sensor, props);
	if (!valid)
		return;
	if ((sensor->record[13] & 0x7f) == 0x01)
		put_comparison(sensor, props);
	else
		put_supply(store, sensor, put_states(sensor, props), props, out);
}

static void put_name(const struct sensor *sensor, json_t *props)
{
	size_t at = sensor->record[3] == 0x01 ? 47 : 31, len;
	char text[64];

	if (sensor->len <= at)
		return;
	len = sensor->record[at] & 0x1f;
	if (len > sensor->len - at - 1)
		len = sensor->len - at - 1;
	collect_span(
		props, "name",
		fru_decode(sensor->record[at] >> 6, sensor->record + at + 1, len, text));
}

static void put_sensor(const struct store *store, const struct sensor *sensor,
		       const char *key, struct output *out)
{
	const uint8_t *record = sensor->record;
	json_t *props = json_object();
	const char *type = ipmi_sensor_type(record[12]);

	/* There is no type for power: it is among the "Other Units-based Sensors". */
	if (record[12] == 0x0b && is_full(sensor) && record[21] == 6)
		type = "Power";
	put_name(sensor, props);
	json_put(props, "type", type ? json_string(type) : json_null());
	json_put(props, "sensor_type_code", json_integer(record[12]));
	json_put(props, "sensor_number", json_integer(record[7]));
	json_put(props, "entity_id", json_integer(record[8]));
	json_put(props, "entity_instance", json_integer(record[9] & 0x7f));
	put_reading(store, sensor, props, out);
	collect_record(out, "sensors", key, props);
}

void collect_psu_sdr(const struct input *in, const char *instance, struct output *out)
{
	struct store *store = xcalloc(1, sizeof(*store));
	uint8_t *met = xcalloc(65536 * 4, 1);
	struct ipmi_reader reader;
	struct ipmi_line line;

	(void)instance;
	ipmi_lines_open(&reader, in);
	while (ipmi_lines_next(&reader, &line)) {
		line_read(store, &line, out);
		if (line.why.len > 2)
			collect_error(out, where, "%s %u: %.*s",
				      text_is(line.name, "sdr") ? "record" : "reading",
				      line.number, (int)line.why.len, line.why.at);
	}
	if (store->left_out)
		collect_error(out, where, "%u sensors of more than %u", store->left_out,
			      RECORDS_MAX);
	for (unsigned i = 0; i < store->count; i++) {
		const struct sensor *sensor = &store->sensors[i];
		unsigned owner = sensor->record[5], lun = sensor->record[6] & 3;
		unsigned id = (owner << 10 | lun << 8 | sensor->record[7]) & 0x3ffff;
		char key[48];
		int n;

		/* Compact records need 32 bytes, full ones 48 (43.1, 43.2). */
		if (sensor->len < 32 || (sensor->record[3] == 0x01 && !is_full(sensor))) {
			collect_error(out, where,
				      "a sensor's record of %zu bytes is short",
				      sensor->len);
			continue;
		}
		if (owner == BMC_ADDRESS && lun == 0)
			n = snprintf(key, sizeof(key), "ipmi/0x%02x", sensor->record[7]);
		else
			n = snprintf(key, sizeof(key), "ipmi/0x%02x.%u/0x%02x", owner,
				     lun, sensor->record[7]);
		if (met[id] < 255 && ++met[id] > 1)
			(void)snprintf(key + n, sizeof(key) - (size_t)n, "#%u", met[id]);
		put_sensor(store, sensor, key, out);
	}
	ipmi_lines_close(&reader, where, out);
	free(met);
	free(store);
}
