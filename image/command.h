/* The commands of bee-image: each is a main of its own. */
#ifndef BEE_IMAGE_COMMAND_H
#define BEE_IMAGE_COMMAND_H

#include "commands.h"

int command_list(int argc, char **argv);
int command_cat(int argc, char **argv);
int command_extract(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_check(int argc, char **argv);
int command_build(int argc, char **argv);
int command_test(int argc, char **argv);
int command_why(int argc, char **argv);
int command_append(int argc, char **argv);

#endif
