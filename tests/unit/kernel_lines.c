/* Real lines of the kernel's log against the table of patterns; and the page that lists it. */
#include "kept.h"
#include "kernel.h"

#define LINES "tests/unit/kernel_lines.tsv"
#define PAGE "doc/kernel-log.md"
#define PAGE_BEGIN "<!-- events: made by tests/unit/kernel_lines.c, ACCEPT=1 -->\n"
#define REAL_MIN 400 /* of public reports */

struct row {
	struct span event, device, severity, line, source;
};

static char *text;
static const char *invented; /* from here on the lines are nobody's */
static size_t text_len;

static void load(void)
{
	FILE *file = fopen(LINES, "re");

	if (!file)
		tap_skip("%s is not here: run it in the source's top folder", LINES);
	text = xcalloc(1 << 20, 1);
	text_len = fread(text, 1, (1 << 20) - 1, file);
	CHECK_INT(fclose(file), 0);
	invented = strstr(text, "\n# Made ");
	CHECK(invented != NULL);
}

static bool row_next(struct span *rest, struct row *row)
{
	struct span line;

	do
		if (!text_line(rest, &line))
			return false;
	while (!line.len || line.at[0] == '#');
	CHECK(text_cut(&line, '\t', &row->event));
	CHECK(text_cut(&line, '\t', &row->device));
	CHECK(text_cut(&line, '\t', &row->severity));
	CHECK(text_cut(&line, '\t', &row->line));
	row->source = line;
	CHECK(row->source.len > 0);
	return true;
}

static bool is_value(const json_t *props, const char *name, struct span wanted)
{
	const char *value = json_string_value(json_object_get(props, name));

	return text_is(wanted, value ? value : "-");
}

/* "-" for the event of a line that a pattern knows as a detail. */
static bool is_right(const struct row *row)
{
	AUTO_FREE char *line = xasprintf("%.*s\n", (int)row->line.len, row->line.at);
	struct kept kept = kept_run(collect_kernel_log, line, strlen(line));
	const json_t *event = kept_props(&kept, "kernel.events", NULL);
	const json_t *log = kept_props(&kept, "kernel.log", "log");

	if (text_is(row->event, "-"))
		return !event && !strcmp(kept_value(log, "known_record_count"), "1");
	return event && is_value(event, "event", row->event) &&
	       is_value(event, "device", row->device) &&
	       is_value(event, "severity", row->severity);
}

static void every_line(void)
{
	struct span rest;
	struct row row;
	unsigned wrong = 0, reports = 0;

	load();
	rest = (struct span){ text, text_len };
	while (row_next(&rest, &row)) {
		reports += row.line.at < invented;
		if (is_right(&row))
			continue;
		printf("# not %.*s %.*s %.*s: %.*s\n", (int)row.event.len, row.event.at,
		       (int)row.device.len, row.device.at, (int)row.severity.len,
		       row.severity.at, (int)row.line.len, row.line.at);
		wrong++;
	}
	CHECK_INT(wrong, 0);
	CHECK(reports >= REAL_MIN);
}

/* A record of dmesg(1) whose lines are more than is looked at: what does not fit is left out, line by line. */
static void many_lines(void)
{
	static struct kernel_line line;
	AUTO_FREE char *many = NULL, *longest = xcalloc(KERNEL_MESSAGE_MAX, 1);
	struct span rest;
	size_t len;

	memset(longest, 'x', KERNEL_MESSAGE_MAX - 1);
	many = xasprintf(
		"[    1.000000] first\n second\n %s\n third\n[    2.000000] next\n",
		longest);
	rest = (struct span){ many, strlen(many) };
	CHECK_INT(kernel_line_next(&rest, &line), KERNEL_LINE);
	len = line.message.len;
	CHECK(line.message.at == line.joined && len < KERNEL_MESSAGE_MAX);
	CHECK(len == strlen("first\\x0asecond\\x0athird") &&
	      !memcmp(line.joined, "first\\x0asecond\\x0athird", len));
	CHECK_INT(kernel_line_next(&rest, &line), KERNEL_LINE);
	CHECK(line.message.len == 4 && !memcmp(line.message.at, "next", 4));
	/* /dev/kmsg has one line a record; what comes behind it is its dictionary. */
	rest = (struct span){ "6,7,1000,-;first\n SUBSYSTEM=pci\n", 32 };
	CHECK_INT(kernel_line_next(&rest, &line), KERNEL_LINE);
	CHECK(line.message.len == 5 && !memcmp(line.message.at, "first", 5));
	CHECK_INT(rest.len, 0);
}

/* The first line of the file that a pattern is the first to know. */
static struct row example_of(const struct kernel_pattern *pattern)
{
	static struct kernel_line line;
	struct span rest = { text, text_len };
	struct kernel_match match;
	struct row row;

	while (row_next(&rest, &row)) {
		struct span one = row.line;

		if (kernel_line_next(&one, &line) == KERNEL_LINE &&
		    kernel_match(line.message, &match) && match.pattern == pattern)
			return row;
	}
	return (struct row){ .event = { NULL, 0 } };
}

/* Without a time that was not in it. */
static struct span as_printed(const struct row *row)
{
	struct span line = row->line;

	if (row->line.at > invented)
		(void)text_skip(&line, "[    1.000000] ");
	return line;
}

static void print_cell(FILE *to, const char *at, size_t len)
{
	fputs(" ", to);
	for (size_t i = 0; i < len; i++)
		fprintf(to, at[i] == '|' ? "\\%c" : "%c", at[i]);
	fputs(" |", to);
}

static void print_pattern(FILE *to, const struct kernel_pattern *p)
{
	struct row example = example_of(p);

	if (!example.line.at)
		tap_fail(__FILE__, __LINE__, "%s has no line for: %s", LINES, p->format);

	fprintf(to, "| `%s` | %s | %s | %s |", p->event, p->class, p->part ? p->part : "",
		p->by == BY_XID             ? "by its number"
		: p->by == BY_MACHINE_CHECK ? "OK or Critical, by the status"
					    : kernel_severity_names[p->severity]);
	if (p->many)
		fprintf(to, " %u |", p->many);
	else
		fputs(" |", to);
	fputs(" `", to);
	for (const char *at = p->format; *at; at++)
		fprintf(to, *at == '|' ? "\\%c" : "%c", *at);
	fputs("` |", to);
	print_cell(to, p->source, strlen(p->source));
	fputs(example.line.at > invented ? " made |" : " |", to);
	example.line = as_printed(&example);
	print_cell(to, example.line.at, example.line.len);
	fputs("\n", to);
}

static char *page_table(void)
{
	char *made = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&made, &len);

	CHECK(to != NULL);
	fputs("\n| event | class | record | severity | warns from | message | printed by "
	      "| "
	      "is | example |\n|---|---|---|---|---|---|---|---|---|\n",
	      to);
	for (size_t t = 0; kernel_tables[t]; t++)
		for (const struct kernel_pattern *p = kernel_tables[t]; p->format; p++)
			if (p->event)
				print_pattern(to, p);
	CHECK_INT(fclose(to), 0);
	return made;
}

static void page(void)
{
	static char had[1 << 20];
	AUTO_FREE char *table = NULL;
	FILE *file = fopen(PAGE, "re");
	char *begin;

	if (!file)
		tap_skip("%s is not here: run it in the source's top folder", PAGE);
	load();
	table = page_table();
	had[fread(had, 1, sizeof(had) - 1, file)] = '\0';
	CHECK_INT(fclose(file), 0);
	begin = strstr(had, PAGE_BEGIN);
	CHECK(begin != NULL);
	begin += strlen(PAGE_BEGIN);
	if (getenv("ACCEPT")) {
		*begin = '\0';
		file = fopen(PAGE, "we");
		CHECK(file != NULL);
		fprintf(file, "%s%s", had, table);
		CHECK_INT(fclose(file), 0);
	} else if (strcmp(begin, table) != 0) {
		tap_fail(__FILE__, __LINE__, "%s is not what the table says: ACCEPT=1 %s",
			 PAGE,
			 "build/tests/unit/kernel_lines.t, and read the difference");
	}
}

/* Two patterns of one event that disagree would make a riddle of its class and record. */
static void one_event_one_class(void)
{
	AUTO_JSON json_t *classes = json_object();

	for (size_t t = 0; kernel_tables[t]; t++) {
		for (const struct kernel_pattern *p = kernel_tables[t]; p->format; p++) {
			const char *known;

			CHECK(p->source != NULL);
			if (!p->event)
				continue;
			known = json_string_value(json_object_get(classes, p->event));
			if (known && strcmp(known, p->class) != 0)
				tap_fail(__FILE__, __LINE__, "%s: %s and %s", p->event,
					 known, p->class);
			json_put(classes, p->event, json_string(p->class));
		}
	}
}

/* A token inside another would be taken apart at the wrong brace. */
static void tokens_are_not_nested(void)
{
	for (size_t t = 0; kernel_tables[t]; t++) {
		for (const struct kernel_pattern *p = kernel_tables[t]; p->format; p++) {
			const char *at = p->format;

			while ((at = strchr(at, '{'))) {
				at++;
				if (*at != ' ' && at[strcspn(at, "{}")] != '}')
					tap_fail(__FILE__, __LINE__, "%s", p->format);
			}
		}
	}
}

static void formats_are_whole(void)
{
	struct kernel_match match;

	CHECK(kernel_format_match("{ata}: error: { UNC",
				  (struct span){ "ata1.00: error: { UNC }", 23 },
				  &match));
	CHECK(!kernel_format_match("{n}$", (struct span){ "12x", 3 }, &match));
	CHECK(kernel_format_match("{n}$", (struct span){ "12", 2 }, &match));
	CHECK(kernel_format_match("a{?b|c}d", (struct span){ "acd", 3 }, &match));
	CHECK(kernel_format_match("a{?b|c}d", (struct span){ "ad", 2 }, &match));
	CHECK(!kernel_format_match("a{b|c}d", (struct span){ "ad", 2 }, &match));
	CHECK(kernel_format_match("{*} on {name} (",
				  (struct span){ "corruption on X Y (z", 20 }, &match));
	CHECK_INT(match.device.len, 3);
}

static struct kept run(const char *log)
{
	return kept_run(collect_kernel_log, log, strlen(log));
}

static const char *severity_of(const struct kept *kept, const char *key)
{
	return kept_value(kept_props(kept, "kernel.events", key), "severity");
}

/* So many lines of one event, times a second apart from 1 on. */
static struct kept repeated(unsigned times, const char *message)
{
	char *log = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&log, &len);
	struct kept kept;

	CHECK(to != NULL);
	for (unsigned i = 1; i <= times; i++)
		fprintf(to, "4,%u,%u000000,-;%s\n", i, i, message);
	CHECK_INT(fclose(to), 0);
	kept = run(log);
	free(log);
	return kept;
}

static void repeats(void)
{
	static const char aer[] =
		"pcieport 0000:00:1c.5: PCIe Bus Error: "
		"severity=Corrected, type=Physical Layer, (Receiver ID)";
	static const char key[] = "pcie-corrected@0000:00:1c.5";
	struct kept nine = repeated(9, aer), ten = repeated(10, aer);
	const json_t *props = kept_props(&ten, "kernel.events", key);

	CHECK_STR(severity_of(&nine, key), "\"OK\"");
	CHECK_STR(severity_of(&ten, key), "\"Warning\"");
	CHECK_STR(kept_value(props, "count"), "10");
	CHECK_STR(kept_value(props, "first_seconds"), "1");
	CHECK_STR(kept_value(props, "last_seconds"), "10");
	CHECK_STR(kept_value(props, "warns_from"), "10");
	CHECK_STR(kept_value(props, "first_unix_ms"), "null");
}

/* A fault stays the worst of its lines, whatever comes after it. */
static void worst_stays(void)
{
	struct kept kept = run("3,1,1,-;mce: [Hardware Error]: CPU 2: Machine Check: 0 "
			       "Bank 5: be00000000800400\n"
			       "3,2,2,-;mce: [Hardware Error]: CPU 2: Machine Check: 0 "
			       "Bank 6: cc59dec000041152\n");
	const char *key = "machine-check@cpu2";

	CHECK_STR(severity_of(&kept, key), "\"Critical\"");
	CHECK_STR(kept_value(kept_props(&kept, "kernel.events", key), "count"), "2");
}

/* One printk of several lines, as dmesg shows it (github.com/NVIDIA/NVSentinel/issues/155). */
static void second_lines(void)
{
	struct kept kept =
		run("[ 1843.308145] NVRM: The NVIDIA GPU 0000:b3:00.0\n"
		    "               NVRM: (PCI ID: 10de:26b5) installed in this "
		    "system has\n"
		    "               NVRM: fallen off the bus and is not responding "
		    "to commands.\n"
		    "[ 1843.439662] NVRM: The NVIDIA probe routine failed for 1 "
		    "device(s).\n");

	CHECK_STR(severity_of(&kept, "gpu-lost@0000:b3:00.0"), "\"Critical\"");
	CHECK_STR(severity_of(&kept, "gpu-not-started"), "\"Critical\"");
	CHECK_STR(kept_value(kept_props(&kept, "kernel.log", NULL), "record_count"), "2");
}

/* The facility of a write to /dev/kmsg is never the kernel's. */
static void only_the_kernels(void)
{
	struct kept kept =
		run("11,1,1,-;I/O error, dev sda, sector 1\n"
		    "<27>I/O error, dev sda, sector 1\n"
		    "daemon:err   : [    1.000000] I/O error, dev sda, sector 1\n"
		    "Nov 28 00:00:00 host smartd[1]: I/O error, dev sda, sector 1\n"
		    "3,2,1,-;usb 1-1: Product: I/O error, dev sda, sector 1\n");

	CHECK(!kept_props(&kept, "kernel.events", NULL));
	CHECK_STR(kept_value(kept_props(&kept, "kernel.log", NULL), "other_record_count"),
		  "4");
}

/* What is told of the moment of a line: the clock's own, less what passed since. */
static void times(void)
{
	struct kept kept = run("clock\t10000000\t1795909268434\nfirst\t7\n"
			       "3,7,4000000,-;I/O error, dev sda, sector 1\n"
			       "others\t3\nlost\t2\nend\tcount\n");
	const json_t *event = kept_props(&kept, "kernel.events", "drive-io-error@sda");
	const json_t *log = kept_props(&kept, "kernel.log", NULL);

	CHECK_STR(kept_value(event, "first_unix_ms"), "1795909262434");
	CHECK_STR(kept_value(log, "overwritten_count"), "7");
	CHECK_STR(kept_value(log, "lost_count"), "2");
	CHECK_STR(kept_value(log, "other_record_count"), "3");
	CHECK_STR(kept_value(log, "ended"), "\"count\"");
	CHECK(!kept.out.unreadable);
}

/* Two thousand kinds are kept; of more, the number is told. */
static void many_kinds(void)
{
	char *log = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&log, &len);
	struct kept kept;

	CHECK(to != NULL);
	for (unsigned i = 0; i < 2001; i++)
		fprintf(to, "3,%u,1,-;I/O error, dev x%u, sector 1\n", i, i);
	CHECK_INT(fclose(to), 0);
	kept = run(log);
	free(log);
	CHECK_INT(json_array_size(kept.records), 2002);
	CHECK(kept.out.unreadable);
}

/* Of errors nobody has a pattern for the first twenty are kept, and all are counted. */
static void many_strange(void)
{
	char *log = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&log, &len);
	const json_t *props;
	struct kept kept;

	CHECK(to != NULL);
	for (unsigned i = 0; i < 30; i++)
		fprintf(to, "3,%u,1,-;something nobody knows %u\n", i, i);
	CHECK_INT(fclose(to), 0);
	kept = run(log);
	free(log);
	props = kept_props(&kept, "kernel.log", NULL);
	CHECK_STR(kept_value(props, "unknown_error_count"), "30");
	CHECK_INT(json_array_size(json_object_get(props, "unknown_errors")), 20);
}

/* A firmware's crash store has so many files; what comes after is told. */
static void many_crashes(void)
{
	char *tree = NULL;
	size_t len = 0, crashes = 0, i;
	FILE *to = open_memstream(&tree, &len);
	struct kept kept;
	json_t *record;

	CHECK(to != NULL);
	for (i = 0; i < 300; i++)
		fprintf(to, "v\t/sys/fs/pstore/dmesg-erst-%zu\tPanic#1 Part1\n", i);
	CHECK_INT(fclose(to), 0);
	kept = kept_run(collect_kernel_pstore, tree, len);
	free(tree);
	json_array_foreach(kept.records, i, record)
	{
		const char *type = json_string_value(json_object_get(record, "type"));

		crashes += !strcmp(type, "kernel.crashes");
	}
	CHECK_INT(crashes, 256);
	CHECK(kept.out.unreadable);
}

/* Ways to split a message among the words of a format: without a bound to what is tried,
 * more than this test would live to see. */
static void many_ways(void)
{
	static char letters[4000];
	struct kernel_match match = { .count = 0 };

	memset(letters, 'a', sizeof(letters));
	CHECK(!kernel_format_match("{*}a{*}a{*}a{*}a{*}b",
				   (struct span){ letters, sizeof(letters) }, &match));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "no token of a format is inside another", tokens_are_not_nested, 0 },
		{ "a format's words match what they say", formats_are_whole, 0 },
		{ "each line of public reports gives its event, device and severity",
		  every_line, 60 },
		{ "what repeats is a warning", repeats, 0 },
		{ "the worst line of an event is its severity", worst_stays, 0 },
		{ "the second line of a message is part of it", second_lines, 0 },
		{ "as many as there is room for", many_lines, 0 },
		{ "what a program wrote, or a device calls itself, is no event",
		  only_the_kernels, 0 },
		{ "times and counts are bee-kmsg's", times, 0 },
		{ "what is too much is told", many_kinds, 0 },
		{ "errors without a pattern are counted, some are kept", many_strange,
		  0 },
		{ "so are the files of a crash store", many_crashes, 0 },
		{ "a hostile message costs no more than a long one", many_ways, 5 },
		{ "an event has one class", one_event_one_class, 0 },
		{ "doc/kernel-log.md has the patterns as they are", page, 60 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
