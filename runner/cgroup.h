/* A leaf cgroup per job: cgroup.kill reaches what a pid namespace's end does not. */
#ifndef BEE_RUNNER_CGROUP_H
#define BEE_RUNNER_CGROUP_H

#include "util.h"

#include <sys/types.h>

struct step;

#define CGROUP_PATH_MAX 1024

struct cgroup {
	pid_t owner; /* the monitor: leaves are called bee-job-OWNER-NUMBER */
	char v2[CGROUP_PATH_MAX]; /* where leaves are made, "" without cgroup v2 */
	bool controllers;         /* memory and pids of v2 are ours to set */
	char v1_memory[CGROUP_PATH_MAX], v1_pids[CGROUP_PATH_MAX]; /* the same of v1 */
};

/* Finds out what can be had. Never fails: what cannot be had is simply not there. */
void cgroup_init(struct cgroup *cgroup);
/* The document's word for it. */
const char *cgroup_word(const struct cgroup *cgroup);

/*
 * Makes leaf `number` with the step's limits. Returns its descriptor for clone3, -1 when
 * there is no v2; *enforced gets enum gather_enforced bits.
 */
int cgroup_make(const struct cgroup *cgroup, unsigned number, const struct step *step,
		uint32_t *enforced);
/* Moves the caller, a stub without children, into the v1 leaves cgroup_make made. */
void cgroup_enter_v1(const struct cgroup *cgroup, unsigned number);
/* Kills what is in the leaf, and all below. */
void cgroup_kill(const struct cgroup *cgroup, unsigned number);
/* Removes the leaf; one with a stuck process stays and is tidied by a later audit. */
void cgroup_remove(const struct cgroup *cgroup, unsigned number);
/* Removes leaves of audits that have ended. */
void cgroup_tidy(const struct cgroup *cgroup);

#endif
