/* Starts a job's child: jail, replay or lister. */
#ifndef BEE_RUNNER_SPAWN_H
#define BEE_RUNNER_SPAWN_H

#include "monitor.h"

/* The capabilities of all policies. */
uint64_t spawn_caps(const struct monitor *monitor);
/* What no job needs is given up once, for all of them. */
void spawn_prepare(struct monitor *monitor);
/* 0 or -errno: the caller then settles the job as `setup`. */
MUST_CHECK int spawn_job(struct monitor *monitor, struct job *job);

#endif
