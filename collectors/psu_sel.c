/* psu/sel: the BMC's system event log (IPMI 2.0, chapters 31 and 32), summed up. */
#include "ipmi_lines.h"
#include "ipmi_names.h"

#define RECENT_MAX 16
/* 37.1: below, seconds since the log began; all ones: not known. */
#define FIRST_TIME 0x20000000u
#define NO_TIME 0xffffffffu

static const char where[] = "psu/sel";

struct log {
	json_t *props;
	json_t *by_type, *by_severity;     /* borrowed from props */
	const uint8_t *recent[RECENT_MAX]; /* a ring of the last records */
	unsigned read;
};

static bool is_time(uint32_t seconds)
{
	return seconds >= FIRST_TIME && seconds != NO_TIME;
}

static void put_time(json_t *props, const char *prop, uint32_t seconds)
{
	char text[IPMI_TIME_SIZE];

	ipmi_time(text, seconds);
	json_put(props, prop, is_time(seconds) ? json_string(text) : json_null());
}

static void count(json_t *counts, const char *name)
{
	json_int_t before = json_integer_value(json_object_get(counts, name));

	json_put(counts, name, json_integer(before + 1));
}

/* 32.1: record types 02h (system event), C0h to DFh (OEM with a time), E0h and up
 * (without). */
static bool is_event(const uint8_t *record)
{
	return record[2] == 0x02;
}

static struct ipmi_state state_of(const uint8_t *record)
{
	struct ipmi_state state =
		ipmi_state(record[10], record[12] & 0x7f, record[13] & 0x0f);

	/* A state that ends, an absence of trouble that begins. */
	if (record[12] & 0x80)
		state.severity = IPMI_OK;
	return state;
}

/* Table 42-3: from C0h on they are the makers', those below that have no name are reserved. */
static const char *type_of(const uint8_t *record)
{
	const char *name = is_event(record) ? ipmi_sensor_type(record[10]) : "OEM";

	if (name)
		return name;
	return record[10] >= 0xc0 ? "OEM" : "Unknown";
}

static json_t *entry(const uint8_t *record)
{
	static const char hex[] = "0123456789abcdef";
	struct ipmi_state state;
	const char *health;
	json_t *props = json_object();
	char data[2 * 13 + 1] = "";
	size_t from = is_event(record) ? 13 : 3;

	json_put(props, "id", json_integer(ipmi_le16(record)));
	if (record[2] < 0xe0)
		put_time(props, "time", ipmi_le32(record + 3));
	for (size_t i = from; i < 16; i++) {
		data[2 * (i - from)] = hex[record[i] >> 4];
		data[2 * (i - from) + 1] = hex[record[i] & 15];
	}
	json_put(props, "data_hex", json_string(data));
	json_put(props, "type", json_string(type_of(record)));
	json_put(props, "record_type", json_integer(record[2]));
	if (!is_event(record))
		return props;
	state = state_of(record);
	json_put(props, "sensor_type_code", json_integer(record[10]));
	json_put(props, "sensor_number", json_integer(record[11]));
	json_put(props, "asserted", json_boolean(!(record[12] & 0x80)));
	json_put(props, "event", state.name ? json_string(state.name) : json_null());
	json_put(props, "event_type", json_integer(record[12] & 0x7f));
	health = ipmi_health(state.severity);
	json_put(props, "severity", health ? json_string(health) : json_null());
	return props;
}

static void add_record(struct log *log, const uint8_t *record)
{
	const char *health = ipmi_health(state_of(record).severity);

	log->recent[log->read++ % RECENT_MAX] = record;
	count(log->by_type, type_of(record));
	if (is_event(record))
		count(log->by_severity, health ? health : "Unknown");
	if (record[2] < 0xe0)
		put_time(log->props, "last_entry_time", ipmi_le32(record + 3));
}

/* 31.2: Get SEL Info. */
static void put_info(json_t *props, const struct ipmi_line *line)
{
	const uint8_t *info = line->bytes;

	json_put(props, "entries", json_integer(ipmi_le16(info + 1)));
	/* FFFFh: 65,535 bytes or more. */
	json_put(props, "free_bytes",
		 ipmi_le16(info + 3) == 0xffff ? json_null()
					       : json_integer(ipmi_le16(info + 3)));
	put_time(props, "last_addition_time", ipmi_le32(info + 5));
	put_time(props, "last_erase_time", ipmi_le32(info + 9));
	json_put(props, "overflow", json_boolean(info[13] & 0x80));
}

static void line_read(struct log *log, const struct ipmi_line *line, struct output *out)
{
	if (text_is(line->name, "sel-info")) {
		if (!ipmi_lines_short(line, 14, where, out))
			put_info(log->props, line);
	} else if (text_is(line->name, "sel-time")) {
		/* Not the time itself: two audits of one machine are to agree. */
		if (!ipmi_lines_short(line, 4, where, out))
			json_put(log->props, "clock_set",
				 json_boolean(is_time(ipmi_le32(line->bytes))));
	} else if (text_is(line->name, "sel")) {
		if (!ipmi_lines_short(line, 16, where, out))
			add_record(log, line->bytes);
	}
}

void collect_psu_sel(const struct input *in, const char *instance, struct output *out)
{
	struct log log = { .props = json_object() };
	struct ipmi_reader reader;
	struct ipmi_line line;
	json_t *recent = json_array();
	bool any = false;

	(void)instance;
	ipmi_lines_open(&reader, in);
	log.by_type = json_object();
	log.by_severity = json_object();
	json_put(log.props, "count_by_type", log.by_type);
	json_put(log.props, "count_by_severity", log.by_severity);
	while (ipmi_lines_next(&reader, &line)) {
		any = true;
		if (line.why.len > 2)
			collect_error(out, where, "%.*s: %.*s", (int)(line.name.len & 31),
				      line.name.at, (int)line.why.len, line.why.at);
		else if (line.why.len > 0)
			continue;
		else
			line_read(&log, &line, out);
	}
	for (unsigned i = log.read > RECENT_MAX ? log.read - RECENT_MAX : 0; i < log.read;
	     i++)
		json_push(recent, entry(log.recent[i % RECENT_MAX]));
	json_put(log.props, "recent", recent);
	json_put(log.props, "entries_read", json_integer(log.read));
	if (any)
		collect_record(out, "event_log", "sel", log.props);
	else
		json_decref(log.props);
	ipmi_lines_close(&reader, where, out);
}
