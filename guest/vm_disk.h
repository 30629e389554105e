/*
 * bee-guest-disk: writes files into an ext2, ext3 or ext4 file system that it is given as
 * descriptor 3, by what standard input says. It runs as nobody, under a filter: what it reads
 * was made by others.
 *
 * Orders are lines, some with bytes behind them:
 *
 *   file MODE LENGTH PATH    bytes: the file's, owned by root
 *   own MODE LENGTH PATH     the same; what has the name is ours, and is not kept
 *   more MODE LENGTH PATH    bytes: lines that the file gets which it does not have
 *   fstab LENGTH             bytes: lines behind those of /etc/fstab that stay
 *   link PATH TARGET         a symbolic link
 *   folder MODE PATH         root's, with that mode
 *   copy PATH                what is in that folder, to the top of what descriptor 4 holds
 *   look PATH                says "PATH none", "PATH file", "PATH folder" or "PATH link TARGET"
 *
 * What was there before by the name of a file is kept as NAME.before-bee, once. Names are
 * followed in the file system alone, so a link at one of them leads nowhere else.
 */
#ifndef BEE_GUEST_VM_DISK_H
#define BEE_GUEST_VM_DISK_H

#include "util.h"

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

#define DISK_FILE_MAX (1u << 20) /* bytes, of what is read or written */

/* Exit status: its journal has to be replayed first. */
#define DISK_JOURNAL BEE_TEMPFAIL

/* All return 0 or an error of libext2fs, error_message(3). */

/* The folder of `path`, made with what is above where it is not there; *base: the name in it. */
errcode_t disk_folder(ext2_filsys fs, const char *path, ext2_ino_t *folder, char *base,
		      size_t size);
/* The inode that `name` in `folder` is, itself where it is a link; 0: there is none. */
ext2_ino_t disk_name(ext2_filsys fs, ext2_ino_t folder, const char *name);
/* A new one by that name. */
errcode_t disk_subfolder(ext2_filsys fs, ext2_ino_t folder, const char *name,
			 ext2_ino_t *out);
/* A new file without bytes. */
errcode_t disk_inode(ext2_filsys fs, ext2_ino_t folder, const char *base, unsigned mode,
		     ext2_ino_t *out);
errcode_t disk_make(ext2_filsys fs, const char *path, unsigned mode);
/* keep: what had the name before. */
errcode_t disk_write(ext2_filsys fs, const char *path, unsigned mode, bool keep,
		     const char *bytes, size_t len);
errcode_t disk_link(ext2_filsys fs, const char *path, const char *target);
/* Its bytes, at most DISK_FILE_MAX, with a NUL behind; links are followed. Owned; NULL: no file. */
char *disk_read(ext2_filsys fs, const char *path, size_t *len);

/* What a link says; "" where it cannot be read. Owned. */
char *disk_target(ext2_filsys fs, ext2_ino_t ino, const struct ext2_inode *inode);

/* vm_disk_copy.c: what is in folder `path` of the one, to the top of the other. What is there by
 * a name stays; what is in a folder "root" of it goes to the top, too. */
errcode_t disk_copy(ext2_filsys from, const char *path, ext2_filsys to);

/* vm_disk_fstab.c: what stays of fstab `old`, and `more` behind it. Owned. */
char *disk_fstab(const char *old, const char *more);

#endif
