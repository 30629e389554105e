/* bee audit --capture DIR --redact: the capture as it may be mailed. */
#ifndef BEE_RUNNER_MAILED_H
#define BEE_RUNNER_MAILED_H

#include <stdbool.h>

/* Whether the command line says --redact. */
bool mailed_is_asked(int argc, char **argv);

/*
 * Runs the audit that the command line asks for, as a program of its own, with a folder of root's alone
 * beside DIR for its capture; then bee report makes DIR of that, redacted, and the folder goes. Where that fails it
 * stays, and is named. The exit status; ends the program where the command line is wrong.
 */
int mailed_audit(int argc, char **argv);

#endif
