/* The commands of bee-trace: each is a main of its own. */
#ifndef BEE_TRACE_COMMAND_H
#define BEE_TRACE_COMMAND_H

#include "commands.h"

int trace_run(int argc, char **argv);
int trace_boot(int argc, char **argv);
int trace_arm(int argc, char **argv);
int trace_files(int argc, char **argv);

#endif
