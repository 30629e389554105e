/* Whether an image drives a machine: its modules and firmware, against what the machine needs. */
#ifndef BEE_IMAGE_DRIVES_H
#define BEE_IMAGE_DRIVES_H

#include "kmods.h"
#include "reader.h"

struct drives {
	struct kmods mods;
	const char *kernel; /* borrowed; the version that is meant, or NULL */
	char *version;      /* owned; whose modules these are; NULL: none were seen */
	bool several;       /* kernels, and none is meant */
	void *firmware;     /* names below lib/firmware, of tsearch(3) */
	char *builtin, *described; /* owned texts of the kernel's build; or NULL */
	size_t builtin_len, described_len;
};

/* An entry that the kernel makes: what it has for this is kept. 0 or reader_data's error. */
MUST_CHECK ptrdiff_t drives_entry(struct drives *d, struct reader *r, const char *path);
/*
 * Prints a line per device of `wants` (wants.h, which it changes) that something drove, or that
 * something in the image would drive. False: one of them lacks its driver or its firmware.
 */
bool drives_print(struct drives *d, char *wants);
void drives_done(struct drives *d);

#endif
