/* Images written and listed, beside cpio, lsinitramfs and zstd. */
#include "bench.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define TREE "build/trees/debian" /* tests/vm/tree.sh */

/* What a shell's words cost; they have to succeed, and may warn with 3. */
static struct cost timed(const char *words)
{
	struct command command = { .count = 0 };
	struct cost cost;

	command_add(&command, "sh -c");
	command_word(&command, words);
	cost = command_run(&command);
	command_free(&command);
	if (!WIFEXITED(cost.status) ||
	    (WEXITSTATUS(cost.status) && WEXITSTATUS(cost.status) != 3))
		errx(BEE_SOFTWARE, "%s: wait status 0x%x", words, (unsigned)cost.status);
	return cost;
}

/*
 * Ours to theirs, in turns. Theirs are several processes at once: where many others want to run, they
 * get more of the processors than one does, and the processor's time is the one that counts.
 */
static void versus(const struct bench *bench, const char *what, const char *ours,
		   const char *theirs, double target)
{
	struct series wall = { .count = 0 }, cpu = { .count = 0 };
	AUTO_FREE char *name = xasprintf("%s, processor", what);

	(void)timed(ours);
	(void)timed(theirs);
	for (unsigned i = 0; i < bench->rounds; i++) {
		struct cost one = timed(ours), other = timed(theirs);

		series_add(&wall, one.wall / other.wall);
		series_add(&cpu, one.cpu / other.cpu);
	}
	table_row(what, &wall, "x", target);
	table_row(name, &cpu, "x", target);
}

static void writing(const struct bench *bench, const char *tree)
{
	AUTO_FREE char *ours =
		xasprintf("%s image build -d %s --bare --add / -o %s/ours.cpio",
			  bench->bee, tree, bench->folder);
	AUTO_FREE char *plain =
		xasprintf("cd %s && find . | cpio --quiet -o -H newc >%s/theirs.cpio",
			  tree, bench->folder);
	AUTO_FREE char *sorted =
		xasprintf("cd %s && find . | LC_ALL=C sort | "
			  "cpio --quiet -o -H newc -C 1048576 >%s/theirs.cpio",
			  tree, bench->folder);

	table_head("(f) writing an image of a root file system: ours to theirs");
	versus(bench, "find | cpio -o -H newc", ours, plain, 0.4);
	versus(bench, "find | sort | cpio -C 1048576", ours, sorted, 0.67);
}

/*
 * Before all other work, each with two processors where the machine has them: on a busy one a program that
 * decompresses by itself waits for its turn, and a pipeline's threads get several.
 */
#define FIRST "chrt --rr 1 "

static void listing(const struct bench *bench)
{
	AUTO_FREE char *pack = xasprintf("zstd -q -3 -f %s/ours.cpio -o %s/ours.zst",
					 bench->folder, bench->folder);
	AUTO_FREE char *plain =
		xasprintf(FIRST "%s image list %s/ours.cpio", bench->bee, bench->folder);
	AUTO_FREE char *packed =
		xasprintf(FIRST "%s image list %s/ours.zst", bench->bee, bench->folder);
	AUTO_FREE char *cpio =
		xasprintf(FIRST "cpio --quiet -t <%s/ours.cpio", bench->folder);
	AUTO_FREE char *lsinitramfs =
		xasprintf(FIRST "lsinitramfs %s/ours.zst", bench->folder);
	AUTO_FREE char *zstd = xasprintf(FIRST "zstd -q -dc %s/ours.zst", bench->folder);

	table_head("listing it: ours to theirs");
	versus(bench, "cpio -t", plain, cpio, 0.1);
	if (!installed("zstd"))
		return;
	(void)timed(pack);
	if (installed("lsinitramfs"))
		versus(bench, "lsinitramfs, zstd -3", packed, lsinitramfs, 0.67);
	versus(bench, "zstd -dc alone, which lists nothing", packed, zstd, 0);
}

/* The most memory that the words took, in bytes. */
static double peak(const char *words)
{
	struct command command = { .count = 0 };
	struct rusage used;
	int status;
	pid_t pid;

	command_add(&command, words);
	pid = command_start(&command);
	if (wait4(pid, &status, 0, &used) != pid || !WIFEXITED(status) ||
	    (WEXITSTATUS(status) && WEXITSTATUS(status) != 3))
		errx(BEE_SOFTWARE, "%s", words);
	command_free(&command);
	return (double)used.ru_maxrss * 1024;
}

/* Folders of a thousand empty files. */
static void files_make(const char *tree, unsigned from, unsigned to)
{
	AUTO_FREE char *words = xasprintf(
		"for i in $(seq %u %u); do mkdir -p %s/folder-$i && cd %s/folder-$i && "
		"seq -f file-with-a-usual-name-%%.0f 1000 | xargs touch; done",
		from, to, tree, tree);

	(void)timed(words);
}

/* What one path more takes, from 1,000 of them to 100,000. */
static void memory(const struct bench *bench)
{
	enum { WAYS = 3 };
	static const char *const names[WAYS] = { "build", "check", "diff of two" };
	AUTO_FREE char *tree = xasprintf("%s/many", bench->folder);
	char *words[WAYS] = {
		xasprintf("%s image build -d %s --bare --add / -o %s/many.cpio",
			  bench->bee, tree, bench->folder),
		xasprintf("%s image check %s/many.cpio", bench->bee, bench->folder),
		xasprintf("%s image diff %s/many.cpio %s/many.cpio", bench->bee,
			  bench->folder, bench->folder),
	};
	double few[WAYS];

	table_head("memory, one path more (of 39 bytes)");
	files_make(tree, 1, 1);
	for (unsigned i = 0; i < WAYS; i++)
		few[i] = peak(words[i]);
	files_make(tree, 2, 100);
	for (unsigned i = 0; i < WAYS; i++) {
		struct series bytes = { .count = 0 };

		series_add(&bytes, (peak(words[i]) - few[i]) / 99000);
		table_row(names[i], &bytes, " B", 300);
		free(words[i]);
	}
}

void bench_image(const struct bench *bench)
{
	const char *given = getenv("BENCH_TREE");
	AUTO_FREE char *tree = realpath(given ? given : TREE, NULL);

	if (!tree || !installed("cpio")) {
		table_head("(f) images");
		table_note("%s", tree ? "cpio is not installed"
				      : "no tree: BENCH_TREE, or tests/vm/tree.sh " TREE);
		return;
	}
	writing(bench, tree);
	listing(bench);
	memory(bench);
}
