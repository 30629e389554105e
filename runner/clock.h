/* The times of an audit: T, and every grace before and after it. */
#ifndef BEE_RUNNER_CLOCK_H
#define BEE_RUNNER_CLOCK_H

#include "util.h"

#include <poll.h>

/* Before T. */
#define RESERVE                                                                          \
	(300 * NSEC_PER_MSEC) /* for look and gatherer: here the last job is stuck */
#define LOOK_TIME (100 * NSEC_PER_MSEC)
#define PROBE_TIME NSEC_PER_SEC /* for the output's file system to answer, at the start */
#define LOCK_LEFT (200 * NSEC_PER_MSEC)  /* a job's least: else the lock comes too late */
#define DYING_TIME (500 * NSEC_PER_MSEC) /* for jobs of an audit that was killed to end */
#define TIDY_TIME (100 * NSEC_PER_MSEC)  /* for groups of earlier audits to be empty */
#define INTERRUPT_TIME (1500 * NSEC_PER_MSEC) /* what an interrupted audit still takes */
/* Longer than that is not slow: the audit was stopped, or the machine was asleep. */
#define STOPPED_MIN NSEC_PER_SEC
#define TELL_TIME (80 * NSEC_PER_MSEC) /* for the last lines on stderr */
/* After T; each is when something is given up. */
#define GATHER_GRACE (500 * NSEC_PER_MSEC) /* the gatherer: a document of statuses */
#define REPORT_GRACE (500 * NSEC_PER_MSEC) /* the summary */
#define WRITE_GRACE (650 * NSEC_PER_MSEC)  /* the file: the document goes to stdout */
#define EXIT_GRACE (750 * NSEC_PER_MSEC)   /* stdout */
#define LAST_RESORT                                                                      \
	(850 * NSEC_PER_MSEC) /* the monitor: the caller gets its process back */
#define T_GRACE NSEC_PER_SEC  /* what is promised */
/* Beyond that, where the machine has no processor for who makes and writes the document. */
#define PATIENCE_MAX (5 * NSEC_PER_SEC)

/* Below a T of this grace shrinks in proportion. */
#define GRACE_FULL (2 * NSEC_PER_SEC)

struct audit_clock {
	nsec_t start, timeout;       /* timeout is T */
	nsec_t end;                  /* start + T, if nothing moves it */
	nsec_t stopped;              /* how long this process was, or the machine slept */
	nsec_t lent;                 /* by how much patience.c has moved `end` */
	int signals;                 /* signalfd of those that interrupt, or -1 */
	int interrupted;             /* the signal, or 0 */
	void (*on_tick)(void);       /* called after each wait, or NULL */
	void (*on_lent)(nsec_t end); /* called when that was moved, or NULL */
	void (*on_interrupt)(void *arg); /* called once, with `end` moved */
	void *arg;
};

/* `time` of grace, shrunk where T is short. */
nsec_t clock_grace(const struct audit_clock *clock, nsec_t time);
/* When the last job counts as stuck. */
nsec_t clock_last(const struct audit_clock *clock);
/* Until when stuck jobs are looked at: longer on a busy machine, as far as T leaves time. */
nsec_t clock_look(const struct audit_clock *clock);
/* Takes an interrupt that `signals` has to read. */
void clock_interrupt(struct audit_clock *clock);
/* poll(2) until `deadline` or for a little while. After a stop `end` is far enough away for an
 * orderly one. */
int clock_poll(struct audit_clock *clock, struct pollfd *polls, nfds_t count,
	       nsec_t deadline);
/* Waits for `fd` until `after` past T, which an interrupt brings forward. False: not ready. */
bool clock_wait(struct audit_clock *clock, int fd, short events, nsec_t after);

#endif
