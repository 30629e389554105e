/*
 * After T the audit gives up what does not come. It must not give up what would come, had it a
 * processor: a machine that has none for us is slow, and a document that is late is worth more than
 * one that is lost.
 */
#ifndef BEE_RUNNER_PATIENCE_H
#define BEE_RUNNER_PATIENCE_H

#include "clock.h"

#include <sys/types.h>

struct patience {
	pid_t pid;    /* of one thread */
	bool ours;    /* it reads no foreign byte: that it works is enough */
	nsec_t began; /* 0: only this moment counts */
	uint64_t ran, waited;
};

/* From now on it is looked at what `pid` gets of the processors. */
struct patience patience_begin(pid_t pid, bool ours);
/*
 * Whether it could run, and lacks a processor: one of ours at this moment or most of the time, any
 * other at this moment and longer than it ran.
 */
bool patience_due(const struct patience *patience);
/*
 * clock_wait() for what that process says; while it could run and lacks a processor, `end` moves,
 * by PATIENCE_MAX at most in one audit. What only spins does not lack one.
 */
bool patience_wait(const struct patience *patience, struct audit_clock *clock, int fd,
		   short events, nsec_t after);

#endif
