/* bee-diff: what has become of a machine between two documents. */
#include "diff.h"
#include "document.h"
#include "input.h"
#include "json.h"
#include "kept.h"
#include "table.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAME = 0, DIFFERS = 1, TROUBLE = 2 };

static const char usage_text[] =
	"usage: bee diff [OPTION...] [A [B]]\n"
	"\n"
	"  bee diff before.json after.json             what has become of the machine\n"
	"  bee diff before.json                        since then: the last audit is B\n"
	"  bee diff                                    from the last but one kept to the "
	"last: bee keep\n"
	"  bee diff --counters before.json after.json  hours, errors, bytes, degrees\n"
	"  bee diff --json a.json b.json | jq '.changes[] | select(.change == "
	"\"removed\")'\n"
	"\n"
	"  -c, --counters     numbers that grow or breathe, in the place of changes\n"
	"  -J, --json         all of it as JSON\n"
	"      --kept DIR     where bee keep has kept them; " KEPT_DEFAULT "\n"
	"  -w, --width N      draw for N columns; the terminal's, else nothing is "
	"folded\n"
	"  -h, --help         this text\n"
	"      --version      the version\n"
	"\n"
	"Changes are: removed, added, moved, replaced, degraded, recovered, firmware,\n"
	"changed, and unlearned: the job that would have told of a part did not.\n"
	"Exit: 0 the same, whatever counters say; 1 they differ; 2 trouble.\n";

static const struct option options[] = {
	{ "counters", no_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'J' },
	{ "kept", required_argument, NULL, 'k' },
	{ "width", required_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const struct column change_columns[] = {
	{ "CHANGE", { "change" }, PLAIN, JUDGED, NULL },
	{ "PART", { "part" }, PLAIN, WRAP, NULL },
	{ "WHAT", { "detail" }, PLAIN, WRAP, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct column counter_columns[] = {
	{ "PART", { "part" }, PLAIN, CUT, NULL },
	{ "COUNTER", { "property" }, PLAIN, 0, NULL },
	{ "A", { "from" }, PLAIN, RIGHT, NULL },
	{ "B", { "to" }, PLAIN, RIGHT, NULL },
	{ "BY", { "by" }, PLAIN, RIGHT, NULL },
	{ NULL, { NULL }, PLAIN, 0, NULL },
};

static const struct section change_section = { "changes", "",   NULL,
					       NULL,      NULL, change_columns };
static const struct section counter_section = { "counters", "",   NULL,
						NULL,       NULL, counter_columns };

struct diff_options {
	struct table_options table;
	bool counters, json;
	const char *kept; /* a folder */
};

/* Fills `o` and ends the program after --help, --version and mistakes. */
static void read_options(struct diff_options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "cJw:h", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->counters = true;
			break;
		case 'J':
			o->json = true;
			break;
		case 'k':
			o->kept = optarg;
			break;
		case 'w':
			o->table.width = output_width(optarg);
			break;
		case 'h':
			(void)fputs(usage_text, stdout);
			exit_written(TROUBLE);
		case 'V':
			printf("bee-diff %s\n", BEE_VERSION);
			exit_written(TROUBLE);
		default:
			(void)fputs("bee diff --help has examples\n", stderr);
			exit(TROUBLE);
		}
	}
	if (argc - optind > 2)
		errx(TROUBLE,
		     "two documents are compared: bee diff A B, bee diff A with the "
		     "last audit, or bee diff of those kept");
}

/* The last two of those that bee keep has kept, into `paths`, which stay. */
static void last_two(const char *folder, const char *paths[2])
{
	AUTO_CLOSE int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char **names = NULL;
	size_t count = 0;
	int error = fd < 0 ? -errno : kept_list(fd, &names, &count);

	if (error == -ENOENT)
		errx(TROUBLE,
		     "there is no %s: bee keep makes it, and bee diff A B takes any two",
		     folder);
	if (error)
		errx(TROUBLE, "%s: %s", folder, strerrordesc_np(-error));
	if (count < 2)
		errx(TROUBLE, "%s: %s kept yet, and two are compared", folder,
		     count ? "one document is" : "no document is");
	for (size_t i = 0; i < 2; i++)
		paths[i] = xasprintf("%s/%s", folder, names[count - 2 + i]);
	kept_free(names, count);
}

static char *as_json(const struct diff *diff)
{
	AUTO_JSON json_t *whole = json_object();
	AUTO_FREE char *text = NULL;

	json_put(whole, "same", json_boolean(json_array_size(diff->changes) == 0));
	json_put(whole, "changes", json_incref(diff->changes));
	json_put(whole, "counters", json_incref(diff->counters));
	text = json_dumps(whole, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	if (!text)
		errx(TROUBLE, "out of memory");
	return xasprintf("%s\n", text);
}

static char *as_table(const struct diff *diff, const struct diff_options *o)
{
	struct table table = { .section =
				       o->counters ? &counter_section : &change_section,
			       .chosen = true };
	AUTO_JSON json_t *rows = o->counters ? diff_counter_rows(diff->counters)
					     : diff_rows(diff->changes);

	for (const struct column *column = table.section->columns; column->name; column++)
		table.columns[table.count++] = column;
	if (json_array_size(rows) == 0)
		return xstrdup("");
	return table_text(&table, rows, &o->table);
}

static void say_same(const struct diff *diff)
{
	size_t counters = json_array_size(diff->counters);

	if (json_array_size(diff->changes) == 0 && isatty(STDERR_FILENO))
		(void)fprintf(stderr, "the same; %zu counters and readings differ%s\n",
			      counters, counters ? ": --counters" : "");
}

int main(int argc, char **argv)
{
	struct diff_options o = { .table = { .noheadings = true }, .kept = KEPT_DEFAULT };
	AUTO_FREE char *text = NULL;
	const char *paths[2] = { NULL, NULL };
	json_t *a, *b;
	struct diff diff;
	int fds[2], status;

	input_start(TROUBLE);
	output_screen(&o.table);
	read_options(&o, argc, argv);
	if (optind == argc)
		last_two(o.kept, paths);
	for (int i = 0; i < 2; i++) {
		if (optind < argc)
			paths[i] = argv[optind + i];
		fds[i] = input_open(&paths[i]);
	}
	input_confine();

	a = input_load(fds[0], paths[0]);
	b = input_load(fds[1], paths[1]);
	diff_make(&diff, a, b);
	text = o.json ? as_json(&diff) : as_table(&diff, &o);
	output_text(text);
	if (!o.json && !o.counters)
		say_same(&diff);
	status = json_array_size(diff.changes) > 0 ? DIFFERS : SAME;
	diff_done(&diff);
	json_decref(a);
	json_decref(b);
	return status;
}
