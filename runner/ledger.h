/* /run/bee: one audit at a time, and which of its jobs have not gone, whatever becomes of it. */
#ifndef BEE_RUNNER_LEDGER_H
#define BEE_RUNNER_LEDGER_H

#include "job.h"
#include "slots.h"

#define LEDGER_FOLDER "/run/bee"

/* Waits for the lock until `deadline`. 0, or -EAGAIN with the holder in *holder, or -errno. */
MUST_CHECK int ledger_lock(nsec_t deadline, pid_t *holder);
/*
 * Opens the file, reads what earlier audits left, strikes out what has gone, and holds the
 * others' slots. Those whose audit was killed are given until `dying` from now to end. 0 or
 * -errno: none is kept.
 */
MUST_CHECK int ledger_open(const char *boot_id, struct slots *slots, nsec_t dying);
/* True when a job of this name is still there: its pid and since_ms are filled in. */
bool ledger_find(struct job *job);
/* Whether this process is an earlier job's that is still there. */
bool ledger_has(pid_t pid);
/* The earlier job that is still there and has this lock, or is in this group; or NULL. */
const char *ledger_lock_holder(const char *lock);
const char *ledger_group_holder(const char *collector, const char *group);
/* The job has a process, or (JOB_ABANDONED) is stuck. 0 or -errno. Nothing in a replay. */
MUST_CHECK int ledger_note(const struct job *job);
/* The job of this slot has gone. */
void ledger_strike(unsigned slot);

#endif
