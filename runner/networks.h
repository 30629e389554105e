/* Network namespaces made before a job needs one, by a child of the monitor. */
#ifndef BEE_RUNNER_NETWORKS_H
#define BEE_RUNNER_NETWORKS_H

#include <stddef.h>

struct networks {
	int socket; /* the child's; -1: there is none */
	int *idle;  /* owned */
	size_t count;
};

/* The child ends with the monitor. Where this fails, none is ever taken. */
void networks_start(struct networks *networks);
/* One that nobody is in, the caller's; -1: none is ready. Does not wait. */
int networks_take(struct networks *networks);
/* Nobody is in this one any more, and it is as it was made. -1 is none. */
void networks_give_back(struct networks *networks, int network);

#endif
