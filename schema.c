/* bee schema: prints the JSON Schema of the document; it is part of the program. */
#include "util.h"

#include <err.h>
#include <getopt.h>
#include <string.h>

/* The file itself, so that program and schema of one version cannot differ. */
__asm__(".section .rodata\n"
	".global bee_schema_begin, bee_schema_end\n"
	"bee_schema_begin:\n"
	".incbin \"doc/schema/bee-audit-1.json\"\n"
	"bee_schema_end:\n"
	".byte 0\n"
	".previous\n");
extern const char bee_schema_begin[], bee_schema_end[];

static void usage(FILE *to)
{
	fputs("usage: bee schema >bee-audit-1.json\n\n"
	      "Prints the JSON Schema (draft 2020-12) of the document that bee audit "
	      "writes.\n"
	      "bee-audit.json(5) says what may change between versions.\n\n"
	      "  -h, --help   this text\n"
	      "  --version\n",
	      to);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	size_t len = (size_t)(bee_schema_end - bee_schema_begin);
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			usage(stdout);
			return BEE_OK;
		}
		if (option == 'V') {
			puts("bee schema " BEE_VERSION);
			return BEE_OK;
		}
		usage(stderr);
		return BEE_USAGE;
	}
	if (optind < argc) {
		warnx("it takes no argument");
		usage(stderr);
		return BEE_USAGE;
	}
	if (fwrite(bee_schema_begin, 1, len, stdout) != len || fflush(stdout))
		err(BEE_IOERR, "standard output");
	return BEE_OK;
}
