/*
 * The newc format: what an initramfs is made of. Sources: the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst, init/initramfs.c; cpio(5).
 */
#ifndef BEE_IMAGE_NEWC_H
#define BEE_IMAGE_NEWC_H

#include "util.h"

#define NEWC_HEADER 110 /* bytes: a magic of 6 and 13 fields of 8 hexadecimal digits */
#define NEWC_NAME_MAX                                                                    \
	4096 /* with its NUL; the kernel passes over longer ones (PATH_MAX) */
#define NEWC_LINK_MAX 4096 /* of a link's target; as above */
#define NEWC_TRAILER "TRAILER!!!"

struct newc_header {
	uint32_t ino, mode, uid, gid, nlink, mtime, size;
	uint32_t major, minor, rmajor, rminor;
	uint32_t namesize; /* with the name's NUL */
	uint32_t sum;      /* of the data's bytes, where `summed` */
	bool summed;       /* 070702 */
};

/* Zeros that bring `size` bytes to a multiple of 4. */
static inline unsigned newc_padding(uint64_t size)
{
	return (unsigned)(-size & 3);
}

/* 0, or -EBADMSG: not such a header, and *out is untouched. */
MUST_CHECK int newc_parse(const uint8_t bytes[NEWC_HEADER], struct newc_header *out);
void newc_format(const struct newc_header *header, uint8_t bytes[NEWC_HEADER]);

#endif
