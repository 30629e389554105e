/* A traced run from its start to its list. */
#ifndef BEE_TRACE_RUN_H
#define BEE_TRACE_RUN_H

#include "finds.h"
#include "space.h"

struct run {
	struct board *board;
	struct sock_fprog filter; /* of all that is traced */
	struct finds finds;
	int listener; /* -1: the worker gets it from `passed` */
	int passed;   /* a socket; -1 */
	pid_t first, worker;
	bool user;      /* it is in a user namespace, whose rights the worker needs */
	unsigned left;  /* workers that hang and were left behind */
	uint64_t spent; /* the worker's processor time, when it was asked last */
	nsec_t moved;   /* when that was more than before */
	bool unwatched; /* no process could be had to look names up */
	bool ended;
	int status; /* of the program, as wait(2) tells it */
};

/* Before anything else: its filter is made. */
void run_prepare(struct run *run);
/* Somebody looks names up from now on. `first` is pid 1 of the run. */
void run_listen(struct run *run, pid_t first);
/* To be called every RUN_TICK: names that hang are let through. */
#define RUN_TICK 100 /* ms */
void run_look(struct run *run);
/* TERM and HUP, INT and QUIT, WINCH and CHLD, as a descriptor. */
int run_signals(void);

/* A program with the tree as its root, until it has ended. Ends the program where that fails. */
void run_program(struct run *run, struct space *space);
/* Gathers what was found. False: the list is not whole, which is told. */
MUST_CHECK bool run_finish(struct run *run);

#endif
