/* Which mounts show something of the reference tree, and where in it (proc_pid_mountinfo(5)). */
#ifndef BEE_TRACE_MOUNTINFO_H
#define BEE_TRACE_MOUNTINFO_H

#include "util.h"

#include <limits.h>
#include <sys/types.h>

struct mount_info {
	uint64_t key; /* of the mount, as statx(2) tells it */
	nsec_t read;  /* when its line was read */
	bool ours;    /* it is of the tree's file system */
	char *root;   /* owned; what of the file system it shows, "" is all */
	char *point;  /* owned; where it is, seen from its namespace's root, "" is that */
};

struct mounts {
	struct mount_info *all; /* owned */
	size_t count;
	pid_t first;  /* pid 1 of the run */
	char *device; /* owned; "major:minor" of the tree's file system */
	char *top;    /* owned; the tree's folder in that, "" is all */
	bool unique;  /* the kernel has numbers of mounts that do not come again */
	nsec_t moved; /* when something was mounted or moved last */
	bool moving;  /* something may be at any moment */
};

/* The tree is what `first` has at its root. 0 or -errno. */
MUST_CHECK int mountinfo_init(struct mounts *mounts, pid_t first);
/* Something was mounted, unmounted or moved. */
void mountinfo_moved(struct mounts *mounts, nsec_t now);
/*
 * Of `path` below `fd`, "" is that itself, links not followed, and *mode its type; for `task`,
 * whose root is at `root`. NULL: errno, EIO where it is not known. Valid until the next call.
 */
const struct mount_info *mountinfo_of(struct mounts *mounts, int fd, const char *path,
				      pid_t task, const char *root, unsigned *mode);
/* What was found out of a mount of this number; NULL: nothing that still holds. Valid as above. */
const struct mount_info *mountinfo_known(const struct mounts *mounts, uint64_t key);
/*
 * Where `path`, seen from the namespace's root, is in the tree: "" is its root, else no leading
 * slash. False: it is not in the tree. `to` has PATH_MAX bytes.
 */
bool mountinfo_tree_path(const struct mounts *mounts, const struct mount_info *info,
			 const char *path, char *to);

#endif
