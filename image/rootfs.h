/*
 * The file system that a kernel makes of an archive, as names alone: init/initramfs.c step by
 * step, to say what it drops.
 */
#ifndef BEE_IMAGE_ROOTFS_H
#define BEE_IMAGE_ROOTFS_H

#include "reader.h"
#include "rootfs_names.h"

/*
 * What no image needs. Names and what links lead to may take so many bytes; and links may lead through so
 * many names, besides one for every few bytes of the archive: 80,000 lie on a path of 3 bytes.
 */
#define ROOTFS_MEMORY (UINT64_C(512) << 20)
#define ROOTFS_DETOURS UINT64_C(1000000)
#define ROOTFS_DETOUR_BYTES 4u

struct rootfs {
	struct rootfs_names names;
	void *links;       /* first names, by epoch and inode */
	uint64_t from;     /* rootfs_changed is about entries from this byte on */
	uint64_t unpacked; /* bytes of the archive so far */
};

/* With what the kernel's own archive holds (usr/default_cpio_list). */
void rootfs_init(struct rootfs *fs);
/*
 * The kernel's answer to an entry; `target` is a link's, NULL where it is too long. NULL: it
 * is made, else why it is not.
 */
const char *rootfs_make(struct rootfs *fs, const struct reader_entry *entry,
			const char *target);
/* What makes no sense in the archive so far, and ends its reading; NULL: nothing. */
const char *rootfs_excess(const struct rootfs *fs);
/*
 * Each name that is not as its own entry made it: it is the same file as `by`, which came again, and the kernel
 * wrote into that.
 */
void rootfs_changed(const struct rootfs *fs,
		    void (*tell)(void *context, const char *name, const char *by),
		    void *context);
/* The mode of what `path` leads to, links followed; 0: nothing. */
unsigned rootfs_mode(struct rootfs *fs, const char *path);
/* An entry of this name would be what `path` leads to: for links that end in /init. */
bool rootfs_leads_to(struct rootfs *fs, const char *path, const char *name);
void rootfs_done(struct rootfs *fs);

#endif
