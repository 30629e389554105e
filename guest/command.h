/* The commands of bee-guest: each is a main of its own. */
#ifndef BEE_GUEST_COMMAND_H
#define BEE_GUEST_COMMAND_H

#include "util.h"

#include <getopt.h>

int guest_run(int argc, char **argv);
int guest_start(int argc, char **argv);
int guest_boot(int argc, char **argv);    /* bee pretend-boot */
int guest_control(int argc, char **argv); /* bee control */
int guest_stop(int argc, char **argv);
int guest_exec(int argc, char **argv);
int guest_console(int argc, char **argv);
int guest_list(int argc, char **argv);
int guest_report(int argc, char **argv);
int guest_rm(int argc, char **argv);
int guest_gc(int argc, char **argv);

/* getopt_long's next option; --help and --version and mistakes end the program here. */
#define COMMAND_OPTIONS                                                                  \
	{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },       \
	{                                                                                \
		NULL, 0, NULL, 0                                                         \
	}
int guest_option(int argc, char **argv, const char *letters,
		 const struct option *options);
/* A command line that makes no sense: one line, and where to read. Ends the program. */
PRINTF_LIKE(1, 2) _Noreturn void guest_usage(const char *fmt, ...);
/* The name that is the next argument, one that a guest may have; else the end. */
const char *guest_name(int argc, char **argv);
/* Ends the program unless root runs it. */
void guest_root(void);
/* Flushes standard output. `status`, or BEE_IOERR where that fails. */
int guest_end(int status);

#endif
