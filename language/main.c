/* bee-policy: lists, checks and explains policy files. Reads them and does nothing else. */
#include "check_command.h"
#include "explain.h"
#include "json.h"
#include "paths.h"
#include "wider.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"  bee policy lint                     check every policy file\n"
	"  bee policy lint ./my.policy         check one file, or one collector by its "
	"name\n"
	"  bee policy lint --run seen.policy storage smart\n"
	"                                      and what a run that `learn` has seen did "
	"not need\n"
	"  bee policy explain storage          what the storage collector may do, in "
	"words\n"
	"  bee policy explain storage smart    one step of it\n"
	"  bee policy diff storage             what your policy grants that the shipped "
	"one does not\n"
	"  bee policy diff ./old.policy storage\n"
	"  bee policy check storage            what its steps were refused in the last "
	"audit,\n"
	"                                      and the line that would grant it\n"
	"  bee policy check storage audit.json of another document; - is standard "
	"input\n"
	"  bee policy learn -o my.policy -- COMMAND\n"
	"                                      the policy of a trusted program, from one "
	"run; bee-learn(1)\n"
	"  bee policy list                     collectors and their files; optional/NAME "
	"is opt-in\n"
	"\n"
	"  --json             explain, for a script\n"
	"  --run FILE         lint: a policy that `learn` has written of one run\n"
	"  --here             check: the document is this machine's, look for what is "
	"optional\n"
	"  --policy-dir DIR   policy files (here: %s%s)\n"
	"  -h, --help         this text\n"
	"  --version          version\n"
	"\n"
	"Exit status: 0 good or the same, 1 they differ or grant more than was needed, "
	"or\nsomething was refused, 2 check "
	"had\ntrouble, 64 usage, 65 a policy is wrong or lacks a reason.\n"
	"The words of a policy file: bee-policy(5).\n";

#define DIFFERS 1 /* exit status of diff, as diff(1) has it */

/* Where policies are looked for by name. */
struct places {
	const char *own; /* the administrator's; NULL with --policy-dir */
	const char *dir;
};

/* Lints a policy that was loaded, if it was, and frees it. */
static int lint_one(struct policy *policy)
{
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

static int list_all(const struct places *places, struct policy_file **files)
{
	int count = policy_list(places->own, places->dir, files, stderr);

	if (count < 0)
		exit(BEE_DATAERR);
	if (count == 0)
		errx(BEE_DATAERR, "%s: no policy files", places->dir);
	return count;
}

static int command_lint(const struct places *places, int argc, char **argv)
{
	struct policy_file *files;
	int worst = BEE_OK, count;

	for (int i = 0; i < argc; i++)
		if (lint_one(policy_find(places->own, places->dir, argv[i], stderr)))
			worst = BEE_DATAERR;
	if (argc)
		return worst;
	count = list_all(places, &files);
	for (int i = 0; i < count; i++)
		if (lint_one(policy_load(&files[i], stderr)))
			worst = BEE_DATAERR;
	policy_files_free(files, count);
	return worst;
}

/* The steps of the policy that run what the other one has seen run, or the one that is named. */
static int command_lint_run(const struct places *places, const char *seen, int argc,
			    char **argv)
{
	struct policy *run = NULL, *policy = NULL;
	unsigned found = 0, steps = 0;
	int result = BEE_DATAERR;

	if (argc < 1 || argc > 2) {
		warnx("lint --run needs a collector and may have a step");
		return BEE_USAGE;
	}
	run = policy_find(NULL, ".", seen, stderr);
	policy = policy_find(places->own, places->dir, argv[0], stderr);
	for (unsigned i = 0; run && policy && i < policy->step_count; i++) {
		const struct step *step = &policy->steps[i];

		if (argc == 2 ? strcmp(step->name, argv[1]) != 0
			      : !policy_same_program(step, &run->steps[0]))
			continue;
		steps++;
		found += policy_wider(policy, step, &run->steps[0], stderr);
	}
	if (run && policy && !steps)
		warnx("%s: no step of it runs what %s has seen", policy->file, run->file);
	else if (run && policy)
		result = found ? DIFFERS : BEE_OK;
	policy_free(run);
	policy_free(policy);
	return result;
}

struct listed {
	const struct policy_file *file; /* borrowed */
	unsigned order;
};

static int by_order(const void *a, const void *b)
{
	const struct listed *left = a, *right = b;

	if (left->order != right->order)
		return left->order < right->order ? -1 : 1;
	/* Those are sorted by collector. */
	return (left->file > right->file) - (left->file < right->file);
}

/* As the audit goes through them; what is wrong with a file is `lint`'s to say. */
static int command_list(const struct places *places)
{
	struct policy_file *files;
	int count = list_all(places, &files);
	AUTO_FREE struct listed *list = xcalloc((size_t)count, sizeof(*list));
	AUTO_FCLOSE FILE *nowhere = fopen("/dev/null", "we");

	if (!nowhere)
		err(BEE_DATAERR, "/dev/null");
	for (int i = 0; i < count; i++) {
		struct policy *policy = policy_load(&files[i], nowhere);

		list[i] = (struct listed){ &files[i],
					   policy ? policy->order : POLICY_ORDER_LAST };
		policy_free(policy);
	}
	qsort(list, (size_t)count, sizeof(*list), by_order);
	for (int i = 0; i < count; i++)
		(void)printf("%-18s %s\n", list[i].file->name, list[i].file->path);
	policy_files_free(files, count);
	return BEE_OK;
}

static int command_explain(const struct places *places, bool json, int argc, char **argv)
{
	const struct step *step = NULL;
	struct policy *policy;
	int result = BEE_OK;
	unsigned number;

	if (argc < 1 || argc > 2) {
		warnx("explain needs a collector and may have a step");
		return BEE_USAGE;
	}
	policy = policy_find(places->own, places->dir, argv[0], stderr);
	if (!policy)
		return BEE_DATAERR;
	number = argc == 2 ? policy_step(policy, argv[1]) : 0;
	if (argc == 2 && number < policy->step_count)
		step = &policy->steps[number];
	if (argc == 2 && !step) {
		warnx("%s has no step '%s'", policy->file, argv[1]);
		result = BEE_USAGE;
	} else if (json) {
		if (!policy_explain_json(policy, step, stdout))
			result = BEE_IOERR;
	} else if (step) {
		policy_explain_step(policy, step, NULL, stdout);
	} else {
		policy_explain(policy, stdout);
	}
	policy_free(policy);
	return result;
}

/* Two of them; or of one name the shipped one and the one that counts. */
static int command_diff(const struct places *places, int argc, char **argv)
{
	struct policy *a, *b;
	int result = BEE_DATAERR;

	if (argc < 1 || argc > 2) {
		warnx("diff needs a collector, or two policies");
		return BEE_USAGE;
	}
	a = policy_find(argc == 2 ? places->own : NULL, places->dir, argv[0], stderr);
	b = policy_find(places->own, places->dir, argv[argc - 1], stderr);
	if (a && b)
		result = policy_diff(a, b, stdout) ? BEE_OK : DIFFERS;
	policy_free(a);
	policy_free(b);
	return result;
}

/* A program of its own, as it lets calls through. Returns only where it cannot be started. */
static int command_learn(char **argv)
{
	static char name[] = "bee-learn";
	int fd = libexec_open(name);

	argv[0] = name;
	if (fd >= 0)
		(void)fexecve(fd, argv, environ);
	warnx("bee-learn: %s", strerrordesc_np(fd < 0 ? -fd : errno));
	return BEE_SOFTWARE;
}

static int command_check(const struct places *places, bool here, int argc, char **argv)
{
	struct policy *policy;
	int result;

	if (argc < 1 || argc > 2) {
		warnx("check needs a collector and may have a document");
		return BEE_USAGE;
	}
	policy = policy_find(places->own, places->dir, argv[0], stderr);
	if (!policy)
		return CHECK_TROUBLE;
	result = policy_check_document(policy, argc == 2 ? argv[1] : NULL, here);
	policy_free(policy);
	return result;
}

struct asked {
	struct places places;
	const char *run;
	bool json, here;
};

/* Fills `asked` and ends the program after --help, --version and mistakes. */
static void read_options(struct asked *asked, int argc, char **argv)
{
	static const struct option options[] = {
		{ "policy-dir", required_argument, NULL, 'p' },
		{ "json", no_argument, NULL, 'j' },
		{ "here", no_argument, NULL, 'H' },
		{ "run", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct places *places = &asked->places;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			*places = (struct places){ .dir = optarg };
			break;
		case 'j':
			asked->json = true;
			break;
		case 'H':
			asked->here = true;
			break;
		case 'r':
			asked->run = optarg;
			break;
		case 'h':
			(void)printf(help, places->own ? POLICY_OWN_DIR ", then " : "",
				     places->dir);
			exit_written(BEE_IOERR);
		case 'V':
			(void)puts("bee-policy " BEE_VERSION);
			exit_written(BEE_IOERR);
		default:
			(void)fputs("bee policy --help has examples\n", stderr);
			exit(BEE_USAGE);
		}
	}
}

static int perform(const struct asked *asked, const char *command, int argc, char **argv)
{
	const struct places *places = &asked->places;

	if (asked->json && strcmp(command, "explain") != 0)
		warnx("--json is for explain");
	else if (asked->here && strcmp(command, "check") != 0)
		warnx("--here is for check");
	else if (asked->run && strcmp(command, "lint") != 0)
		warnx("--run is for lint");
	else if (asked->run)
		return command_lint_run(places, asked->run, argc, argv);
	else if (!strcmp(command, "lint"))
		return command_lint(places, argc, argv);
	else if (!strcmp(command, "explain"))
		return command_explain(places, asked->json, argc, argv);
	else if (!strcmp(command, "diff"))
		return command_diff(places, argc, argv);
	else if (!strcmp(command, "check"))
		return command_check(places, asked->here, argc, argv);
	else if (!strcmp(command, "list") && argc == 0)
		return command_list(places);
	else
		warnx("%s: lint, explain, diff, check, learn or list? `bee policy "
		      "--help` "
		      "shows how",
		      command);
	return BEE_USAGE;
}

int main(int argc, char **argv)
{
	AUTO_FREE char *dir = policy_default_dir();
	struct asked asked = { .places = { .own = POLICY_OWN_DIR, .dir = dir } };
	int result;

	if (argc > 1 && !strcmp(argv[1], "learn"))
		return command_learn(argv + 1);
	read_options(&asked, argc, argv);
	json_seed();
	result = perform(&asked, optind < argc ? argv[optind] : "", argc - optind - 1,
			 argv + optind + 1);
	return end_written(result, BEE_IOERR);
}
