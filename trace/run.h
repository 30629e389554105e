/* A traced run from its start to its list. */
#ifndef BEE_TRACE_RUN_H
#define BEE_TRACE_RUN_H

#include "finds.h"
#include "space.h"

struct run {
	struct space space;
	struct board *board;
	struct finds finds;
	int control, listener, master;
	pid_t first, worker;
	unsigned left; /* workers that hang and were left behind */
	bool ended;
	int status; /* of the program, as wait(2) tells it */
	/* Of a boot: when it is over; 0: never by itself. */
	nsec_t deadline;
};

/* Starts it, with somebody who listens. Ends the program where that fails. */
void run_start(struct run *run);
/* Until the program has ended. */
void run_watch(struct run *run);
/* Ends what is left of it, and gathers what was found. */
void run_finish(struct run *run);

#endif
