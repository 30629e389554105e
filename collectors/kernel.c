/* kernel/log: events of the kernel's log, by kind and device. */
#include "kernel.h"

#include <string.h>

#define EVENTS_MAX 2000u
#define STRANGE_MAX 20u
#define LEVEL_ERROR 3u
#define EXAMPLE_MAX 300u

void kernel_events_init(struct kernel_events *events)
{
	*events = (struct kernel_events){ .records = json_object(),
					  .strange = json_array() };
}

/* "sda" of "sda-8" (a journal's inode, fs/jbd2/journal.c) and of "/dev/sda". */
static struct span disk_name(struct span name)
{
	size_t dash;

	(void)text_skip(&name, "/dev/");
	while (name.len && name.at[name.len - 1] == '.')
		name.len--;
	dash = name.len;
	while (dash > 0 && name.at[dash - 1] >= '0' && name.at[dash - 1] <= '9')
		dash--;
	if (dash > 1 && dash < name.len && name.at[dash - 1] == '-' &&
	    !(dash == 3 && text_starts(name, "dm-")))
		name.len = dash - 1;
	return name;
}

/* With the domain and the function that some messages leave out: 0000:3b:00.0. NVIDIA's driver
 * may write a domain of eight digits, and DMAR 0x before each number. */
static void put_address(json_t *props, struct span address)
{
	char plain[64], text[80];
	size_t len = 0, colons = 0, dots = 0;
	const char *at = plain;

	for (size_t i = 0; i < address.len && len < sizeof(plain) - 1; i++) {
		char c = address.at[i];

		if (c == '0' && i + 1 < address.len && address.at[i + 1] == 'x') {
			i++;
			continue;
		}
		colons += c == ':';
		dots += c == '.';
		plain[len++] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
	}
	plain[len] = '\0';
	if (colons == 2 && strcspn(at, ":") == 8 && !strncmp(at, "0000", 4))
		at += 4;
	(void)snprintf(text, sizeof(text), "%s%s%s", colons == 1 ? "0000:" : "", at,
		       dots ? "" : ".0");
	collect_text(props, "device", text, strlen(text));
}

/* /dev/kmsg escapes as we do (Documentation/ABI/testing/dev-kmsg): not once more. */
static void put_text(json_t *props, const char *key, struct span text)
{
	AUTO_JSON json_t *value = json_text_is_clean(text.at, text.len)
					  ? json_stringn(text.at, text.len)
					  : NULL;

	if (value)
		collect_json_text(props, key, value);
	else
		collect_span(props, key, text);
}

static void put_device(json_t *props, const struct kernel_match *match)
{
	if (match->has_controller) {
		AUTO_FREE char *name =
			xasprintf("mc%llu", (unsigned long long)match->controller);

		collect_text(props, "controller", name, strlen(name));
	}
	if (!match->device.len)
		json_put(props, "device", json_null());
	else if (match->kind == KERNEL_ADDRESS)
		put_address(props, match->device);
	else if (match->kind == KERNEL_CPU) {
		AUTO_FREE char *name =
			xasprintf("cpu%.*s", (int)match->device.len, match->device.at);

		collect_text(props, "device", name, strlen(name));
	} else if (match->kind == KERNEL_DISK)
		put_text(props, "device", disk_name(match->device));
	else
		put_text(props, "device", match->device);
}

/* The clock's moment of a line, where it is known. */
static json_t *time_of(const struct kernel_events *events, const struct kernel_line *line)
{
	int64_t ms = (int64_t)(line->us / 1000);

	return line->has_time && events->epoch_ms &&
			       !__builtin_add_overflow(ms, events->epoch_ms, &ms)
		       ? json_integer(ms)
		       : json_null();
}

static json_t *seconds_of(const struct kernel_line *line)
{
	return line->has_time ? collect_milli(line->us / 1000) : json_null();
}

static void put_example(json_t *props, const char *key, struct span message)
{
	if (message.len > EXAMPLE_MAX)
		message.len = EXAMPLE_MAX;
	put_text(props, key, message);
}

static json_t *props_new(const struct kernel_match *match)
{
	const struct kernel_pattern *p = match->pattern;
	json_t *props = json_object();
	const char *name = NULL;

	json_put(props, "event", json_string(p->event));
	json_put(props, "class", json_string(p->class));
	json_put(props, "component_type", p->part ? json_string(p->part) : json_null());
	put_device(props, match);
	json_put(props, "severity", json_string("OK"));
	json_put(props, "count", json_integer(0));
	if (p->many)
		json_put(props, "warns_from", json_integer(p->many));
	if (!match->has_code)
		return props;
	(void)kernel_xid(match->code, &name);
	json_put(props, "code", collect_integer(match->code));
	json_put(props, "code_name", name ? json_string(name) : json_null());
	return props;
}

static char *key_of(const struct kernel_match *match, const json_t *props)
{
	const char *device = json_string_value(json_object_get(props, "device"));
	const char *controller = json_string_value(json_object_get(props, "controller"));
	AUTO_FREE char *code =
		match->has_code ? xasprintf("-%llu", (unsigned long long)match->code)
				: xstrdup("");

	return xasprintf("%s%s%s%s%s%s", match->pattern->event, code, device ? "@" : "",
			 device ? device : "", controller ? "@" : "",
			 controller ? controller : "");
}

/* The worst of its lines; and a warning where there are many of them. */
static void put_severity(json_t *props, const struct kernel_match *match,
			 json_int_t count)
{
	const char *now = json_string_value(json_object_get(props, "severity"));
	enum kernel_severity worst = match->severity;

	if (match->pattern->many && count >= match->pattern->many &&
	    worst < KERNEL_WARNING)
		worst = KERNEL_WARNING;
	for (int s = KERNEL_CRITICAL; s > (int)worst; s--)
		if (!strcmp(now, kernel_severity_names[s]))
			return;
	json_put(props, "severity", json_string(kernel_severity_names[worst]));
}

static void update(struct kernel_events *events, json_t *props,
		   const struct kernel_match *match, const struct kernel_line *line)
{
	json_int_t count = json_integer_value(json_object_get(props, "count")), more;
	bool first = count == 0;

	more = match->count < INT64_MAX / 2 ? (json_int_t)match->count : 1;
	if (__builtin_add_overflow(count, more, &count))
		count = INT64_MAX;
	json_put(props, "count", json_integer(count));
	put_severity(props, match, count);
	if (first) {
		json_put(props, "first_seconds", seconds_of(line));
		json_put(props, "first_unix_ms", time_of(events, line));
		put_example(props, "message", line->message);
	} else if (line->has_time || !line->has_sequence) {
		put_example(props, "last_message", line->message);
	}
	json_put(props, "last_seconds", seconds_of(line));
	json_put(props, "last_unix_ms", time_of(events, line));
}

static void add_strange(struct kernel_events *events, const struct kernel_line *line)
{
	json_t *one;

	if (!line->has_level || line->level > LEVEL_ERROR)
		return;
	events->unknown_errors++;
	if (json_array_size(events->strange) == STRANGE_MAX)
		return;
	one = json_object();
	json_put(one, "level", json_integer(line->level));
	json_put(one, "seconds", seconds_of(line));
	put_example(one, "message", line->message);
	json_push(events->strange, one);
}

void kernel_events_add(struct kernel_events *events, const struct kernel_line *line)
{
	AUTO_JSON json_t *fresh = NULL;
	AUTO_FREE char *key = NULL;
	struct kernel_match match;
	json_t *props, *escaped;

	if (!kernel_match(line->message, &match)) {
		add_strange(events, line);
		return;
	}
	events->known++;
	if (!match.pattern->event)
		return;
	fresh = props_new(&match);
	key = key_of(&match, fresh);
	escaped = collect_json_key(key);
	props = json_object_get(events->records, json_string_value(escaped));
	if (!props && json_object_size(events->records) == EVENTS_MAX) {
		events->left_out++;
	} else {
		if (!props) {
			props = fresh;
			json_put(events->records, json_string_value(escaped),
				 json_incref(fresh));
		}
		update(events, props, &match, line);
	}
	json_decref(escaped);
}

void kernel_events_emit(struct kernel_events *events, const char *crash,
			struct output *out)
{
	const char *key;
	json_t *props;

	json_object_foreach(events->records, key, props)
	{
		AUTO_FREE char *name = crash ? xasprintf("%s:%s", crash, key) : NULL;

		if (crash)
			json_put(props, "crash", json_string(crash));
		collect_json_record(out, "kernel.events", name ? name : key,
				    json_incref(props));
	}
	if (events->left_out)
		collect_error(out, "kernel", "%llu lines of more than %u kinds of events",
			      (unsigned long long)events->left_out, EVENTS_MAX);
	json_decref(events->records);
	json_decref(events->strange);
	*events = (struct kernel_events){ .records = NULL };
}

struct log_state {
	uint64_t records, others, lost, first;
	bool has_first;
	const char *end; /* NULL: not told */
	json_int_t levels[8];
};

/* What bee-kmsg says before and after the records: probes/kmsg.c. */
static void take_about(struct log_state *state, struct kernel_events *events,
		       struct span text, struct output *out)
{
	static const char *const ends[] = { "empty", "count", "time", "bytes" };
	struct span name;
	uint64_t number, ms;
	bool is_number;

	(void)text_cut(&text, '\t', &name);
	for (size_t i = 0; text_is(name, "end") && i < ARRAY_LEN(ends); i++) {
		if (!text_is(text, ends[i]))
			continue;
		state->end = ends[i];
		return;
	}
	is_number = text_take_u64(&text, &number);
	if (is_number && text_is(name, "clock") && text_skip(&text, "\t") &&
	    text_take_u64(&text, &ms) && number / 1000 < ms && ms < INT64_MAX) {
		events->epoch_ms = (int64_t)(ms - number / 1000);
	} else if (is_number && text_is(name, "first")) {
		state->first = number;
		state->has_first = true;
	} else if (is_number && text_is(name, "others")) {
		state->others = number;
	} else if (is_number && text_is(name, "lost")) {
		state->lost = number;
	} else {
		collect_error(out, "kernel/log", "a line that bee-kmsg has not: %.*s",
			      (int)(name.len < 16 ? name.len : 16), name.at);
	}
}

static json_t *levels_of(const struct log_state *state)
{
	static const char *const names[] = { "emergency", "alert",  "critical", "error",
					     "warning",   "notice", "info",     "debug" };
	json_t *levels = json_object();

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (state->levels[i])
			json_put(levels, names[i], json_integer(state->levels[i]));
	return levels;
}

static void emit_log(const struct log_state *state, const struct kernel_events *events,
		     struct output *out)
{
	json_t *props = json_object();

	json_put(props, "record_count", collect_integer(state->records));
	json_put(props, "other_record_count", collect_integer(state->others));
	json_put(props, "known_record_count", collect_integer(events->known));
	json_put(props, "count_by_level", levels_of(state));
	json_put(props, "ended", state->end ? json_string(state->end) : json_null());
	json_put(props, "unknown_error_count", collect_integer(events->unknown_errors));
	json_put(props, "unknown_errors", json_incref(events->strange));
	if (state->has_first)
		json_put(props, "overwritten_count", collect_integer(state->first));
	if (state->end)
		json_put(props, "lost_count", collect_integer(state->lost));
	collect_record(out, "kernel.log", "log", props);
}

void collect_kernel_log(const struct input *in, const char *instance, struct output *out)
{
	struct span rest = { in->text, in->len };
	struct log_state state = { .records = 0 };
	static struct kernel_line line;
	struct kernel_events events;
	enum kernel_text kind;

	(void)instance;
	if (in->len == 0) /* the node was refused: nothing is known of the log */
		return;
	kernel_events_init(&events);
	while ((kind = kernel_line_next(&rest, &line)) != KERNEL_END) {
		if (kind == KERNEL_LINE) {
			state.records++;
			if (line.has_level)
				state.levels[line.level]++;
			kernel_events_add(&events, &line);
		} else if (kind == KERNEL_ABOUT) {
			take_about(&state, &events, line.message, out);
		} else {
			state.others++;
		}
	}
	if (in->len > 0 && in->text[in->len - 1] != '\n')
		collect_error(out, "kernel/log", "the text ends in the middle of a line");
	emit_log(&state, &events, out);
	kernel_events_emit(&events, NULL, out);
}
