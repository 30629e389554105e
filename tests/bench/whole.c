/* A whole audit of this machine beside its tools in series, and many waits beside one. */
#include "bench.h"

#include <err.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define TOOLS_MAX 64
#define DISKS 64

/* The commands an audit of this machine ran, bare and each under bwrap; packages' first.
 */
struct tools {
	struct command bare[TOOLS_MAX], boxed[TOOLS_MAX];
	unsigned count, packaged;
};

static void tool_new(struct tools *tools, const char *path, bool network)
{
	struct command *bare = &tools->bare[tools->count],
		       *boxed = &tools->boxed[tools->count];

	command_word(bare, path);
	bwrap_command(boxed, path);
	command_add(boxed,
		    "--ro-bind /sys /sys --ro-bind-try /run/udev/data /run/udev/data "
		    "--ro-bind-try /usr/share/misc/pci.ids /usr/share/misc/pci.ids");
	command_add(boxed, network ? "--share-net" : "");
	command_word(boxed, path);
	tools->count++;
}

static void tool_word(struct tools *tools, const char *word)
{
	command_word(&tools->bare[tools->count - 1], word);
	command_word(&tools->boxed[tools->count - 1], word);
}

/* A tool from a package is known by its path, one of our own by the '@' before its name.
 */
static void tool_add(const struct bench *bench, struct tools *tools, const json_t *tool,
		     bool own)
{
	const char *path = json_string_value(json_object_get(tool, "path"));
	const json_t *argv = json_object_get(tool, "argv"), *word;
	const char *name = json_string_value(json_array_get(argv, 0));
	AUTO_FREE char *ours = NULL;
	size_t i;

	if (tools->count == TOOLS_MAX || !name || own != (name[0] == '@') ||
	    (!own && !path))
		return;
	if (own)
		ours = xasprintf("%s-%s", bench->bee, name + 1);
	tool_new(tools, own ? ours : path, own);
	json_array_foreach(argv, i, word)
	{
		if (i > 0)
			tool_word(tools, json_string_value(word));
	}
}

/* The job's `read` lines as arguments of bee-read; policies are read as simply as they
 * can be. */
static void reader_add(const struct bench *bench, struct tools *tools, const json_t *job,
		       const char *policies)
{
	const char *name = json_string_value(json_object_get(job, "job"));
	const char *slash = name ? strchr(name, '/') : NULL,
		   *at = name ? strchr(name, '@') : NULL;
	AUTO_FREE char *reader = xasprintf("%s-read", bench->bee), *path = NULL,
		       *head = NULL;
	char line[1024];
	bool inside = false;

	if (!slash || tools->count == TOOLS_MAX)
		return;
	path = xasprintf("%s/%.*s.policy", policies, (int)(slash - name), name);
	head = xasprintf("[%.*s]", (int)strcspn(slash + 1, "@"), slash + 1);
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	if (!file)
		return;
	tool_new(tools, reader, false);
	while (fgets(line, sizeof(line), file)) {
		char *save, *word = strtok_r(line, " \t\n", &save);

		if (word && word[0] == '[')
			inside = !strcmp(word, head);
		if (!inside || !word || strcmp(word, "read"))
			continue;
		while ((word = strtok_r(NULL, " \t\n", &save)) && word[0] != '#') {
			char *hole = strstr(word, "{instance}");
			AUTO_FREE char *whole =
				hole ? xasprintf("%.*s%s%s", (int)(hole - word), word,
						 at ? at + 1 : "", hole + 10)
				     : xstrdup(word);

			tool_word(tools, whole);
		}
	}
}

static void tools_read(const struct bench *bench, struct tools *tools,
		       const char *document)
{
	json_t *root = json_load_file(document, 0, NULL);
	const json_t *audit = json_object_get(root, "audit"), *job, *tool, *list;
	const char *policies = json_string_value(json_object_get(audit, "policy_dir"));
	size_t i, k;

	if (!policies)
		errx(BEE_SOFTWARE, "%s: no document", document);
	for (int own = 0; own < 2; own++) {
		json_array_foreach(json_object_get(root, "collectors"), i, job)
		{
			const char *status =
				json_string_value(json_object_get(job, "status"));

			list = json_object_get(job, "tools");
			json_array_foreach(list, k, tool)
				tool_add(bench, tools, tool, own);
			if (own && !json_array_size(list) && status &&
			    !strcmp(status, "ok"))
				reader_add(bench, tools, job, policies);
		}
		if (!own)
			tools->packaged = tools->count;
	}
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
	struct series boxed = { .count = 0 }, bare = boxed, cpu = boxed, packaged = boxed;
	struct tools *tools = xcalloc(1, sizeof(*tools));
	struct command audit = { .count = 0 };
	bool bwrap = installed("bwrap");

	audit_command(bench, &audit, NULL, "", output);
	(void)command_run(&audit);
	tools_read(bench, tools, output);
	table_note("programs it ran here: %u, of them %u from packages", tools->count,
		   tools->packaged);
	if (!bwrap)
		table_note("bwrap is not installed");
	for (unsigned i = 0; i < 3 * bench->rounds && tools->count; i++) {
		struct cost ours = command_run(&audit), under, few;
		struct cost plain = series_run(tools->bare, tools->count);

		series_add(&bare, ours.wall / plain.wall);
		if (!bwrap)
			continue;
		under = series_run(tools->boxed, tools->count);
		few = series_run(tools->boxed, tools->packaged);
		series_add(&boxed, ours.wall / under.wall);
		series_add(&cpu, ours.cpu / under.cpu);
		if (tools->packaged)
			series_add(&packaged, ours.wall / few.wall);
	}
	table_row("audit / its programs in series under bwrap", &boxed, "", 1.0);
	table_row("the same, CPU time", &cpu, "", 0);
	table_row("audit / its programs in series, bare", &bare, "", 0);
	table_row("audit / those from packages alone under bwrap", &packaged, "", 0);
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
