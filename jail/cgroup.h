/* A leaf cgroup per job: cgroup.kill reaches what a pid namespace's end does not. */
#ifndef BEE_JAIL_CGROUP_H
#define BEE_JAIL_CGROUP_H

#include "util.h"

#include <sys/types.h>

struct jail_limits;

#define CGROUP_PATH_MAX 1024
#define CGROUP_LEAF "bee-job-" /* SPACE-OWNER-NUMBER */

struct cgroup {
	pid_t owner;              /* the monitor */
	uint64_t space;           /* its pid namespace: `owner` is a number of that */
	char v2[CGROUP_PATH_MAX]; /* where leaves are made, "" without cgroup v2 */
	bool controllers;         /* memory and pids of v2 are ours to set */
	char v1_memory[CGROUP_PATH_MAX], v1_pids[CGROUP_PATH_MAX]; /* the same of v1 */
};

/* Finds out what can be had. Never fails: what cannot be had is simply not there. Where
 * processes have to leave our group, `family` goes with the caller. */
void cgroup_init(struct cgroup *cgroup, const pid_t *family, size_t count);
/* Gives the controllers back: a group that passes them on takes no process, and the unit's next
 * command starts in it, also where a stuck job keeps it from being removed. */
void cgroup_end(const struct cgroup *cgroup);

/* Makes leaf `number` with `limits`. Its descriptor for clone3, -1 when there is no v2. */
int cgroup_make(const struct cgroup *cgroup, unsigned number,
		const struct jail_limits *limits);
/*
 * Moves the caller, a stub without children, into the v1 leaves. Returns enum gather_enforced
 * bits: of the leaves that it then is in, and whose limits are set, as the kernel tells.
 */
uint32_t cgroup_enter(const struct cgroup *cgroup, unsigned number,
		      const struct jail_limits *limits);
/* Kills what is in the leaf, and all below. */
void cgroup_kill(const struct cgroup *cgroup, unsigned number);
/* Removes the leaf; one with a stuck process stays. */
void cgroup_remove(const struct cgroup *cgroup, unsigned number);

#endif
