/* The commands of bee-guest: each is a main of its own. */
#ifndef BEE_GUEST_COMMAND_H
#define BEE_GUEST_COMMAND_H

#include "util.h"

#include <getopt.h>

int command_run(int argc, char **argv);
int command_start(int argc, char **argv);
int command_boot(int argc, char **argv);    /* bee pretend-boot */
int command_control(int argc, char **argv); /* bee control */
int command_stop(int argc, char **argv);
int command_exec(int argc, char **argv);
int command_console(int argc, char **argv);
int command_list(int argc, char **argv);
int command_report(int argc, char **argv);
int command_rm(int argc, char **argv);
int command_gc(int argc, char **argv);

/* getopt_long's next option; --help and --version and mistakes end the program here. */
#define COMMAND_OPTIONS                                                                  \
	{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },       \
	{                                                                                \
		NULL, 0, NULL, 0                                                         \
	}
int command_option(int argc, char **argv, const char *letters,
		   const struct option *options);
/* A command line that makes no sense: one line, and where to read. Ends the program. */
PRINTF_LIKE(1, 2) _Noreturn void command_usage(const char *fmt, ...);
/* The name that is the next argument, one that a guest may have; else the end. */
const char *command_name(int argc, char **argv);
/* Ends the program unless root runs it. */
void command_root(void);
/* Flushes standard output. `status`, or BEE_IOERR where that fails. */
int command_end(int status);

#endif
