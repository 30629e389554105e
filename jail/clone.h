/* clone3(2) with a pidfd: the only way a child is made that may have to be abandoned. */
#ifndef BEE_JAIL_CLONE_H
#define BEE_JAIL_CLONE_H

#include <stdint.h>
#include <sys/types.h>

/* As fork(2), with `flags` and, unless -1, straight into the cgroup whose folder `cgroup` is.
 * The child's pidfd is in *pidfd. */
pid_t clone_child(uint64_t flags, int cgroup, int *pidfd);

#endif
