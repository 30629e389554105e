/* bee-expect: a spec of the machine of a document, for bee verify. */
#include "input.h"
#include "json.h"
#include "spec.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>

enum { TROUBLE = 2 };

static const char usage_text[] =
	"usage: bee expect [OPTION...] [FILE]\n"
	"\n"
	"  bee expect > spec                what the last audit found, as a spec\n"
	"  bee expect audit.json > spec     of another document; - is standard input\n"
	"  bee verify -e spec               is another machine like it?\n"
	"\n"
	"      --serials   the serial numbers, too: of this machine, and no other\n"
	"  -h, --help      this text\n"
	"      --version   the version\n"
	"\n"
	"Exit: 0 it is written; 2 trouble.\n";

static const struct option options[] = {
	{ "serials", no_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	AUTO_FREE char *text = NULL;
	bool serials = false;
	const char *path;
	json_t *document;
	int c, fd;

	input_start(TROUBLE);
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 's':
			serials = true;
			break;
		case 'h':
			(void)fputs(usage_text, stdout);
			exit_written(TROUBLE);
		case 'V':
			printf("bee-expect %s\n", BEE_VERSION);
			exit_written(TROUBLE);
		default:
			(void)fputs("bee expect --help has examples\n", stderr);
			exit(TROUBLE);
		}
	}
	if (argc - optind > 1)
		errx(TROUBLE, "one document at a time, not also %s", argv[optind + 1]);
	path = argv[optind];
	fd = input_open(&path);
	input_confine();
	document = input_load(fd, path);
	text = spec_make(document, serials);
	output_text(text);
	json_decref(document);
	return BEE_OK;
}
