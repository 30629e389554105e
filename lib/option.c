/* Options of one command of a program that has several. */
#include "option.h"

#include "util.h"

#include <stdlib.h>
#include <string.h>

void option_wrong(const char *program)
{
	(void)fprintf(stderr, "bee %s --help has the commands\n",
		      program + strlen("bee-"));
	exit(BEE_USAGE);
}

int option_next(const char *program, int argc, char **argv, const char *letters,
		const struct option *options)
{
	/* getopt(3) begins its line with this. */
	AUTO_FREE char *whole = xasprintf("%s: %s", program, argv[0]);
	char *name = argv[0];
	int c;

	argv[0] = whole;
	c = getopt_long(argc, argv, letters, options, NULL);
	argv[0] = name;
	if (c == '?')
		option_wrong(program);
	return c;
}

void option_none(const char *program, int argc, char **argv)
{
	static const struct option none[] = { { NULL, 0, NULL, 0 } };

	while (option_next(program, argc, argv, "", none) != -1)
		continue;
}
