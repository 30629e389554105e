/* bee's other programs, run for what they print. */
#ifndef BEE_ACCEPT_CHILD_H
#define BEE_ACCEPT_CHILD_H

#include "util.h"

enum { CHILD_IN_NULL = -1, CHILD_OUT_SELF = -1, CHILD_OUT_NULL = -2 };

struct child {
	int in;  /* its standard input; CHILD_IN_NULL: nothing */
	int out; /* its standard output; CHILD_OUT_SELF: ours; CHILD_OUT_NULL: nobody's */
};

/* From here on SIGINT, SIGTERM and SIGHUP end the child that runs, and are remembered. */
void child_signals(void);
bool child_interrupted(void);

/* Runs the program of that name from beside this one, with `words`, NULL after the last, behind its
 * name. Its exit status; -1: it ended by a signal. Ends the program (2) where none can be run. */
MUST_CHECK int child_run(const struct child *child, const char *program,
			 const char *const words[]);
/* The same, and the beginning of the first line it prints: nothing in it but printable ASCII. */
MUST_CHECK int child_line(const struct child *child, const char *program,
			  const char *const words[], char *line, size_t size);

#endif
