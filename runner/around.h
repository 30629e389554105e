/* Which of the machine's own processes hang in the kernel while an audit runs. */
#ifndef BEE_RUNNER_AROUND_H
#define BEE_RUNNER_AROUND_H

#include "gatherer.h"

/* Before the first job: a child looks at who is in uninterruptible sleep. */
void around_start(struct gatherer *gatherer);
/*
 * After the last: it tells the gatherer who has not run since, if that was long enough ago.
 * Until `deadline`; a child that has not ended by then is left behind, and nothing is told.
 */
void around_end(nsec_t deadline);

#endif
