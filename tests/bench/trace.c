/* What it costs to be traced, a name at a time. */
#include "bench.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAMES = 20000 };

/* A folder with files that are looked at, and the program that does so. */
static char *tree_new(const struct bench *bench)
{
	char *tree = xasprintf("%s/traced", bench->folder);
	AUTO_FREE char *program = xstrdup(bench->bee);
	AUTO_FREE char *script = NULL;
	struct command command = { .count = 0 };
	struct cost cost;

	*strrchr(program, '/') = '\0';
	script = xasprintf(
		"mkdir -p %s/data && cd %s/tests/tools && cp names answer %s/ && "
		"cd %s/data && "
		"seq 0 %d | xargs touch",
		tree, program, tree, tree, NAMES - 1);
	command_add(&command, "sh -c");
	command_word(&command, script);
	cost = command_run(&command);
	if (cost.status != 0)
		errx(BEE_SOFTWARE, "a tree to be traced");
	command_free(&command);
	return tree;
}

/* Seconds of one run of `names` with so many names, by the words before it. */
static double timed(const char *before, const char *program, unsigned count,
		    const char *folder)
{
	struct command command = { .count = 0 };
	AUTO_FREE char *words = xasprintf("%s%s %u %s", before, program, count, folder);
	struct cost cost;

	command_add(&command, words);
	cost = command_run(&command);
	if (cost.status != 0)
		errx(BEE_SOFTWARE, "%s: wait status 0x%x", words, (unsigned)cost.status);
	command_free(&command);
	return cost.wall;
}

/* Microseconds that one name more takes. */
static double slope(const char *before, const char *program, const char *folder)
{
	double none = timed(before, program, 1, folder);

	return (timed(before, program, NAMES, folder) - none) / NAMES * 1e6;
}

void bench_trace(const struct bench *bench)
{
	AUTO_FREE char *tree = tree_new(bench);
	AUTO_FREE char *ours = xasprintf("%s trace run -d %s -- ", bench->bee, tree);
	AUTO_FREE char *in_place =
		xasprintf("%s trace run --in-place -d %s -- ", bench->bee, tree);
	AUTO_FREE char *answered = xasprintf("%s/answer ", tree);
	AUTO_FREE char *program = xasprintf("%s/names", tree);
	AUTO_FREE char *folder = xasprintf("%s/data", tree);
	struct series each = { .count = 0 }, ratio = { .count = 0 },
		      in_tree = { .count = 0 }, told = { .count = 0 };
	bool strace = installed("strace");

	table_head("(e) being traced: lstat of files, each for the first time");
	for (unsigned i = 0; i < bench->rounds; i++) {
		double bare = slope("", program, folder), theirs;
		double traced = slope(ours, "/names", "/data");

		series_add(&each, traced - bare);
		if (!strace)
			continue;
		theirs = slope("strace -f --seccomp-bpf -e trace=%file -o /dev/null ",
			       program, folder);
		series_add(&ratio, traced / theirs);
		series_add(&in_tree, slope(in_place, "/names", "/data") / theirs);
		series_add(&told, slope(answered, program, folder) / theirs);
	}
	table_row("one name more, traced less bare", &each, "us", 25);
	if (!strace) {
		table_note("not measured: strace is not installed");
		return;
	}
	table_row("traced / under strace -f --seccomp-bpf", &ratio, "", 0.3);
	table_row("the same with --in-place: no layer over it", &in_tree, "", 0);
	table_row("told of each call, no lookup / under strace", &told, "", 0);
}
