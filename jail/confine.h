/* What a process gives up before it runs what it must not trust, in an order that counts. */
#ifndef BEE_JAIL_CONFINE_H
#define BEE_JAIL_CONFINE_H

#include "jail.h"
#include "message.h"
#include "root.h"

struct confined {
	int listener; /* of the filter */
	uint32_t
		enforced; /* enum gather_enforced, as the kernel tells after it was set */
};

/*
 * Each step's failure goes to *failure; 0 or -1. `outside` is a descriptor of a file that is
 * not in the jail and that everybody may read, to try Landlock with.
 */
MUST_CHECK int confine_tool(const struct jail *jail, const struct jail_program *program,
			    int outside, struct confined *confined,
			    struct jail_failure *failure);
/* `caps` are the performer's; a reader has none. */
MUST_CHECK int confine_reader(uid_t uid, uint64_t caps, struct jail_failure *failure);
/* Takes all but `caps`, and what a stub keeps, out of the bounding set of this process and
 * of all that it starts, so that each job need not: 40 system calls in each of three
 * processes. 0 or -errno; what could not be taken the job's own step takes, or fails. */
MUST_CHECK int confine_bounding(uint64_t caps);
/* Changes to `uid` and gives up everything but CAP_KILL. 0 or -errno. */
MUST_CHECK int confine_stub(uid_t uid);
/* The capabilities in force. */
uint64_t confine_caps(void);
/* No core of this process and its children for anybody, also not for a handler. 0 or -1. */
MUST_CHECK int confine_core(void);
/* Changes to `uid` (and gid) for good, without groups and capabilities; PDEATHSIG is set. */
MUST_CHECK int confine_drop(uid_t uid);
/* Changes to `uid` for good, with those of `caps` that are there, under `filter`. */
MUST_CHECK int confine_look(uid_t uid, uint64_t caps, const struct sock_fprog *filter);
/* Sets both limits of RLIMIT_... to `value`, or to the hard limit there is. 0 or -1. */
MUST_CHECK int confine_limit(int resource, uint64_t value);
/* ABI version of Landlock, 0 when the kernel has none. */
int confine_landlock_abi(void);

#endif
