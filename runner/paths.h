/* Where this program's companions are: policy files and sibling programs. */
#ifndef BEE_RUNNER_PATHS_H
#define BEE_RUNNER_PATHS_H

#include "util.h"

/*
 * The policy folder: DIR/../policy when the running program lies in DIR of a build tree
 * (build/, build/san/), else PREFIX/share/bee/policy. Owned by the caller, never NULL.
 */
char *policy_default_dir(void);

/*
 * Opens program `name` in the folder of the running one: a descriptor for fexecve,
 * O_RDONLY | O_CLOEXEC, or -errno.
 */
MUST_CHECK int libexec_open(const char *name);

#endif
