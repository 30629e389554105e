#pragma once

/*
 * Makes this process pid 1 of a mount and a pid namespace of its own, with a new /proc and an
 * empty /run/bee: no run meets an audit of the machine or another run, and with this process goes
 * all that it left behind. The caller becomes a parent that waits and passes the status on.
 *
 * With `hang` a FUSE file system that never answers is on that folder, until pid 1 ends;
 * `server` is the program that does it (tests/tools/fusehang.c).
 */
void private_enter(const char *server, const char *hang);

/* Stdin from /dev/null, stdout and stderr to new files of these names; then the program. */
_Noreturn void private_exec(const char *out, const char *err, char **argv);

/* Nanoseconds on the audit's own clock, CLOCK_BOOTTIME. */
long long private_now(void);

/*
 * Waits until nobody but pid 1, the FUSE server and who is stuck in its file system is left, at
 * most `ms`. Who is left then is printed to `report`, a JSON list of "pid name state".
 */
#include <stdio.h>
void private_leftovers(FILE *report, int ms);
