/* Files that nobody but root can have put where they are. */
#ifndef BEE_LANGUAGE_TRUSTED_H
#define BEE_LANGUAGE_TRUSTED_H

#include "util.h"

/*
 * Opens an absolute path, with O_CLOEXEC | O_NOFOLLOW besides `flags`, if / and each folder on the
 * way and the file itself belong to root and may be written by nobody else; a link on the way is
 * none of these. Returns a descriptor; or -errno, and *why (owned) says it in words. A path that
 * is not there is -ENOENT, whoever could make it.
 */
MUST_CHECK int trusted_open(const char *path, int flags, char **why);

#endif
