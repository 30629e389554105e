/* Where a traced program runs: processes and mounts of its own, the tree as its root. */
#ifndef BEE_TRACE_SPACE_H
#define BEE_TRACE_SPACE_H

#include "util.h"

#include <linux/filter.h>
#include <sys/types.h>

struct space {
	const char *tree; /* borrowed */
	bool user;        /* an ordinary one's, by a user namespace */
	bool in_place;    /* the run writes into the tree itself, not over it */
	char *const *argv;
	const struct sock_fprog *program; /* the filter; NULL: it is not traced */
	int output;                       /* for what it prints; -1: where ours goes */
	int terminal; /* -1, or the caller's, whose place a new one takes */
};

/* From the run's pid 1 and its program to who waits for them. */
struct space_message {
	enum {
		SPACE_FAILED, /* `what` could not be done: `error` */
		SPACE_READY,  /* with the listener, and then a terminal's other end */
		SPACE_ENDED,  /* with `status`, as wait(2) tells it */
	} type;
	int error, status;
	char what[64];
};

/* Starts it; a socket that tells, in *control. The run's pid 1, which dies with the caller. Ends
 * the program where nothing can be started. The program waits for space_go. */
pid_t space_start(const struct space *space, int *control);
/* The next message, with up to two descriptors, -1 where none came. False: no more will come. */
MUST_CHECK bool space_hear(int control, struct space_message *message, int fds[2]);
void space_go(int control);

#endif
