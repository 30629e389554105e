/*
 * Programs of other kinds, which the kernel starts by an interpreter of theirs: binfmt_misc
 * (Documentation/admin-guide/binfmt-misc.rst).
 */
#ifndef BEE_TRACE_BINFMT_H
#define BEE_TRACE_BINFMT_H

#include "util.h"

#define BINFMT_FOLDER "/proc/sys/fs/binfmt_misc"
#define BINFMT_HEAD 256u /* bytes of a program that are looked at: BINPRM_BUF_SIZE */

struct binfmt {
	struct binfmt *next;
	char *interpreter, *extension; /* owned; NULL: it is known by its bytes */
	size_t offset, len;
	uint8_t magic[BINFMT_HEAD], mask[BINFMT_HEAD];
};

/* Those that are on, of malloc; NULL: none are, or the kernel has no such thing. An interpreter that
 * was opened when it was registered (flag F) is no file of a tree, and left out. */
struct binfmt *binfmt_read(const char *folder);
/* The interpreter of a program that begins so and is named so; NULL: none. */
const char *binfmt_find(const struct binfmt *all, const char *head, size_t len,
			const char *path);
void binfmt_free(struct binfmt *all);

#endif
