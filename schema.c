/* bee schema: prints the JSON Schema of the document; it is part of the program. */
#include "util.h"

#include <err.h>
#include <getopt.h>

/* The file itself, so that program and schema of one version cannot differ. */
__asm__(".section .rodata\n"
	".global bee_schema, bee_schema_len\n"
	"bee_schema:\n"
	".incbin \"doc/schema/bee-audit-1.json\"\n"
	"1:\n"
	".balign 4\n"
	"bee_schema_len:\n"
	".long 1b - bee_schema\n"
	".previous\n");
extern const char bee_schema[];
extern const uint32_t bee_schema_len;

static void usage(void)
{
	(void)fputs(
		"usage: bee schema >bee-audit-1.json\n\n"
		"Prints the JSON Schema (draft 2020-12) of the document that bee audit "
		"writes.\n"
		"bee-audit.json(5) says what may change between versions.\n\n"
		"  -h, --help   this text\n"
		"  --version\n",
		stdout);
}

static int end_wrong(void)
{
	(void)fprintf(stderr, "bee schema --help tells all\n");
	return BEE_USAGE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			usage();
			exit_written(BEE_IOERR);
		}
		if (option == 'V') {
			puts("bee schema " BEE_VERSION);
			exit_written(BEE_IOERR);
		}
		return end_wrong();
	}
	if (optind < argc) {
		warnx("it takes no argument");
		return end_wrong();
	}
	(void)fwrite(bee_schema, 1, bee_schema_len, stdout);
	exit_written(BEE_IOERR);
}
