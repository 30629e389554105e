/* bee-export: a finished document in the form that another system takes. */
#include "export.h"
#include "input.h"
#include "json.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage_text[] =
	"usage: bee export --to TARGET [OPTION...] [FILE]\n"
	"\n"
	"  bee export --to prometheus          the last audit, as metrics\n"
	"  bee export --to csv audit.json      of another document; - is standard input\n"
	"  bee export --to netbox --site Berlin1 audit.json\n"
	"\n"
	"  -t, --to TARGET    which form, below\n"
	"      --site NAME    netbox: where the machine stands; \"unknown\"\n"
	"      --role NAME    netbox: what it is for; \"Server\"\n"
	"  -h, --help         this text\n"
	"      --version      the version\n"
	"\n"
	"Targets:\n";

static const struct option options[] = {
	{ "to", required_argument, NULL, 't' },
	{ "site", required_argument, NULL, 's' },
	{ "role", required_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

struct asked {
	const struct export_target *target;
	struct export_options options;
};

static void usage(void)
{
	(void)fputs(usage_text, stdout);
	for (const struct export_target *target = export_targets; target->name; target++)
		printf("  %-11s %s\n", target->name, target->what);
}

static const struct export_target *target_option(const char *name)
{
	const struct export_target *target = export_target_find(name);

	if (!target)
		errx(BEE_USAGE, "--to: there is no \"%s\"; bee export --help lists them",
		     name);
	return target;
}

static const char *name_option(const char *option, const char *name)
{
	if (!name[strspn(name, " \t")] || !json_text_is_clean(name, strlen(name)))
		errx(BEE_USAGE, "%s: a name is needed", option);
	return name;
}

/* Fills `asked` and ends the program after --help, --version and mistakes. */
static void read_options(struct asked *asked, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "t:h", options, NULL)) != -1) {
		switch (c) {
		case 't':
			asked->target = target_option(optarg);
			break;
		case 's':
			asked->options.site = name_option("--site", optarg);
			break;
		case 'r':
			asked->options.role = name_option("--role", optarg);
			break;
		case 'h':
			usage();
			exit_written(BEE_IOERR);
		case 'V':
			printf("bee-export %s\n", BEE_VERSION);
			exit_written(BEE_IOERR);
		default:
			(void)fputs("bee export --help has examples\n", stderr);
			exit(BEE_USAGE);
		}
	}
	if (!asked->target)
		errx(BEE_USAGE, "--to says in which form; bee export --help lists them");
	if (argc - optind > 1)
		errx(BEE_USAGE, "one document at a time, not also %s", argv[optind + 1]);
}

int main(int argc, char **argv)
{
	struct asked asked = { .options = { .site = "unknown", .role = "Server" } };
	AUTO_FREE char *text = NULL;
	json_t *document;
	const char *path;
	int fd;

	input_start(0);
	read_options(&asked, argc, argv);
	path = argv[optind];
	fd = input_open(&path);
	input_confine();

	document = input_load(fd, path);
	text = asked.target->make(document, &asked.options);
	output_text(text);
	json_decref(document);
	return BEE_OK;
}
