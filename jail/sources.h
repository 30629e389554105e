/* What a jail's root is made of, while it is made. */
#ifndef BEE_JAIL_SOURCES_H
#define BEE_JAIL_SOURCES_H

#include "root.h"

#include <sys/mount.h>

#define LIBRARY_ATTRS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define DATA_ATTRS (LIBRARY_ATTRS | MOUNT_ATTR_NOEXEC)

/* A tree opened outside, waiting to be placed at `path` in the new root. */
struct source_tree {
	int fd;
	char *path; /* owned */
	bool folder;
};

struct sources {
	const struct jail *jail;
	struct source_tree *trees; /* owned, with room for all */
	unsigned count;
	struct source_node {
		mode_t mode; /* 0: it is optional, and missing */
		dev_t number;
	} * nodes; /* owned, one per jail->nodes */
	struct jail_failure *failure;
};

/* Notes errno and what it is about ("" for nothing); always -1. */
int sources_fail(struct sources *sources, enum jail_stage stage, const char *path);

/*
 * Opens the program, libraries and listed trees before the new root covers anything; looks
 * at the devices. JAIL_MSG_STARTED, or the message that says what is missing.
 */
enum jail_msg_type sources_open(struct sources *sources, struct jail_program *program);

#endif
