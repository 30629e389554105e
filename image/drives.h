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
	uint64_t unpacked,
		info_bytes; /* of all modules: decompressed; what they say of themselves */
};

/* What no kernel's modules are; Debian's are 400 MB, and say 20 MB of themselves. */
#define DRIVES_UNPACKED (UINT64_C(4) << 30)
#define DRIVES_INFO (UINT64_C(128) << 20)

/* An entry that the kernel makes: what it has for this is kept. 0, reader_data's error, or -EFBIG. */
MUST_CHECK ptrdiff_t drives_entry(struct drives *d, struct reader *r, const char *path);
/* What makes no sense in the modules so far, and ends the reading; NULL: nothing. */
const char *drives_excess(const struct drives *d);
/*
 * Prints a line per device of `wants` (wants.h, which it changes) that something drove, or that
 * something in the image would drive. False: one of them lacks its driver or its firmware.
 */
bool drives_print(struct drives *d, char *wants);
void drives_done(struct drives *d);

#endif
