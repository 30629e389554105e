/* A guest's cgroup: of v2 where it lives, and of each v1 hierarchy that counts something. */
#ifndef BEE_GUEST_GROUP_H
#define BEE_GUEST_GROUP_H

#include "guest.h"

/* What one has used; UINT64_MAX where nothing counts that. */
struct group_usage {
	uint64_t cpu_ns, memory, memory_peak, tasks, read_bytes, write_bytes;
	uint64_t oom_kills, tasks_refused;
};

/*
 * Makes the groups of `id`. *v2: the folder of cgroup v2, *v1 a list up to NULL for struct
 * booted; both owned. Limits that nothing enforces are -EOPNOTSUPP. 0 or -errno.
 */
MUST_CHECK int guest_group_make(const char *id, uint64_t memory, uint64_t tasks, int *v2,
				char ***v1);
void group_list_free(char **v1);
/* KILL to all that is in it. */
void group_kill(const char *id);
/* Removes it and what is below. 0, or -EBUSY: a process is in it still; its pid in *pid. */
MUST_CHECK int guest_group_remove(const char *id, pid_t *pid);
/* Processes in it, or in a group below. */
bool group_populated(const char *id);
/* Moves the caller into it. 0 or -errno. */
MUST_CHECK int group_enter(const char *id);
/*
 * How often `folder` of cgroup v2 or its limit has refused a process; UINT64_MAX: not counted. Before
 * Linux 6.11 a refused fork counts in the group that forked alone (kernel/cgroup/pids.c,
 * pids_event), which the guest has made below its own: then all of them are summed.
 */
uint64_t group_refused(const char *folder);
void group_usage(const char *id, struct group_usage *usage);
/* Calls `each` with the id of every group that a guest has here. */
void group_each(void (*each)(const char *id, void *data), void *data);

#endif
