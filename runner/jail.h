/* A job's root while it is made: what jail.c and what jail_sources.c know of it. */
#ifndef BEE_RUNNER_JAIL_H
#define BEE_RUNNER_JAIL_H

#include "job.h"

#include <stdint.h>
#include <sys/mount.h>

#define LIBRARY_ATTRS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define DATA_ATTRS (LIBRARY_ATTRS | MOUNT_ATTR_NOEXEC)

/* A tree opened outside, waiting to be placed at `path` in the new root. */
struct tree {
	int fd;
	char *path; /* owned */
	bool folder;
};

struct jail {
	const struct job_context *ctx;
	struct tree trees[POLICY_GRANTS_MAX + 16];
	unsigned count;
	mode_t modes[POLICY_GRANTS_MAX]; /* of the device of that grant, 0: none */
	dev_t numbers[POLICY_GRANTS_MAX];
	int root; /* the tmpfs */
	struct job_failure *failure;
};

/* Notes errno and the place; always -1. */
int jail_fail(struct jail *jail, enum job_stage stage, int index);

/*
 * Opens the program, libraries and listed trees, or for a read step the folders of its
 * patterns, before the new root covers anything; looks at the devices. JOB_MSG_STARTED, or
 * the message that says what is missing.
 */
enum job_msg_type jail_open(struct jail *jail, struct job_program *program);

#endif
