/* What goes into an image: objects by path, each once. At most 300 bytes of memory a path. */
#ifndef BEE_IMAGE_OBJECTS_H
#define BEE_IMAGE_OBJECTS_H

#include "util.h"

enum object_source {
	OBJECT_TREE,  /* as it is in the reference tree */
	OBJECT_MADE,  /* a folder or device node of ours */
	OBJECT_BYTES, /* a file of ours, or from outside the tree */
};

struct object {
	const char *path;   /* no leading slash; owned by the set */
	uint64_t dev, node; /* the tree's; of files with other names, else 0 */
	uint32_t mode, uid, gid, mtime, rmajor, rminor;
	uint64_t size;       /* of OBJECT_TREE, when it was looked at */
	uint32_t ino, nlink; /* the image's; by objects_number */
	uint32_t twin; /* the group's next object, for a hard link; 0: it has the data */
	enum object_source source;
	uint32_t cause; /* why it is there: causes.h */
	uint32_t len;   /* of the bytes */
	char *bytes;    /* owned; of OBJECT_BYTES, else NULL */
};

struct objects_block;

struct objects {
	struct object *all; /* [0, count); after objects_number in order */
	size_t count, room;
	uint32_t *slots; /* hash of paths: index + 1; 0: none */
	size_t slot_count;
	struct objects_block *block; /* where paths are put */
	size_t block_at, block_size; /* bytes of it: used, all */
};

/* NULL: it is not there. Both are valid until the next objects_add. */
struct object *objects_find(const struct objects *set, const char *path);
/* A new one, which the caller fills in; `path` is copied and is not there yet. */
struct object *objects_add(struct objects *set, const char *path);
/* A file of `mode` with these bytes, which it takes; in place of what has its path. */
void objects_put(struct objects *set, const char *path, uint32_t mode, char *bytes,
		 uint32_t len);
/*
 * Sorts by path, bytewise, which puts each folder before what is in it; numbers inodes from 1;
 * joins the names of one file: all have its number, and the last its data.
 */
void objects_number(struct objects *set);
/* Seconds, as newc can hold them. */
uint32_t object_time(int64_t seconds);
void objects_done(struct objects *set);

#endif
