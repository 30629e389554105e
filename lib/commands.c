#include "commands.h"

#include <err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct commands *all; /* of this program */

static void help(FILE *to)
{
	int width = 0;

	for (size_t i = 0; i < all->count; i++)
		if ((int)strlen(all->list[i].name) > width)
			width = (int)strlen(all->list[i].name);
	(void)fprintf(to, "usage: bee %s COMMAND [ARGUMENT...]\n\n%s\n",
		      all->program + strlen("bee-"), all->before);
	for (size_t i = 0; i < all->count; i++)
		(void)fprintf(to, "  %-*s %s\n", width + 1, all->list[i].name,
			      all->list[i].what);
	(void)fprintf(to, "%s\n%s(1) describes them.\n", all->between, all->program);
}

int command_option(int argc, char **argv, const char *letters,
		   const struct option *options)
{
	int c = option_next(all->program, argc, argv, letters, options);

	switch (c) {
	case 'h':
		help(stdout);
		exit_written(BEE_IOERR);
	case 'V':
		printf("%s %s\n", all->program, BEE_VERSION);
		exit_written(BEE_IOERR);
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
	option_wrong(all->program);
}

int command_end(int status)
{
	return end_written(status, BEE_IOERR);
}

int commands_main(const struct commands *commands, int argc, char **argv)
{
	all = commands;
	if (argc < 2) {
		help(stderr);
		return BEE_USAGE;
	}
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "help")) {
		help(stdout);
		exit_written(BEE_IOERR);
	}
	if (!strcmp(argv[1], "--version")) {
		printf("%s %s\n", all->program, BEE_VERSION);
		exit_written(BEE_IOERR);
	}
	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(argv[1], all->list[i].name))
			return all->list[i].run(argc - 1, argv + 1);
	command_usage("there is no command \"%s\"", argv[1]);
}
