/* The signals that end an audit. */
#ifndef BEE_RUNNER_SIGNALS_H
#define BEE_RUNNER_SIGNALS_H

#include <signal.h>

/* INT, TERM and HUP; one that is ignored from the start (nohup) stays so. */
void signals_ends(sigset_t *ends);
/* Makes them data: they alone are blocked, and the descriptor returned reads them. Or -errno. */
int signals_open(void);

#endif
