/* The command line of bee audit. */
#include "options.h"

#include "gather_msg.h"

#include <err.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_OUTPUT "/var/log/bee-audit.json"
#define DEFAULT_TIMEOUT 30
#define TIMEOUT_MAX 3600
#define NAMES_MAX (sizeof(((struct gather_audit *)0)->only) - 1)

static const char help_text[] =
	"usage: bee audit [OPTION...]\n"
	"\n"
	"  bee audit --timeout 30             audit this machine (root)\n"
	"  bee audit --only storage,pcie      only these collectors, to stdout\n"
	"  bee audit --only storage/smart     one step of one\n"
	"  bee audit --with lldp --timeout 40 an opt-in collector as well\n"
	"  bee audit -o -                     the document on stdout, no summary\n"
	"  bee audit --capture DIR            keep every tool's raw output as well\n"
	"  bee audit --replay DIR             from such a folder: no root, no tools, no "
	"hardware\n"
	"  bee audit --dry-run                say what would run and in what jail; runs "
	"nothing\n"
	"\n"
	"  --timeout SECONDS   when the document is on disk (30; 1 to 3600)\n"
	"  --jobs N            jobs at a time (64, fewer where processors are few)\n"
	"  --only NAMES        collectors or their steps, separated by commas or blanks; "
	"writes\n"
	"                      to stdout unless -o is given\n"
	"  --with NAMES        opt-in collectors, or their steps, beside the others\n"
	"  -o, --output FILE   the document (" DEFAULT_OUTPUT "; - is stdout)\n"
	"  --json              the document on stdout instead of the summary\n"
	"  --capture DIR       keep raw output in DIR, which must be new or empty\n"
	"  --redact            with --capture: DIR has no serial number, address or name "
	"of "
	"this\n"
	"                      machine, and can be mailed\n"
	"  --replay DIR        run the collectors over DIR; writes to stdout unless -o "
	"is given\n"
	"  --policy-dir DIR    policy files of DIR, and no others\n"
	"  --no-wake           drives that sleep are left asleep, and told as such\n"
	"  --dry-run           print each job's jail in words; with --replay, what each "
	"reads\n"
	"  -q, --quiet         no progress, no summary; one line where the exit status "
	"is 3\n"
	"  -v, --verbose       a line for each job's start and end, on a terminal too\n"
	"  -h, --help          this text\n"
	"  --version           the version\n"
	"\n"
	"Exit: 0 complete; 3 the document is whole but some job was not; 64 usage; 65 a "
	"policy\n"
	"is wrong; 70 a bug; 73 the output cannot be created; 74 it could not be written "
	"(it\n"
	"goes to stdout); 75 another audit runs. bee-audit(1) and bee-policy(5) tell "
	"more.\n";

enum {
	OPT_JOBS = 256,
	OPT_TIMEOUT,
	OPT_ONLY,
	OPT_WITH,
	OPT_JSON,
	OPT_CAPTURE,
	OPT_REDACT,
	OPT_REPLAY,
	OPT_POLICIES,
	OPT_DRY_RUN,
	OPT_NO_WAKE,
	OPT_VERSION
};

static const struct option long_options[] = {
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "only", required_argument, NULL, OPT_ONLY },
	{ "with", required_argument, NULL, OPT_WITH },
	{ "output", required_argument, NULL, 'o' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "capture", required_argument, NULL, OPT_CAPTURE },
	{ "redact", no_argument, NULL, OPT_REDACT },
	{ "replay", required_argument, NULL, OPT_REPLAY },
	{ "policy-dir", required_argument, NULL, OPT_POLICIES },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "no-wake", no_argument, NULL, OPT_NO_WAKE },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

PRINTF_LIKE(1, 2) static _Noreturn void usage_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vwarnx(fmt, args);
	va_end(args);
	(void)fprintf(stderr, "try: bee audit --help\n");
	exit(BEE_USAGE);
}

/* Seconds with up to three decimals: "30", "2.5", "30s". */
static nsec_t timeout_parse(const char *text)
{
	AUTO_FREE char *whole = xstrdup(text);
	char *point = strchr(whole, '.');
	uint64_t seconds, thousandths = 0;
	size_t len = strlen(whole), digits;

	if (len > 1 && whole[len - 1] == 's')
		whole[len - 1] = '\0';
	digits = point ? strlen(point + 1) : 0;

	if (point)
		*point = '\0';
	if (parse_u64(whole, TIMEOUT_MAX, &seconds) || digits > 3 ||
	    (point && parse_u64(point + 1, 999, &thousandths)))
		usage_error("--timeout %s: not a number of seconds from 1 to 3600", text);
	for (; digits > 0 && digits < 3; digits++)
		thousandths *= 10;
	if (seconds < 1 || (seconds == TIMEOUT_MAX && thousandths))
		usage_error("--timeout %s: not a number of seconds from 1 to 3600", text);
	return (nsec_t)seconds * NSEC_PER_SEC + (nsec_t)thousandths * NSEC_PER_MSEC;
}

/* "storage, pcie" and "storage pcie" are "storage,pcie", as it goes to the document. */
static const char *names_parse(const char *option, const char *text)
{
	char *names = xcalloc(strlen(text) + 1, 1), *at = names, *save;
	AUTO_FREE char *words = xstrdup(text);

	for (char *word = strtok_r(words, ", \t", &save); word;
	     word = strtok_r(NULL, ", \t", &save)) {
		if (at > names)
			*at++ = ',';
		at = stpcpy(at, word);
	}
	if (!*names)
		usage_error("%s: no collector named", option);
	if (strlen(names) > NAMES_MAX)
		usage_error("%s: names of over %zu letters", option, NAMES_MAX);
	return names;
}

/* Options that are only kept. False: it is another one. */
static bool option_keep(int option, struct options *options)
{
	switch (option) {
	case 'o':
		options->output = optarg;
		return true;
	case 'q':
		options->quiet = true;
		return true;
	case OPT_JSON:
		options->json = true;
		return true;
	case OPT_REDACT:
		options->redact = true;
		return true;
	case OPT_DRY_RUN:
		options->dry_run = true;
		return true;
	case OPT_NO_WAKE:
		options->no_wake = true;
		return true;
	case OPT_CAPTURE:
		options->capture = optarg;
		return true;
	case OPT_REPLAY:
		options->replay = optarg;
		return true;
	default:
		return false;
	}
}

static unsigned jobs_parse(const char *text)
{
	uint64_t number;

	if (parse_u64(text, 1024, &number) || number == 0)
		usage_error("--jobs %s: not a number from 1 to 1024", text);
	return (unsigned)number;
}

static void option_take(int option, struct options *options)
{
	switch (option) {
	case OPT_TIMEOUT:
		options->timeout = timeout_parse(optarg);
		break;
	case OPT_JOBS:
		options->jobs = jobs_parse(optarg);
		options->jobs_given = true;
		break;
	case OPT_ONLY:
		options->only = names_parse("--only", optarg);
		break;
	case OPT_WITH:
		options->with = names_parse("--with", optarg);
		break;
	case OPT_POLICIES:
		options->policy_own = NULL;
		options->policy_dir = optarg;
		break;
	case 'v':
		options->verbose++;
		break;
	case 'h':
		(void)fputs(help_text, stdout);
		exit_written(BEE_IOERR);
	case OPT_VERSION:
		puts("bee-audit " BEE_VERSION);
		exit_written(BEE_IOERR);
	default:
		(void)fprintf(stderr, "try: bee audit --help\n");
		exit(BEE_USAGE);
	}
}

void options_parse(int argc, char **argv, struct options *options)
{
	int c;

	options->timeout = DEFAULT_TIMEOUT * NSEC_PER_SEC;
	options->jobs = JOBS_DEFAULT;
	while ((c = getopt_long(argc, argv, "o:qvh", long_options, NULL)) != -1)
		if (!option_keep(c, options))
			option_take(c, options);
	if (optind < argc)
		usage_error("unexpected argument \"%s\"", argv[optind]);
	if (options->output && !*options->output)
		usage_error("--output: the name is empty");
	if (options->capture && options->replay)
		usage_error("--capture and --replay do not go together");
	if (options->redact && !options->capture)
		usage_error("--redact goes with --capture");
	options->partial = !options->output && options->only && !options->replay;
	if (!options->output)
		options->output = options->replay || options->only ? "-" : DEFAULT_OUTPUT;
}
