/* The commands of bee-image: each is a main of its own. */
#ifndef BEE_IMAGE_COMMAND_H
#define BEE_IMAGE_COMMAND_H

#include "util.h"

int command_list(int argc, char **argv);
int command_cat(int argc, char **argv);
int command_extract(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_check(int argc, char **argv);
int command_build(int argc, char **argv);
int command_test(int argc, char **argv);
int command_why(int argc, char **argv);
int command_append(int argc, char **argv);

/* getopt_long's next option; --help and --version and mistakes end the program here. */
struct option;
#define COMMAND_OPTIONS                                                                  \
	{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },       \
	{                                                                                \
		NULL, 0, NULL, 0                                                         \
	}
int command_option(int argc, char **argv, const char *letters,
		   const struct option *options);
/* A command line that makes no sense: one line, and where to read. Ends the program. */
PRINTF_LIKE(1, 2) _Noreturn void command_usage(const char *fmt, ...);
/* Flushes standard output. `status`, or BEE_IOERR where that fails. */
int command_end(int status);

#endif
