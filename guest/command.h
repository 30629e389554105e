/* The commands of bee-guest: each is a main of its own. */
#ifndef BEE_GUEST_COMMAND_H
#define BEE_GUEST_COMMAND_H

#include "commands.h"

int guest_run(int argc, char **argv);
int guest_start(int argc, char **argv);
int guest_boot(int argc, char **argv);    /* bee pretend-boot */
int guest_control(int argc, char **argv); /* bee control */
int guest_vm(int argc, char **argv);      /* bee vm */
int guest_stop(int argc, char **argv);
int guest_exec(int argc, char **argv);
int guest_console(int argc, char **argv);
int guest_list(int argc, char **argv);
int guest_report(int argc, char **argv);
int guest_ssh_config(int argc, char **argv);
int guest_delete(int argc, char **argv); /* bee vm delete */
int guest_rm(int argc, char **argv);
int guest_gc(int argc, char **argv);

/* The name that is the next argument, one that a guest may have; else the end. */
const char *guest_name(int argc, char **argv);
/* The same, of a command that has no word behind it. */
const char *guest_only_name(int argc, char **argv);
/* Ends the program unless root runs it. */
void guest_root(void);

#endif
