/*
 * What a kernel module says of itself: "key=value" texts in the section .modinfo of its ELF file
 * (linux/module.h, MODULE_INFO; elf(5)).
 */
#ifndef BEE_IMAGE_MODINFO_H
#define BEE_IMAGE_MODINFO_H

#include "util.h"

#define MODINFO_MAX (4u << 20) /* bytes of the section; amdgpu has 60 KB */
#define MODINFO_FILE                                                                     \
	(256u << 20) /* bytes of a module's file, decompressed; nvidia has 60 MB */

/* The section, in `file`. 0, or -EBADMSG: it is no such file, or has none. */
MUST_CHECK int modinfo_find(const uint8_t *file, size_t len, const char **info,
			    size_t *info_len);
/* The same of a file as it is in lib/modules, perhaps compressed; *info is of malloc. -EFBIG:
 * over MODINFO_FILE, or it wants too much memory. What it is decompressed to is added to *unpacked. */
MUST_CHECK int modinfo_read(const uint8_t *file, size_t len, char **info,
			    size_t *info_len, uint64_t *unpacked);

/* The next value of `key`; *at is 0 for the first. NULL: there is no more. It ends in a NUL. */
const char *modinfo_next(const char *info, size_t len, const char *key, size_t *at);

#endif
