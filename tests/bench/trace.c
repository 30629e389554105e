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

/* One run of `names` with so many names, by the words before it. */
static struct cost timed(const char *before, const char *program, unsigned count,
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
	return cost;
}

/* What one name more takes, in microseconds. */
static struct cost slope(const char *before, const char *program, const char *folder)
{
	struct cost none = timed(before, program, 1, folder),
		    all = timed(before, program, NAMES, folder);

	all.wall = (all.wall - none.wall) / NAMES * 1e6;
	all.cpu = (all.cpu - none.cpu) / NAMES * 1e6;
	return all;
}

void bench_trace(const struct bench *bench)
{
	enum { OURS, IN_PLACE, ANSWERED, KINDS };
	static const char *const what[] = {
		[OURS] = "traced / under strace -f --seccomp-bpf",
		[IN_PLACE] = "the same with --in-place: no layer over it",
		[ANSWERED] = "told of each call, no lookup / under strace",
	};
	AUTO_FREE char *tree = tree_new(bench);
	AUTO_FREE char *program = xasprintf("%s/names", tree);
	AUTO_FREE char *folder = xasprintf("%s/data", tree);
	char *before[KINDS] = {
		[OURS] = xasprintf("%s trace run -d %s -- ", bench->bee, tree),
		[IN_PLACE] =
			xasprintf("%s trace run --in-place -d %s -- ", bench->bee, tree),
		[ANSWERED] = xasprintf("%s/answer ", tree),
	};
	struct series each = { .count = 0 }, wall[KINDS] = { 0 }, cpu[KINDS] = { 0 };
	bool strace = installed("strace");

	table_head("(e) being traced: lstat of files, each for the first time");
	for (unsigned i = 0; i < bench->rounds; i++) {
		struct cost bare = slope("", program, folder), theirs = bare;

		if (strace)
			theirs = slope("strace -f --seccomp-bpf -e trace=%file "
				       "-o /dev/null ",
				       program, folder);
		for (unsigned k = 0; k < KINDS; k++) {
			bool inside = k != ANSWERED;
			struct cost cost = slope(before[k], inside ? "/names" : program,
						 inside ? "/data" : folder);

			if (k == OURS)
				series_add(&each, cost.wall - bare.wall);
			series_add(&wall[k], cost.wall / theirs.wall);
			series_add(&cpu[k], cost.cpu / theirs.cpu);
		}
	}
	for (unsigned k = 0; k < KINDS; k++)
		free(before[k]);
	table_row("one name more, traced less bare", &each, "us", 25);
	if (!strace) {
		table_note("not measured: strace is not installed");
		return;
	}
	for (unsigned k = 0; k < KINDS; k++) {
		table_row(what[k], &wall[k], "", k == OURS ? 0.3 : 0);
		table_row("  processor's time", &cpu[k], "", 0);
	}
}
