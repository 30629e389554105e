/* Where this program's companions are: policy files and sibling programs. */
#ifndef BEE_LANGUAGE_PATHS_H
#define BEE_LANGUAGE_PATHS_H

#include "util.h"

/*
 * The policy folder: DIR/../policy when the running program lies in DIR of a build tree
 * (build/, build/san/), else PREFIX/share/bee/policy. Owned by the caller, never NULL.
 */
char *policy_default_dir(void);

/* The administrator's policies, which count before those; bee-policy(5). */
#define POLICY_OWN_DIR "/etc/bee/policy"

/*
 * Opens program `name` in the folder of the running one: a descriptor for fexecve,
 * O_RDONLY | O_CLOEXEC, or -errno.
 */
MUST_CHECK int libexec_open(const char *name);

#endif
