/* What was in force for a job: bits that its jail sets and the document names. */
#ifndef BEE_LIB_ENFORCED_H
#define BEE_LIB_ENFORCED_H

enum enforced {
	ENFORCED_SECCOMP = 1,
	ENFORCED_LANDLOCK = 2,
	ENFORCED_CGROUP_KILL = 4,
	ENFORCED_CGROUP_MEMORY = 8,
	ENFORCED_CGROUP_TASKS = 16,
	ENFORCED_RLIMIT_MEMORY = 32,
	ENFORCED_TASKS_FILTER = 64,  /* tasks 1: no fork and clone in the filter */
	ENFORCED_TASKS_RLIMIT = 128, /* own uid and RLIMIT_NPROC */
};

#endif
