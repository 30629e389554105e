/* bee-verify: whether a machine is the one that was ordered. */
#include "document.h"
#include "input.h"
#include "json.h"
#include "kinds.h"
#include "table.h"
#include "terminal.h"
#include "text.h"
#include "unlearned.h"
#include "verify.h"

#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 8   /* of parts in one row */
#define LINE_MOST 300 /* bytes of a line for Nagios */

enum { AS_ORDERED = 0, DEVIATES = 1, TROUBLE = 2 };
enum { NAGIOS_OK = 0, NAGIOS_CRITICAL = 2, NAGIOS_UNKNOWN = 3 };

static const char usage_text[] =
	"usage: bee verify [OPTION...] --expect SPEC [FILE]\n"
	"\n"
	"  bee expect good.json > spec              a spec of a machine that is right\n"
	"  bee verify --expect spec                 is the last audit's machine the "
	"same?\n"
	"  bee verify --expect spec audit.json      is that of another document?\n"
	"  bee verify --expect spec --format nagios one line; for Nagios, Icinga, Slurm\n"
	"\n"
	"  -e, --expect SPEC    what was ordered\n"
	"  -f, --format FORMAT  text, json, or nagios\n"
	"  -w, --width N        draw for N columns; the terminal's, else nothing is "
	"folded\n"
	"  -h, --help           this text, with what a spec can say\n"
	"      --version        the version\n"
	"\n"
	"A spec, one line each, # is a comment:\n"
	"  system      model \"EX-4S 96\"\n"
	"  bios        version >= 3.1\n"
	"  memory      16 x M321R8GA0BB0*  size 64GiB, speed >= 4800\n"
	"  memory      total 1TiB\n"
	"  drives      >= 8  type SSD, size >= 3.8TB, life >= 90, health OK\n"
	"  network     2 x \"EXNIC 100G\"  speed 100, firmware >= 22.41\n"
	"  drives      serials HD01 HD02\n"
	"  no finding  above OK\n"
	"  allow       memory-below-rated-speed\n"
	"  audit       complete\n"
	"  pcie        1 at 0000:07:00.0  lanes 16, speed 16|32\n"
	"  others      allowed\n"
	"Of a kind that a spec has lines for, other parts are deviations (but for "
	"pcie and\ninfiniband). Node configurations of NHC (azurehpc-health-checks) and "
	"machine\nmanifests of gcm are read as they are.\n"
	"\n";

struct verify_options {
	struct table_options table;
	const char *expect;
	enum { TEXT, JSON, NAGIOS } format;
};

static const struct option options[] = {
	{ "expect", required_argument, NULL, 'e' },
	{ "format", required_argument, NULL, 'f' },
	{ "width", required_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void usage(void)
{
	(void)fputs(usage_text, stdout);
	for (const struct spec_kind *kind = spec_kinds; kind->word; kind++) {
		printf("  %-11s", kind->word);
		for (size_t i = 0; i < SPEC_PROPERTIES && kind->properties[i].word; i++)
			printf(" %s", kind->properties[i].word);
		puts("");
	}
	puts("\nExit: 0 as ordered; 1 it deviates; 2 trouble. For Nagios: 0, 2, and 3 "
	     "unknown.");
}

static void format_option(struct verify_options *o, const char *word)
{
	if (!strcmp(word, "text"))
		o->format = TEXT;
	else if (!strcmp(word, "json"))
		o->format = JSON;
	else if (!strcmp(word, "nagios"))
		o->format = NAGIOS;
	else
		errx(TROUBLE, "--format %s: text, json and nagios there are", word);
}

/* Fills `o` and ends the program after --help, --version and mistakes. */
static void read_options(struct verify_options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "e:f:w:h", options, NULL)) != -1) {
		switch (c) {
		case 'e':
			o->expect = optarg;
			break;
		case 'f':
			format_option(o, optarg);
			break;
		case 'w':
			o->table.width = output_width(optarg);
			break;
		case 'h':
			usage();
			exit_written(TROUBLE);
		case 'V':
			printf("bee-verify %s\n", BEE_VERSION);
			exit_written(TROUBLE);
		default:
			(void)fputs("bee verify --help has examples\n", stderr);
			exit(TROUBLE);
		}
	}
	if (!o->expect)
		errx(TROUBLE, "--expect SPEC is needed: bee expect makes one");
	if (argc - optind > 1)
		errx(TROUBLE, "one document at a time, not also %s", argv[optind + 1]);
}

/* Nagios takes 3 for what it cannot say. */
static int trouble_of(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(argv[i], "nagios"))
			return NAGIOS_UNKNOWN;
	return TROUBLE;
}

static void read_spec(struct spec *spec, int fd, const char *name, int trouble)
{
	AUTO_FREE char *text = NULL, *error = NULL;
	size_t len;
	int failed = document_read(fd, &text, &len);

	if (failed)
		errx(trouble, "%s: %s", name, strerrordesc_np(-failed));
	if (strlen(text) != len)
		errx(trouble, "%s: a spec is text, and this is none", name);
	if (!spec_parse(spec, text, &error)) {
		AUTO_FREE char *clean = text_clean(error, terminal_utf8());

		errx(trouble, "%s:%s", name, clean);
	}
	/* An empty file would certify any machine. */
	if (spec->count == 0 && !spec->worst_line && !spec->complete_line &&
	    json_array_size(spec->unchecked) == 0)
		errx(trouble, "%s: it asks for nothing: bee expect writes a spec", name);
}

static char *as_json(const struct verdicts *verdicts, const struct spec *spec)
{
	AUTO_JSON json_t *whole = json_object();
	AUTO_FREE char *text = NULL;

	json_put(whole, "as_ordered",
		 json_boolean(json_array_size(verdicts->deviations) == 0));
	json_put(whole, "checks", json_integer(verdicts->checks));
	json_put(whole, "deviations", json_incref(verdicts->deviations));
	json_put(whole, "unchecked", json_incref(spec->unchecked));
	text = json_dumps(whole, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	return xasprintf("%s\n", text ?: "");
}

static const struct column columns[] = {
	{ "LINE", { "line" }, PLAIN, RIGHT, NULL },
	{ "PART", { "part" }, PLAIN, WRAP, NULL },
	{ "WHAT", { "what" }, PLAIN, WRAP, NULL },
	{ "TOLD-BY", { "src" }, PLAIN, CUT, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};
static const struct section section = { "deviations", "", NULL, NULL, NULL, columns };

/* The row of what deviates alike, a new one for the first of it. */
static json_t *row_alike(json_t *rows, json_t *known, const json_t *deviation)
{
	json_int_t line = json_integer_value(json_object_get(deviation, "line"));
	AUTO_FREE char *likeness = xasprintf("%lld\n%s\n%s", (long long)line,
					     record_text(deviation, "kind") ?: "",
					     record_text(deviation, "what") ?: "");
	json_t *row = json_object_get(known, likeness);

	if (row)
		return row;
	row = json_copy((json_t *)(uintptr_t)deviation);
	json_put(row, "parts", json_array());
	/* What was not ordered has no line. */
	if (line == 0)
		json_put(row, "line", json_null());
	json_put(known, likeness, json_incref(row));
	json_push(rows, row);
	return row;
}

static json_t *rows_of(const struct verdicts *verdicts)
{
	AUTO_JSON json_t *known = json_object();
	json_t *rows = json_array(), *deviation, *row;
	size_t i;

	json_array_foreach(verdicts->deviations, i, deviation)
	{
		const char *part = record_text(deviation, "part");

		row = row_alike(rows, known, deviation);
		if (part)
			json_push(json_object_get(row, "parts"), json_string(part));
	}
	json_array_foreach(rows, i, row)
	{
		AUTO_FREE char *names =
			unlearned_names(json_object_get(row, "parts"), NAMES_MAX);
		AUTO_FREE char *both = xasprintf("%s%s%s", record_text(row, "kind") ?: "",
						 *names ? " " : "", names);

		json_put(row, "part", json_string(both));
	}
	return rows;
}

/* ", 2 lines of the spec are not: check_cuda_bw, ..."; "" where all are. Owned. */
static char *not_checked(const struct spec *spec, size_t most)
{
	size_t count = json_array_size(spec->unchecked);
	AUTO_FREE char *names = unlearned_names(spec->unchecked, most);

	if (count == 0)
		return xstrdup("");
	return xasprintf("%zu line%s of the spec %s not checked%s%s", count,
			 count == 1 ? "" : "s", count == 1 ? "is" : "are",
			 most ? ": " : "", most ? names : "");
}

static char *as_table(const struct verdicts *verdicts, const struct spec *spec,
		      const struct table_options *o)
{
	struct table table = { .section = &section };
	AUTO_JSON json_t *rows = rows_of(verdicts);
	AUTO_FREE char *rest = NULL, *clean = NULL, *drawn = NULL;

	for (const struct column *column = columns; column->name; column++)
		table.columns[table.count++] = column;
	rest = not_checked(spec, json_array_size(spec->unchecked));
	clean = text_clean(rest, o->utf8);
	if (json_array_size(rows) == 0)
		return xasprintf("as ordered: %u checks\n%s%s", verdicts->checks, clean,
				 *clean ? "\n" : "");
	drawn = table_text(&table, rows, o);
	return xasprintf("%s%s%s", drawn, clean, *clean ? "\n" : "");
}

/* '|' begins numbers there. */
static char *as_nagios(const struct verdicts *verdicts, const struct spec *spec,
		       int *status)
{
	AUTO_JSON json_t *rows = rows_of(verdicts);
	size_t count = json_array_size(verdicts->deviations), i;
	AUTO_FREE char *line = xstrdup("");
	AUTO_FREE char *clean = NULL, *rest = not_checked(spec, 0);
	json_t *row;

	*status = count == 0                     ? NAGIOS_OK
		  : verdicts->unlearned == count ? NAGIOS_UNKNOWN
						 : NAGIOS_CRITICAL;
	json_array_foreach(rows, i, row)
	{
		char *longer = xasprintf("%s%s %s: %s", line, i ? ";" : ":",
					 record_text(row, "part") ?: "",
					 record_text(row, "what") ?: "");

		free(line);
		line = longer;
		if (strlen(line) > LINE_MOST)
			break;
	}
	if (strlen(line) > LINE_MOST)
		memcpy(line + LINE_MOST - 3, "...", 4);
	clean = text_clean(line, false);
	for (char *at = clean; *at; at++)
		if (*at == '|')
			*at = '/';
	if (count == 0)
		return xasprintf("BEE OK: as ordered, %u checks%s%s | deviations=0\n",
				 verdicts->checks, *rest ? ", " : "", rest);
	return xasprintf("BEE %s: %zu deviation%s%s | deviations=%zu\n",
			 *status == NAGIOS_UNKNOWN ? "UNKNOWN" : "CRITICAL", count,
			 count == 1 ? "" : "s", clean, count);
}

int main(int argc, char **argv)
{
	struct verify_options o = { .expect = NULL };
	AUTO_FREE char *text = NULL;
	int trouble = trouble_of(argc, argv), status, spec_fd, fd;
	struct verdicts verdicts;
	json_t *document;
	struct spec spec;
	const char *path;

	input_start(trouble);
	output_screen(&o.table);
	read_options(&o, argc, argv);
	path = argv[optind];
	spec_fd = open(o.expect, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (spec_fd < 0)
		err(trouble, "%s", o.expect);
	fd = input_open(&path);
	input_confine();

	read_spec(&spec, spec_fd, o.expect, trouble);
	document = input_load(fd, path);
	verify(&verdicts, &spec, document);
	status = json_array_size(verdicts.deviations) > 0 ? DEVIATES : AS_ORDERED;
	text = o.format == JSON     ? as_json(&verdicts, &spec)
	       : o.format == NAGIOS ? as_nagios(&verdicts, &spec, &status)
				    : as_table(&verdicts, &spec, &o.table);
	output_text(text);
	verify_done(&verdicts);
	spec_done(&spec);
	json_decref(document);
	return status;
}
