/* The commands of bee-trace: each is a main of its own. */
#ifndef BEE_TRACE_COMMAND_H
#define BEE_TRACE_COMMAND_H

#include "util.h"

int trace_run(int argc, char **argv);
int trace_boot(int argc, char **argv);
int trace_arm(int argc, char **argv);
int trace_files(int argc, char **argv);

/* getopt_long's next option; --help and --version and mistakes end the program here. */
struct option;
#define COMMAND_OPTIONS                                                                  \
	{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },       \
	{                                                                                \
		NULL, 0, NULL, 0                                                         \
	}
int trace_option(int argc, char **argv, const char *letters,
		 const struct option *options);
/* A command line that makes no sense: one line, and where to read. Ends the program. */
PRINTF_LIKE(1, 2) _Noreturn void trace_usage(const char *fmt, ...);

#endif
