/* bee-show: one section of a finished document as a table. */
#include "document.h"
#include "input.h"
#include "kinds.h"
#include "table.h"
#include "text.h"

#include <ctype.h>
#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage_text[] =
	"usage: bee show [OPTION...] [SECTION] [FILE]\n"
	"\n"
	"  bee show                              what there is to show\n"
	"  bee show drives                       of the last audit\n"
	"  bee show findings audit.json          of another document; - is standard "
	"input\n"
	"  bee show serials --raw --noheadings   for a script\n"
	"  bee show drives -o name,serial,wwn    these columns; -o +wwn adds one\n"
	"  bee show memory --json | jq '.memory[] | select(.size)'\n"
	"\n"
	"  -o, --output COLUMNS  which columns; properties of doc/fields.md, too\n"
	"  -O, --output-all      all columns\n"
	"  -J, --json            as JSON: values as the document has them\n"
	"  -r, --raw             words with one blank between, blanks in them as \\x20\n"
	"  -n, --noheadings      no first line\n"
	"  -b, --bytes           amounts in bytes\n"
	"  -w, --width N         draw for N columns; the terminal's, else nothing is "
	"cut\n"
	"  -h, --help            this text, with sections and columns\n"
	"      --version         the version\n"
	"\n"
	"Sections:\n";

struct show {
	struct table_options table;
	const char *output; /* -o, or NULL */
	bool all;
};

static void usage(FILE *to)
{
	(void)fputs(usage_text, to);
	for (const struct section *section = sections; section->name; section++) {
		(void)fprintf(to, "  %-11s %s\n             ", section->name,
			      section->what);
		for (const struct column *column = section->columns; column->name;
		     column++)
			(void)fprintf(to, " %s%s", column->name,
				      column->flags & MORE ? "*" : "");
		(void)fputs("\n", to);
	}
	(void)fputs("Columns with a * are shown where they are asked for.\n", to);
}

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "output-all", no_argument, NULL, 'O' },
	{ "json", no_argument, NULL, 'J' },
	{ "raw", no_argument, NULL, 'r' },
	{ "noheadings", no_argument, NULL, 'n' },
	{ "bytes", no_argument, NULL, 'b' },
	{ "width", required_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* Fills `show` and ends the program after --help, --version and mistakes. */
static void read_options(struct show *show, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "o:OJrnbw:h", options, NULL)) != -1) {
		switch (c) {
		case 'o':
			show->output = optarg;
			break;
		case 'O':
			show->all = true;
			break;
		case 'J':
			show->table.json = true;
			break;
		case 'r':
			show->table.raw = true;
			break;
		case 'n':
			show->table.noheadings = true;
			break;
		case 'b':
			show->table.bytes = true;
			break;
		case 'w':
			show->table.width = output_width(optarg);
			break;
		case 'h':
			usage(stdout);
			exit_written(BEE_IOERR);
		case 'V':
			printf("bee-show %s\n", BEE_VERSION);
			exit_written(BEE_IOERR);
		default:
			(void)fputs("bee show --help has examples\n", stderr);
			exit(BEE_USAGE);
		}
	}
}

/* "drives" is a section, "drives.json" and "./drives" are files. */
static bool is_file_name(const char *text)
{
	return strpbrk(text, "/.") || !strcmp(text, "-");
}

/* Which section and file the arguments name; NULL section: all, in one line each. */
static const struct section *read_arguments(int argc, char **argv, const char **path)
{
	const struct section *section = NULL;
	int at = optind;

	if (at < argc && !is_file_name(argv[at])) {
		section = section_find(argv[at]);
		if (!section)
			errx(BEE_USAGE,
			     "no section \"%s\": bee show --help lists them, a file is "
			     "named with its path (./%s)",
			     argv[at], argv[at]);
		at++;
	}
	*path = at < argc ? argv[at++] : NULL;
	if (at < argc)
		errx(BEE_USAGE, "one section, one document: not also %s", argv[at]);
	return section;
}

static void add_column(struct table *table, const struct column *column)
{
	if (table->count == TABLE_COLUMNS_MAX)
		errx(BEE_USAGE, "-o: over %d columns", TABLE_COLUMNS_MAX);
	table->columns[table->count++] = column;
}

static void add_usual(struct table *table, bool all)
{
	for (const struct column *column = table->section->columns; column->name;
	     column++)
		if (all || !(column->flags & MORE))
			add_column(table, column);
}

/* A property of the records makes a column too, whatever nobody thought of. */
static const struct column *column_of_property(const char *word)
{
	struct column *column = xcalloc(1, sizeof(*column));

	if (word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_")])
		errx(BEE_USAGE, "-o: \"%s\" is no column: bee show --help lists them",
		     word);
	*column = (struct column){ word, { word }, PLAIN, 0, NULL };
	return column;
}

static const struct column *column_find(const struct section *section, const char *word)
{
	for (const struct column *column = section->columns; column->name; column++)
		if (!strcasecmp(column->name, word))
			return column;
	return NULL;
}

/* "name,serial" are the columns; "+wwn" comes after the usual ones. */
static void choose_columns(struct table *table, const struct show *show)
{
	const char *words = show->output;
	char *list, *save;

	if (!words || *words == '+' || show->all)
		add_usual(table, show->all);
	if (!words)
		return;
	table->chosen = true;
	list = xstrdup(words + (*words == '+')); /* lives as long as the columns */
	for (char *word = strtok_r(list, ", ", &save); word;
	     word = strtok_r(NULL, ", ", &save)) {
		const struct column *column = column_find(table->section, word);

		add_column(table, column ? column : column_of_property(word));
	}
	if (table->count == 0)
		errx(BEE_USAGE, "-o: no column is named");
}

/* A property that no record has is a slip of the pen, unless there is no record. */
static void check_properties(const struct table *table, const json_t *rows)
{
	for (size_t at = 0; at < table->count; at++) {
		const char *name = table->columns[at]->name;
		bool found =
			column_find(table->section, name) || json_array_size(rows) == 0;
		size_t i;
		json_t *row;

		json_array_foreach(rows, i, row) found =
			found || json_object_get(row, name);
		if (!found)
			errx(BEE_USAGE,
			     "-o: \"%s\" is no column, and no record here has such a "
			     "property: bee show --help lists the columns",
			     name);
	}
}

static const struct column index_columns[] = {
	{ "SECTION", { "section" }, PLAIN, 0, NULL },
	{ "COUNT", { "count" }, PLAIN, RIGHT, NULL },
	{ "HEALTH", { "health" }, PLAIN, JUDGED, NULL },
	{ "WHAT", { "what" }, PLAIN, CUT, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct section index_section = { "sections", "",   NULL,
					      NULL,       NULL, index_columns };

/* The worst word of health among rows; NULL: nobody judged any. */
static const char *worst_of(const json_t *rows)
{
	static const char *const words[] = { "OK", "Warning", "Critical" };
	size_t worst = 0, i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		const char *health =
			record_text(row, "health_rollup") ?: record_text(row, "severity");

		for (size_t at = worst; health && at < ARRAY_LEN(words); at++)
			if (!strcmp(words[at], health))
				worst = at + 1;
	}
	return worst ? words[worst - 1] : NULL;
}

static bool is_judged(const struct section *section)
{
	bool judged = false;

	for (const struct column *column = section->columns; column->name; column++)
		judged = judged || column->flags & JUDGED;
	return judged;
}

static json_t *index_rows(const json_t *document)
{
	json_t *rows = json_array();

	for (const struct section *section = sections; section->name; section++) {
		json_t *list = section_rows(section, document);
		const char *worst = is_judged(section) ? worst_of(list) : NULL;
		json_t *row = json_pack("{s:s, s:I, s:s?, s:s}", "section", section->name,
					"count", (json_int_t)json_array_size(list),
					"health", worst, "what", section->what);

		json_decref(list);
		if (!row || json_array_append_new(rows, row))
			errx(BEE_SOFTWARE, "out of memory");
	}
	return rows;
}

/* None is one thing, not looked at is another. */
static void say_empty(const struct section *section, const json_t *document)
{
	if (section->type && !document_at(document, section->type))
		warnx("%s: not collected by this audit; bee show unlearned may tell why",
		      section->name);
	else
		warnx("%s: none", section->name);
}

static void print_table(struct table *table, const json_t *rows,
			const struct table_options *o)
{
	size_t wanted = table->count;
	AUTO_FREE char *text =
		o->json ? table_json(table, rows) : table_text(table, rows, o);

	if (o->json || json_array_size(rows) > 0)
		output_text(text);
	if (table->count < wanted && isatty(STDERR_FILENO))
		(void)fprintf(stderr, "(%zu more columns: a wider screen, or less -S)\n",
			      wanted - table->count);
}

int main(int argc, char **argv)
{
	struct show show = { .table = { .width = 0 } };
	struct table table = { .count = 0 };
	const char *path;
	json_t *document, *rows;
	int fd;

	input_start(0);
	output_screen(&show.table);
	read_options(&show, argc, argv);
	table.section = read_arguments(argc, argv, &path);
	if (!table.section)
		table.section = &index_section;
	if (show.table.raw || show.table.json)
		show.table.width = 0;
	choose_columns(&table, &show);
	fd = input_open(&path);
	input_confine();

	document = input_load(fd, path);
	rows = table.section == &index_section ? index_rows(document)
					       : section_rows(table.section, document);
	check_properties(&table, rows);
	if (json_array_size(rows) == 0)
		say_empty(table.section, document);
	print_table(&table, rows, &show.table);
	json_decref(rows);
	json_decref(document);
	return BEE_OK;
}
