/* A whole audit of this machine beside its tools in series, and many waits beside one. */
#include "bench.h"

#include <err.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define TOOLS_MAX 64
#define DISKS 64

/* The commands an audit of this machine ran, bare and each under bwrap. */
struct tools {
	struct command bare[TOOLS_MAX], boxed[TOOLS_MAX];
	unsigned count;
};

static void tool_add(struct tools *tools, const json_t *tool)
{
	const char *path = json_string_value(json_object_get(tool, "path"));
	struct command *bare = &tools->bare[tools->count],
		       *boxed = &tools->boxed[tools->count];
	const json_t *word;
	size_t i;

	if (!path || path[0] != '/' || tools->count == TOOLS_MAX)
		return;
	command_word(bare, path);
	bwrap_command(boxed, path);
	command_add(boxed,
		    "--ro-bind /sys /sys --ro-bind-try /run/udev/data /run/udev/data "
		    "--ro-bind-try /usr/share/misc/pci.ids /usr/share/misc/pci.ids");
	command_word(boxed, path);
	json_array_foreach(json_object_get(tool, "argv"), i, word)
	{
		if (i == 0)
			continue;
		command_word(bare, json_string_value(word));
		command_word(boxed, json_string_value(word));
	}
	tools->count++;
}

static void tools_read(struct tools *tools, const char *document)
{
	json_t *root = json_load_file(document, 0, NULL);
	const json_t *job, *tool;
	size_t i, k;

	if (!root)
		errx(BEE_SOFTWARE, "%s: no document", document);
	json_array_foreach(json_object_get(root, "collectors"), i, job)
		json_array_foreach(json_object_get(job, "tools"), k, tool)
			tool_add(tools, tool);
	json_decref(root);
}

static struct cost series_run(const struct command *commands, unsigned count)
{
	struct cost sum = { .wall = now(), .cpu = -cpu_used() };

	for (unsigned i = 0; i < count; i++)
		(void)command_run(&commands[i]);
	sum.wall = now() - sum.wall;
	orphans_end();
	sum.cpu += cpu_used();
	return sum;
}

static void machine(const struct bench *bench)
{
	AUTO_FREE char *output = xasprintf("%s/whole.json", bench->folder);
	struct series boxed = { .count = 0 }, bare = boxed, cpu = boxed;
	struct tools *tools = xcalloc(1, sizeof(*tools));
	struct command audit = { .count = 0 };

	audit_command(bench, &audit, NULL, "", output);
	(void)command_run(&audit);
	tools_read(tools, output);
	table_note("the tools this machine has: %u", tools->count);
	for (unsigned i = 0; i < 3 * bench->rounds && tools->count; i++) {
		struct cost ours = command_run(&audit);
		struct cost under = series_run(tools->boxed, tools->count);
		struct cost plain = series_run(tools->bare, tools->count);

		series_add(&boxed, ours.wall / under.wall);
		series_add(&bare, ours.wall / plain.wall);
		series_add(&cpu, ours.cpu / under.cpu);
	}
	table_row("audit / tools in series under bwrap", &boxed, "", 1.0);
	table_row("the same, CPU time", &cpu, "", 0);
	table_row("audit / tools in series, bare", &bare, "", 0);
	for (unsigned i = 0; i < tools->count; i++) {
		command_free(&tools->bare[i]);
		command_free(&tools->boxed[i]);
	}
	free(tools);
	command_free(&audit);
}

static void disks(const struct bench *bench)
{
	AUTO_FREE char *folder = folder_with(bench, DISKS);
	AUTO_FREE char *policy = policy_new(bench, "disks", folder, "sleep 1", "");
	AUTO_FREE char *output = xasprintf("%s/disks.json", bench->folder);
	struct command audit = { .count = 0 }, wait = audit;
	struct series ratios = { .count = 0 };

	audit_command(bench, &audit, policy, "--jobs 64", output);
	command_add(&wait, "sleep 1");
	for (unsigned i = 0; i < bench->rounds; i++) {
		struct cost ours = command_run(&audit), one = command_run(&wait);

		series_add(&ratios, ours.wall / one.wall);
	}
	table_row("64 disks that wait 1 s / one bare wait", &ratios, "", 1.25);
	command_free(&audit);
	command_free(&wait);
}

void bench_whole(const struct bench *bench)
{
	table_head("(b) a whole audit of this machine");
	machine(bench);
	disks(bench);
}
