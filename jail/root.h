/* A jail's root file system. */
#ifndef BEE_JAIL_ROOT_H
#define BEE_JAIL_ROOT_H

#include "jail.h"
#include "message.h"

/* The tool's program as found in the search path; empty where tool.fd is given. */
struct jail_program {
	char path[JAIL_TEXT_MAX];
	char interpreter[JAIL_TEXT_MAX]; /* of a "#!" script, else empty */
	uint32_t enforced;               /* enum gather_enforced: by cgroups */
	int device; /* where there is a broker, its node, by O_PATH; else -1 */
};

/*
 * The mount namespace that those of jails are copies of: an empty file system in the place of the
 * machine's tree. Made once, since unmounting that tree waits for the whole kernel (RCU), and by a
 * child, which is killed at `until`, or when there is something to read from `interrupt` (-1: nothing).
 * Its descriptor, or -errno: of these two -ETIMEDOUT and -ECANCELED.
 */
int root_base(nsec_t until, int interrupt);

/*
 * Opens every source, builds the new root with read-only binds, /proc and /dev, and changes
 * into it. JAIL_MSG_STARTED when built, with the program in *program, or the message type
 * that says why not, with *failure.
 */
enum jail_msg_type root_build(const struct jail *jail, struct jail_program *program,
			      struct jail_failure *failure);

#endif
