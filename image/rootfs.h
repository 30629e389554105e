/*
 * The file system that a kernel makes of an archive, as names alone: init/initramfs.c step by
 * step, to say what it drops.
 */
#ifndef BEE_IMAGE_ROOTFS_H
#define BEE_IMAGE_ROOTFS_H

#include "reader.h"

struct rootfs_node; /* a name that is there */

struct rootfs {
	void *nodes;   /* of tsearch(3), by path */
	void *links;   /* first names, by epoch and inode */
	uint64_t made; /* names so far */
	uint64_t from; /* rootfs_changed is about entries from this byte on */
};

/* With what the kernel's own archive holds (usr/default_cpio_list). */
void rootfs_init(struct rootfs *fs);
/*
 * The kernel's answer to an entry; `target` is a link's, NULL where it is too long. NULL: it
 * is made, else why it is not.
 */
const char *rootfs_make(struct rootfs *fs, const struct reader_entry *entry,
			const char *target);
/*
 * Each name that is not as its own entry made it: it is the same file as `by`, which came again, and the kernel
 * wrote into that.
 */
void rootfs_changed(const struct rootfs *fs,
		    void (*tell)(void *context, const char *name, const char *by),
		    void *context);
/* The mode of what `path` leads to, links followed; 0: nothing. */
unsigned rootfs_mode(const struct rootfs *fs, const char *path);
/* An entry of this name would be what `path` leads to: for links that end in /init. */
bool rootfs_leads_to(const struct rootfs *fs, const char *path, const char *name);
void rootfs_done(struct rootfs *fs);

#endif
