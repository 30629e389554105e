/* bee-trace: what a run uses of a reference tree. */
#include "command.h"

#include <err.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *what;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "run", "-d DIR [-o LIST] [--in-place] [-- CMD...]", trace_run },
	{ "boot",
	  "-d DIR [-o LIST] [--until CMD | --for SECONDS] [--timeout SECONDS] [-v]",
	  trace_boot },
	{ "arm", "-d DIR", trace_arm },
	{ "files", "-d DIR [-t TIMESTAMP] [-o LIST]", trace_files },
};

static void usage(FILE *to)
{
	(void)fputs(
		"usage: bee trace COMMAND [ARGUMENT...]\n"
		"\n"
		"  bee trace run -d root/ -o app.list -- app --version   what it uses\n"
		"\n",
		to);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		(void)fprintf(to, "  %-6s %s\n", commands[i].name, commands[i].what);
	(void)fputs("\nbee-trace(1) describes them.\n", to);
}

int trace_option(int argc, char **argv, const char *letters, const struct option *options)
{
	int c = getopt_long(argc, argv, letters, options, NULL);

	switch (c) {
	case 'h':
		usage(stdout);
		exit(BEE_OK);
	case 'V':
		puts("bee-trace " BEE_VERSION);
		exit(BEE_OK);
	case '?':
		usage(stderr);
		exit(BEE_USAGE);
	default:
		return c;
	}
}

void trace_usage(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vwarnx(fmt, args);
	va_end(args);
	usage(stderr);
	exit(BEE_USAGE);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		trace_usage("which command?");
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "help")) {
		usage(stdout);
		return BEE_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("bee-trace " BEE_VERSION);
		return BEE_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	trace_usage("there is no command \"%s\"", argv[1]);
}
