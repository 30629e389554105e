/* report: what guests use of the machine. */
#include "command.h"
#include "group.h"
#include "look.h"

#include <err.h>
#include <poll.h>
#include <string.h>

#define FOLLOW_MS 250

static const struct {
	const char *name, *metric, *help;
	size_t at;
} values[] = {
#define VALUE(member, metric, help)                                                      \
	{                                                                                \
#member, metric, help, offsetof(struct group_usage, member)              \
	}
	VALUE(cpu_ns, "bee_guest_cpu_nanoseconds_total", "time on processors"),
	VALUE(memory, "bee_guest_memory_bytes", "memory in use, page cache included"),
	VALUE(memory_peak, "bee_guest_memory_peak_bytes", "the most of it"),
	VALUE(tasks, "bee_guest_tasks", "processes and threads"),
	VALUE(read_bytes, "bee_guest_read_bytes_total", "read from disks"),
	VALUE(write_bytes, "bee_guest_written_bytes_total", "written to disks"),
	VALUE(oom_kills, "bee_guest_oom_kills_total",
	      "processes killed as memory was out"),
	VALUE(tasks_refused, "bee_guest_tasks_refused_total",
	      "processes that were over its limit"),
};

struct reporting {
	const char *only;
	bool found;
	json_t *all;
};

static uint64_t value_of(const struct group_usage *usage, size_t i)
{
	uint64_t value;

	memcpy(&value, (const char *)usage + values[i].at, sizeof(value));
	return value;
}

static int report_one(const char *name, void *data)
{
	struct reporting *r = data;
	struct group_usage usage;
	struct look look;
	json_t *out;

	if (r->only && strcmp(r->only, name) != 0)
		return 0;
	r->found = true;
	look_guest(name, &look);
	if (look.state == GUEST_RUNNING) {
		group_usage(look_id(&look), &usage);
		out = json_object();
		json_put(out, "name", json_string(name));
		for (size_t i = 0; i < ARRAY_LEN(values); i++) {
			uint64_t value = value_of(&usage, i);

			/* Not counted here is null, not 0. */
			json_put(out, values[i].name,
				 value > INT64_MAX ? json_null()
						   : json_integer((json_int_t)value));
		}
		json_push(r->all, out);
	}
	look_done(&look);
	return 0;
}

static json_t *sum_of(json_t *all)
{
	json_t *sum = json_object();

	json_put(sum, "guests", json_integer((json_int_t)json_array_size(all)));
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		json_int_t total = 0;
		bool counted = false;

		for (size_t at = 0; at < json_array_size(all); at++) {
			const json_t *g = json_array_get(all, at);
			const json_t *value = json_object_get(g, values[i].name);

			counted |= json_is_integer(value);
			total += json_integer_value(value);
		}
		json_put(sum, values[i].name,
			 counted ? json_integer(total) : json_null());
	}
	return sum;
}

static void metrics_print(json_t *all)
{

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const char *metric = values[i].metric;
		bool counter = strstr(metric, "_total") != NULL;

		printf("# HELP %s %s\n# TYPE %s %s\n", metric, values[i].help, metric,
		       counter ? "counter" : "gauge");
		for (size_t at = 0; at < json_array_size(all); at++) {
			const json_t *g = json_array_get(all, at);
			const json_t *value = json_object_get(g, values[i].name);

			if (json_is_integer(value))
				printf("%s{guest=\"%s\"} %lld\n", metric,
				       json_string_value(json_object_get(g, "name")),
				       (long long)json_integer_value(value));
		}
	}
}

static void cell_print(const json_t *g, const char *key, double scale, const char *unit)
{
	const json_t *value = json_object_get(g, key);

	if (json_is_integer(value))
		printf(" %9.1f %-3s", (double)json_integer_value(value) / scale, unit);
	else
		printf(" %9s %-3s", "-", "");
}

static void row_print(const char *name, const json_t *g)
{
	const json_t *tasks = json_object_get(g, "tasks");

	printf("%-12s", name);
	cell_print(g, "cpu_ns", 1e9, "s");
	cell_print(g, "memory", 1048576, "MiB");
	cell_print(g, "read_bytes", 1048576, "MiB");
	cell_print(g, "write_bytes", 1048576, "MiB");
	if (json_is_integer(tasks))
		printf(" %6lld\n", (long long)json_integer_value(tasks));
	else
		printf(" %6s\n", "-");
}

static void table_print(json_t *all, const json_t *sum)
{

	printf("%-12s %13s %13s %13s %13s %6s\n", "guest", "cpu", "memory", "read",
	       "written", "tasks");
	for (size_t at = 0; at < json_array_size(all); at++) {
		const json_t *g = json_array_get(all, at);

		row_print(json_string_value(json_object_get(g, "name")), g);
	}
	row_print("all", sum);
}

/* What is told when it rises. */
static const struct {
	const char *key, *word;
} events[] = {
	{ "oom_kills", "out of memory, and something was killed" },
	{ "tasks_refused", "a process more than --tasks was refused" },
};

static void event_say(const char *name, size_t i, json_int_t more, json_int_t all,
		      bool json)
{
	AUTO_JSON json_t *line = NULL;

	if (!json) {
		printf("%s: %s (%lld more, %lld in all)\n", name, events[i].word,
		       (long long)more, (long long)all);
		return;
	}
	line = json_object();
	json_put(line, "guest", json_string(name));
	json_put(line, "event", json_string(events[i].key));
	json_put(line, "more", json_integer(more));
	json_put(line, "all", json_integer(all));
	if (fflush(stdout) || json_write_line(1, line))
		err(BEE_IOERR, "standard output");
}

static const json_t *guest_in(const json_t *all, const char *name)
{
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *g = json_array_get(all, i);

		if (!strcmp(json_string_value(json_object_get(g, "name")), name))
			return g;
	}
	return NULL;
}

/* The counters of the kernel are what tells: one that is read late has lost nothing. */
static void events_tell(const json_t *before, const json_t *now, bool json)
{
	for (size_t at = 0; at < json_array_size(now); at++) {
		const json_t *g = json_array_get(now, at);
		const char *name = json_string_value(json_object_get(g, "name"));
		const json_t *old = guest_in(before, name);

		for (size_t i = 0; i < ARRAY_LEN(events); i++) {
			json_int_t was =
				json_integer_value(json_object_get(old, events[i].key));
			json_int_t is =
				json_integer_value(json_object_get(g, events[i].key));

			if (is > was)
				event_say(name, i, is - was, is, json);
		}
	}
	if (fflush(stdout))
		err(BEE_IOERR, "standard output");
}

/* Until somebody ends it, or the guest that was asked for does not run any more. */
static int follow(const char *only, bool json)
{
	json_t *before = json_array();

	for (;;) {
		struct reporting r = { .only = only, .all = json_array() };

		(void)state_each(report_one, &r);
		if (only && !r.found)
			errx(BEE_USAGE, "there is no guest \"%s\"", only);
		events_tell(before, r.all, json);
		json_decref(before);
		before = r.all;
		if (only && json_array_size(before) == 0)
			break;
		(void)poll(NULL, 0, FOLLOW_MS);
	}
	json_decref(before);
	return command_end(BEE_OK);
}

int guest_report(int argc, char **argv)
{
	enum { JSON = 256, PROMETHEUS, FOLLOW };
	static const struct option options[] = {
		{ "json", no_argument, NULL, JSON },
		{ "prometheus", no_argument, NULL, PROMETHEUS },
		{ "follow", no_argument, NULL, FOLLOW },
		COMMAND_OPTIONS,
	};
	AUTO_JSON json_t *document = json_object();
	struct reporting r = { .all = json_array() };
	bool following = false;
	int c, how = 0;

	while ((c = command_option(argc, argv, "h", options)) != -1) {
		if (c == FOLLOW)
			following = true;
		else
			how = c;
	}
	guest_root();
	if (optind < argc)
		r.only = guest_name(argc, argv);
	if (following) {
		json_decref(r.all);
		return follow(r.only, how == JSON);
	}
	(void)state_each(report_one, &r);
	if (r.only && !r.found)
		errx(BEE_USAGE, "there is no guest \"%s\"", r.only);
	json_put(document, "sum", sum_of(r.all));
	json_put(document, "guests", r.all);
	if (how == JSON && json_write_line(1, document))
		err(BEE_IOERR, "standard output");
	if (how == PROMETHEUS)
		metrics_print(r.all);
	if (!how)
		table_print(r.all, json_object_get(document, "sum"));
	return command_end(BEE_OK);
}
