/* What the parts of a supervisor of a guest in namespaces share. */
#ifndef BEE_GUEST_NS_SUPERVISE_H
#define BEE_GUEST_NS_SUPERVISE_H

#include "ns_plan.h"
#include "supervise.h"

struct supervisor {
	const struct supervision *of;
	const char *name;
	struct handles handles;
	struct plan *plan;
	struct booted_child child;
	int group;
	char **groups_v1;
	int images[STATE_LOOPS_MAX],
		loops[STATE_LOOPS_MAX]; /* held open until they are mounted */
	nsec_t deadline;
	char why[300];
};

/* Notes why, for the record and for who waits. Returns `error` as a negative number. */
PRINTF_LIKE(3, 4) int ns_fail(struct supervisor *s, int error, const char *fmt, ...);
int ns_handles_put(struct supervisor *s);

/* ns_disks.c: its disks as loop devices. 0 or -errno, with `why`. */
int ns_disks_make(struct supervisor *s);

#endif
