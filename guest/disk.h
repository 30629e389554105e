/* Disk images: their partitions, loop devices over them, and the mounts of those. */
#ifndef BEE_GUEST_DISK_H
#define BEE_GUEST_DISK_H

#include "guest.h"

/* What is mounted; others are code of the kernel that hostile images have been found for. */
#define DISK_TYPES "ext2 ext3 ext4 xfs btrfs squashfs erofs"

struct disk_range {
	uint64_t offset, size; /* bytes */
};

/*
 * Where partition `number` of the image is (0: the whole of it). 0, or -errno with why:
 * no table, no such partition, one that leaves the image or lies over another.
 */
MUST_CHECK int disk_range(int image, unsigned number, struct disk_range *range, char *why,
			  size_t size);
/* The type of the file system there: one of DISK_TYPES, else -EMEDIUMTYPE with why. */
MUST_CHECK int disk_type(int image, const struct disk_range *range, char type[16],
			 char *why, size_t size);

/* Text that is one of DISK_TYPES. */
bool disk_type_known(const char *type);

struct disk_seen {
	int error; /* 0, or -errno with why */
	unsigned partition;
	struct disk_range range;
	char type[16]; /* of the file system there, "": none that is mounted, and why */
	char why[200];
};

/*
 * Both of these, asked of a process that has no rights and some seconds. With `first`, and
 * `number` 0, an image that is no file system but has partitions is looked at in its first.
 * seen->error.
 */
MUST_CHECK int disk_look(int image, unsigned number, bool first, struct disk_seen *seen);

/*
 * Takes the image for whoever has this descriptor, or what was made of it (a loop device, QEMU):
 * alone to write it, with others to read it. 0, -EBUSY: somebody has it; -errno.
 */
MUST_CHECK int disk_hold(int image, bool write);

/* The number of a loop device that is free at this moment, or -errno. */
MUST_CHECK int loop_free(void);
/*
 * Makes loop device `number` one of `range` of `image`, which is there until it is cleared, and
 * whose owner is read from it (loop_each). Its descriptor; -EBUSY: somebody was faster;
 * -errno.
 */
MUST_CHECK int loop_make(int number, int image, const struct disk_range *range,
			 const char *id, bool read_only);
/* Calls `each` with every loop device that a guest has. */
void loop_each(void (*each)(int number, const char *id, void *data), void *data);
/* Lets it go, if it is that guest's still; mounted, the kernel does so when it is not any more. */
void loop_clear(int number, const char *id);

/* A new mount of loop device `number` on `folder`, never with devices. 0 or -errno. */
MUST_CHECK int disk_mount(int number, const char *type, const char *folder, bool nosuid);

#endif
