/* From a step of a policy to what a sandbox is told. */
#include "compile.h"
#include "command.h"

#include <stdlib.h>
#include <string.h>

static bool has_grant(const struct step *step, int kind)
{
	for (unsigned i = 0; i < step->grant_count; i++)
		if ((int)step->grants[i].kind == kind)
			return true;
	return false;
}

/* What a program of ours is told: its own arguments, and for bee-read the patterns. */
static char **argv_of(const struct step *step, const char *instance)
{
	char **argv = xcalloc(POLICY_ARGS_MAX + POLICY_GRANTS_MAX + 2, sizeof(*argv));
	const char *own = policy_own_program(step);
	size_t argc = 0;

	argv[argc++] = own ? xstrdup(own) : policy_expand(step->argv[0], instance);
	for (size_t i = 1; step->argv[0] && step->argv[i]; i++)
		argv[argc++] = policy_expand(step->argv[i], instance);
	for (unsigned i = 0; i < step->grant_count; i++)
		if (step->grants[i].kind == GRANT_READ)
			argv[argc++] = policy_expand(step->grants[i].path, instance);
	return argv;
}

static void tree_add(struct jail_tree *trees, unsigned *count, struct jail_tree tree)
{
	trees[(*count)++] = tree;
}

/* Whether a folder of the list already holds `path`. */
static bool covered(const struct jail_tree *trees, unsigned count, const char *path)
{
	for (unsigned i = 0; i < count; i++) {
		size_t len = strlen(trees[i].path);

		if (!strncmp(trees[i].path, path, len) &&
		    (path[len] == '/' || !path[len]))
			return true;
	}
	return false;
}

/*
 * A read step sees the folders its patterns start in and, as sysfs is links into it,
 * /sys/devices; bee-read opens nothing but what the patterns say.
 */
static void pattern_trees(const struct step *step, const char *instance,
			  struct jail_tree *trees, unsigned *count)
{
	bool sysfs = false;

	for (unsigned i = 0; i < step->grant_count; i++) {
		char *folder = policy_pattern_folder(step->grants[i].path, instance);

		sysfs |= !strncmp(folder, "/sys/", 5);
		if (covered(trees, *count, folder))
			free(folder);
		else
			tree_add(trees, count,
				 (struct jail_tree){ folder, JAIL_DATA, JAIL_ONE_OF });
	}
	if (sysfs && !covered(trees, *count, "/sys/devices"))
		tree_add(trees, count,
			 (struct jail_tree){ xstrdup("/sys/devices"), JAIL_DATA,
					     JAIL_OPTIONAL });
}

static void grants_add(const struct step *step, const char *instance,
		       struct jail_tree *trees, unsigned *tree_count,
		       struct jail_node *nodes, unsigned *node_count)
{
	for (unsigned i = 0; i < step->grant_count; i++) {
		const struct grant *grant = &step->grants[i];
		char *path = policy_expand(grant->path, instance);

		if (grant->kind == GRANT_DEVICE)
			nodes[(*node_count)++] =
				(struct jail_node){ path, grant->write, grant->optional,
						    grant->major };
		else
			tree_add(trees, tree_count,
				 (struct jail_tree){
					 path,
					 grant->kind == GRANT_EXEC ? JAIL_START
								   : JAIL_DATA,
					 grant->optional ? JAIL_OPTIONAL : JAIL_NEEDED });
	}
}

void policy_jail(const struct step *step, const char *instance, struct jail *jail)
{
	struct jail_tree *trees = xcalloc(step->grant_count + 1, sizeof(*trees));
	struct jail_node *nodes = xcalloc(step->grant_count + 1, sizeof(*nodes));

	*jail = (struct jail){
		.trees = trees,
		.nodes = nodes,
		/* Programs of ours are linked statically. */
		.libraries = !policy_own_program(step) || has_grant(step, GRANT_EXEC),
		.tool = { .fd = step->own_fd,
			  .argv = argv_of(step, instance),
			  .caps = step->caps },
		.reader = { .fd = -1 },
		.broker = { .copier = -1, .performer = -1 },
		.filter = step->filter,
		.unlisted_error = step->default_error,
		.limits = step->limits,
		.network_host = step->network_host,
		.control = -1,
		.out = -1,
		.errors = -1,
		.copy_out = -1,
		.copy_err = -1,
		.copy_status = -1,
	};
	jail->broker.requests = policy_requests(step, &jail->broker.request_count);
	if (step->rules) {
		jail->broker.caps = policy_performer_caps(step);
		jail->broker.rules = policy_rules(step, instance);
		jail->broker.rules_size =
			step->rules->count * sizeof(step->rules->rules[0]);
	}
	if (step->argv[0])
		grants_add(step, instance, trees, &jail->tree_count, nodes,
			   &jail->node_count);
	else
		pattern_trees(step, instance, trees, &jail->tree_count);
}

void policy_jail_done(struct jail *jail)
{
	for (unsigned i = 0; i < jail->tree_count; i++)
		free((void *)(uintptr_t)jail->trees[i].path);
	for (unsigned i = 0; i < jail->node_count; i++)
		free((void *)(uintptr_t)jail->nodes[i].path);
	for (size_t i = 0; jail->tool.argv[i]; i++)
		free(jail->tool.argv[i]);
	free(jail->tool.argv);
	free((void *)(uintptr_t)jail->trees);
	free((void *)(uintptr_t)jail->nodes);
	free((void *)(uintptr_t)jail->broker.rules);
	*jail = (struct jail){ .tool = { .fd = -1 } };
}
