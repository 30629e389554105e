/* Mounts that are made somewhere else than where they end up. */
#ifndef BEE_ROOT_MOUNTS_H
#define BEE_ROOT_MOUNTS_H

#include "util.h"

#define MOUNTS_DATA (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* A new file system of `type`; options are key, value pairs up to NULL. A descriptor or -1. */
int mounts_new(const char *type, const char *const *options, unsigned attrs);
/* A detached copy of what is at `path`, with its own mounts where `all`, -1. */
int mounts_copy(const char *path, bool all);
/* Closes `fd` and puts it over `path`. 0 or -1. */
MUST_CHECK int mounts_place(int fd, const char *path);
/* Folder `path` with those above it; what is there already is good. 0 or -1. */
MUST_CHECK int mounts_folder(const char *path);
/* The same for a file. */
MUST_CHECK int mounts_file(const char *path);

#endif
