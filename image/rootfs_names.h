/* The names of a file system that a kernel makes of an archive, each in its folder. */
#ifndef BEE_IMAGE_ROOTFS_NAMES_H
#define BEE_IMAGE_ROOTFS_NAMES_H

#include "way.h"

/* What all names of a file have in common. */
struct rootfs_shared {
	unsigned names, mode;
	uint64_t written; /* when that was, after its first name; 0: never */
	char *by;         /* owned; by which name */
};

struct rootfs_node {
	struct rootfs_node *folder; /* borrowed; of the root NULL */
	void *children;             /* of tsearch(3), by name */
	unsigned count;             /* of them */
	unsigned mode;
	size_t path_len;              /* bytes from the root */
	char *target;                 /* owned; of a link */
	struct rootfs_shared *shared; /* of a file with several names; NULL: it has one */
	uint64_t made;                /* when it was given its name */
	const char *name;             /* in its own memory, behind it */
};

struct rootfs_names {
	struct rootfs_node *root; /* owned */
	uint64_t made;            /* names so far */
	uint64_t memory;          /* bytes that they, and others of the caller's, took */
	struct way way;           /* with its detours */
};

void rootfs_names_init(struct rootfs_names *names);
void rootfs_names_done(struct rootfs_names *names);

struct rootfs_node *rootfs_child(const struct rootfs_node *folder, const char *name,
				 size_t len);
/* NULL: no path is so long. `target` may be NULL. */
struct rootfs_node *rootfs_add(struct rootfs_names *names, struct rootfs_node *folder,
			       const char *name, unsigned mode, const char *target);
/* Of one without children. */
void rootfs_remove(struct rootfs_node *node);
/* Of malloc; "" is the root. */
char *rootfs_path(const struct rootfs_node *node);

/* What `path` leads to, links followed; NULL: nothing. */
struct rootfs_node *rootfs_lead(struct rootfs_names *names, const char *path);
/* The folder of its last name, which is *last then, up to the next call; NULL: there is none. */
struct rootfs_node *rootfs_lead_above(struct rootfs_names *names, const char *path,
				      const char **last);
/* One after the other, a folder before what is in it. */
void rootfs_each(const struct rootfs_node *node,
		 void (*each)(void *context, const struct rootfs_node *node),
		 void *context);

#endif
