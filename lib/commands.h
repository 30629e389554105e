/* A program of several commands: bee image list, bee guest start. Each command is a main of its own. */
#ifndef BEE_LIB_COMMANDS_H
#define BEE_LIB_COMMANDS_H

#include "option.h"
#include "util.h"

struct command {
	const char *name, *what; /* what: the arguments, in a few words */
	int (*run)(int argc, char **argv);
};

struct commands {
	const char *program; /* "bee-image" */
	const char *before,
		*between; /* of --help, before and after the list of commands */
	const struct command *list;
	size_t count;
};

/* The command that is asked for, or --help, --version, or what is wrong; the exit status. */
MUST_CHECK int commands_main(const struct commands *commands, int argc, char **argv);

/* The end of a command's options: */
#define COMMAND_OPTIONS                                                                  \
	{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },       \
	{                                                                                \
		NULL, 0, NULL, 0                                                         \
	}
/* getopt_long's next option; --help and --version and mistakes end the program here. */
int command_option(int argc, char **argv, const char *letters,
		   const struct option *options);
/* A command line that makes no sense: one line, and where to read. Ends the program. */
PRINTF_LIKE(1, 2) _Noreturn void command_usage(const char *fmt, ...);
/* Flushes standard output. `status`, or BEE_IOERR where that fails. */
int command_end(int status);

#endif
