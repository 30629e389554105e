/* A control group for a boot: an init divides its own (cgroups(7)). */
#ifndef BEE_TRACE_GROUP_H
#define BEE_TRACE_GROUP_H

#include "util.h"

struct group {
	char *path; /* owned; NULL: there is no cgroup v2 here */
	int fd;     /* -1 */
};

void trace_group_make(struct group *group);
/* Ends what is in it, and removes it with those below. */
void trace_group_remove(struct group *group);

#endif
