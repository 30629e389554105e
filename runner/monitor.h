/* The monitor of an audit: its state, and the one loop. */
#ifndef BEE_RUNNER_MONITOR_H
#define BEE_RUNNER_MONITOR_H

#include "cgroup.h"
#include "clock.h"
#include "gatherer.h"
#include "job.h"
#include "networks.h"
#include "options.h"
#include "slots.h"
#include "tell.h"

struct monitor {
	struct options *options;
	struct audit_clock clock;
	struct policy **policies;
	unsigned policy_count;
	struct job **jobs; /* owned; listers too */
	size_t job_count, first_waiting;
	unsigned numbered;    /* jobs that have a number */
	struct job **running; /* owned array of borrowed jobs */
	size_t running_count;
	bool held; /* a job could start, and the machine is busy */
	struct slots slots;
	int collect_fd, gather_fd, report_fd;
	int copier_fd, performer_fd; /* of device commands */
	int landlock_abi;
	int base; /* of root_base() */
	struct networks networks;
	char boot_id[40];
	struct cgroup cgroup;
	struct gatherer *gatherer;
	struct tell *tell;
	unsigned incomplete;
};

/* Runs every job to its end or its last deadline. */
void monitor_run(struct monitor *monitor);

#endif
