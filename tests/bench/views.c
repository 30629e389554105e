/* What it costs to look at a document of a megabyte, beside jq, which only prints it again. */
#include "bench.h"

#include <err.h>
#include <stdlib.h>

static void command_make(const struct bench *bench, struct command *command,
			 const char *words, const char *document)
{
	*command = (struct command){ .count = 0 };
	command_word(command, bench->bee);
	command_add(command, words);
	command_word(command, document);
}

/* The machine that the tests of the views look at, with so many drives that it is a megabyte. */
static char *document_new(const struct bench *bench)
{
	char *path = xasprintf("%s/big.json", bench->folder);
	struct command command = { .count = 0 };
	AUTO_FREE char *words =
		xasprintf("python3 tests/cli/big_machine.py --drives 700 >%s", path);
	struct cost cost;

	command_add(&command, "sh -c");
	command_word(&command, words);
	cost = command_run(&command);
	command_free(&command);
	if (cost.status != 0)
		errx(BEE_SOFTWARE, "tests/cli/big_machine.py failed");
	return path;
}

void bench_views(const struct bench *bench)
{
	static const char *const views[] = { "report --no-qr", "report --html",
					     "show drives",    "show -w 80 drives",
					     "show serials",   "expect" };
	struct command jq = { .count = 0 }, view;
	AUTO_FREE char *document = NULL;

	table_head("views of a document of 1.2 MB, beside jq .");
	if (!installed("jq") || !installed("python3")) {
		table_note("jq or python3 is not installed");
		return;
	}
	document = document_new(bench);
	command_add(&jq, "jq .");
	command_word(&jq, document);
	for (size_t i = 0; i <= ARRAY_LEN(views); i++) {
		AUTO_FREE char *both = xasprintf("diff %s", document);
		AUTO_FREE char *what =
			xasprintf("bee %s", i < ARRAY_LEN(views) ? views[i] : "diff");
		struct series series = { .count = 0 };

		command_make(bench, &view, i < ARRAY_LEN(views) ? views[i] : both,
			     document);
		for (unsigned round = 0; round < bench->rounds; round++) {
			struct cost cost = command_run(&view);

			series_add(&series, cost.wall / command_run(&jq).wall);
		}
		table_row(what, &series, "x", 1);
		command_free(&view);
	}
	command_free(&jq);
}
