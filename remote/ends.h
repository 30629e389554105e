/* SIGINT, SIGTERM and SIGHUP for who writes: nothing is left half done by them. */
#ifndef BEE_REMOTE_ENDS_H
#define BEE_REMOTE_ENDS_H

#include <signal.h>

/* They end nobody from here on: a descriptor that can be read once one has come; -1 and errno. */
int ends_open(void);
/* Between these two they wait; what has come by then ends us in the second. */
void ends_hold(sigset_t *before);
void ends_let(const sigset_t *before);

#endif
