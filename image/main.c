/* bee-image: initramfs images, read and written. */
#include "command.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *what;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "list", "[-v] [--json] FILE", command_list },
	{ "cat", "FILE PATH", command_cat },
	{ "extract", "[--overwrite] FILE -C DIR", command_extract },
	{ "diff", "FILE FILE", command_diff },
	{ "check", "[--for AUDIT [--kernel VERSION]] FILE", command_check },
	{ "build",
	  "-d DIR -o FILE [--list LIST]... [--add GLOB]... [--drop GLOB]...\n"
	  "           [--modules FILE]... [--modules-for AUDIT]... [--kernel VERSION]\n"
	  "           [--init FILE | --bare] [--compress NAME[:LEVEL]] [-- CMD...]",
	  command_build },
	{ "why", "PATH FILE", command_why },
	{ "test", "FILE [-d DIR] [--fix] [--boot | -- CMD...]", command_test },
	{ "append",
	  "FILE -d DIR [--list LIST]... [--add GLOB]... [--drop GLOB]...\n"
	  "           [--compress NAME[:LEVEL]]",
	  command_append },
};

static void usage(FILE *to)
{
	(void)fputs(
		"usage: bee image COMMAND [ARGUMENT...]\n"
		"\n"
		"  bee image list /boot/initrd.img       what is in it, one name a line\n"
		"  bee image cat initrd.img etc/fstab    one file of it\n"
		"\n",
		to);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		(void)fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].what);
	(void)fputs("\nbee-image(1) describes them.\n", to);
}

int command_option(int argc, char **argv, const char *letters,
		   const struct option *options)
{
	int c = getopt_long(argc, argv, letters, options, NULL);

	switch (c) {
	case 'h':
		usage(stdout);
		exit(BEE_OK);
	case 'V':
		puts("bee-image " BEE_VERSION);
		exit(BEE_OK);
	case '?':
		usage(stderr);
		exit(BEE_USAGE);
	default:
		return c;
	}
}

void command_usage(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vwarnx(fmt, args);
	va_end(args);
	usage(stderr);
	exit(BEE_USAGE);
}

int command_end(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		warn("standard output");
		return BEE_IOERR;
	}
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		command_usage("which command?");
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "help")) {
		usage(stdout);
		return BEE_OK;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("bee-image " BEE_VERSION);
		return BEE_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	command_usage("there is no command \"%s\"", argv[1]);
}
