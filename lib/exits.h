/* Which exit status what the system refuses has: of sysexits(3), so that 70 is a bug and nothing else. */
#ifndef BEE_LIB_EXITS_H
#define BEE_LIB_EXITS_H

#include "util.h"

/* Of a positive errno of a call that is right: BEE_NOPERM, BEE_OSERR, BEE_UNAVAILABLE. */
int exit_of_errno(int error);
/* Of a process of ours that a signal ended: of one that ends commands 128 and its number, as in shells. */
int exit_of_signal(int number);

/* err(3) with the status of errno. */
PRINTF_LIKE(1, 2) __attribute__((noreturn)) void err_system(const char *fmt, ...);
/* A process of ours that did not end by itself: what it is, its wait status. */
__attribute__((noreturn)) void exit_killed(const char *what, int status);

#endif
