/* bee-policy: lists, checks and explains policy files. Reads them and does nothing else.
 */
#include "paths.h"
#include "policy.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"  bee policy lint                     check every policy file\n"
	"  bee policy lint ./my.policy         check one file, or one collector by its "
	"name\n"
	"  bee policy explain storage          what the storage collector may do, in "
	"words\n"
	"  bee policy explain storage smart    one step of it\n"
	"  bee policy list                     names of the collectors; optional/NAME "
	"is opt-in\n"
	"\n"
	"  --policy-dir DIR   policy files (here: %s)\n"
	"  -h, --help         this text\n"
	"  --version          version\n"
	"\n"
	"Exit status: 0 good, 64 usage, 65 a policy is wrong or lacks a reason.\n"
	"The words of a policy file: bee-policy(5).\n";

/* A name for --policy-dir, or a path: with a slash or ending in .policy. */
static struct policy *load(const char *dir, const char *name)
{
	static const char suffix[] = ".policy";
	size_t len = strlen(name), tail = sizeof(suffix) - 1;
	const char *slash = strrchr(name, '/');
	AUTO_FREE char *folder = NULL, *base = NULL;

	if (policy_is_optional(name) ||
	    (!slash && (len <= tail || strcmp(name + len - tail, suffix) != 0))) {
		AUTO_FREE char *file = xasprintf("%s/%s.policy", dir, name);
		AUTO_FREE char *optional = xasprintf(POLICY_OPTIONAL "%s", name);
		AUTO_FREE char *beside = xasprintf("%s/%s.policy", dir, optional);

		return policy_load(dir,
				   access(file, F_OK) && !access(beside, F_OK) ? optional
									       : name,
				   stderr);
	}
	folder = slash ? xasprintf("%.*s", (int)(slash - name), name) : xstrdup(".");
	base = xstrdup(slash ? slash + 1 : name);
	len = strlen(base);
	if (len <= tail || strcmp(base + len - tail, suffix) != 0) {
		warnx("%s: a policy file is called COLLECTOR.policy", name);
		return NULL;
	}
	base[len - tail] = '\0';
	return policy_load(slash == name ? "/" : folder, base, stderr);
}

static int lint_one(const char *dir, const char *name)
{
	struct policy *policy = load(dir, name);
	unsigned found = 0;

	if (!policy)
		return BEE_DATAERR;
	found = policy_lint(policy, stderr);
	for (unsigned i = 0; i < policy->step_count; i++) {
		int error = filter_build(&policy->steps[i]);

		if (!error)
			continue;
		(void)fprintf(stderr, "%s:%u:1: no filter can be built: %s\n",
			      policy->file, policy->steps[i].line, strerror(-error));
		found++;
	}
	policy_free(policy);
	return found ? BEE_DATAERR : BEE_OK;
}

static int list_all(const char *dir, char ***names)
{
	int count = policy_list(dir, names);

	if (count < 0)
		errx(BEE_DATAERR, "%s: %s", dir, strerror(-count));
	if (count == 0)
		errx(BEE_DATAERR, "%s: no policy files", dir);
	return count;
}

static void names_free(char **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static int command_lint(const char *dir, int argc, char **argv)
{
	int worst = BEE_OK, count;
	char **names;

	for (int i = 0; i < argc; i++)
		if (lint_one(dir, argv[i]))
			worst = BEE_DATAERR;
	if (argc)
		return worst;
	count = list_all(dir, &names);
	for (int i = 0; i < count; i++)
		if (lint_one(dir, names[i]))
			worst = BEE_DATAERR;
	names_free(names, count);
	return worst;
}

static int command_list(const char *dir)
{
	char **names;
	int count = list_all(dir, &names);

	for (int i = 0; i < count; i++)
		(void)puts(names[i]);
	names_free(names, count);
	return BEE_OK;
}

static int command_explain(const char *dir, int argc, char **argv)
{
	struct policy *policy;
	int result = BEE_OK;

	if (argc < 1 || argc > 2) {
		warnx("explain needs a collector and may have a step");
		return BEE_USAGE;
	}
	policy = load(dir, argv[0]);
	if (!policy)
		return BEE_DATAERR;
	if (argc == 1) {
		policy_explain(policy, stdout);
	} else {
		unsigned i = 0;

		while (i < policy->step_count &&
		       strcmp(policy->steps[i].name, argv[1]) != 0)
			i++;
		if (i < policy->step_count) {
			policy_explain_step(policy, &policy->steps[i], NULL, stdout);
		} else {
			warnx("%s has no step '%s'", policy->file, argv[1]);
			result = BEE_USAGE;
		}
	}
	policy_free(policy);
	return result;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "policy-dir", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	AUTO_FREE char *dir = policy_default_dir();
	int option, result = BEE_USAGE;
	const char *command;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			free(dir);
			dir = xstrdup(optarg);
			break;
		case 'h':
			(void)printf(help, dir);
			return BEE_OK;
		case 'V':
			(void)puts("bee-policy " BEE_VERSION);
			return BEE_OK;
		default:
			return BEE_USAGE;
		}
	}
	command = optind < argc ? argv[optind] : "";
	argc -= optind + 1;
	argv += optind + 1;
	if (!strcmp(command, "lint"))
		result = command_lint(dir, argc, argv);
	else if (!strcmp(command, "explain"))
		result = command_explain(dir, argc, argv);
	else if (!strcmp(command, "list") && argc == 0)
		result = command_list(dir);
	else
		warnx("lint, explain or list? `bee policy --help` shows how");
	if (fflush(stdout) && result == BEE_OK)
		err(BEE_IOERR, "standard output");
	return result;
}
