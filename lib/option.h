/* Options of one command of a program that has several. */
#ifndef BEE_LIB_OPTION_H
#define BEE_LIB_OPTION_H

#include <getopt.h>

/*
 * The next option of argv[0], a command of `program` ("bee-image"), as getopt_long(3) has it. A mistake is told
 * as others are, "bee-image: list: ...", and where to read; it ends the program.
 */
int option_next(const char *program, int argc, char **argv, const char *letters,
		const struct option *options);
/* A command that has none: each is a mistake. */
void option_none(const char *program, int argc, char **argv);
/* The last line about a mistake, and the end. All of the help would push the first off the screen. */
_Noreturn void option_wrong(const char *program);

#endif
