/* Fuzzes the reader of archives, and what a kernel makes of them: it ends, and no entry has more data than its header says. */
#include "rootfs.h"

#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in;
	struct reader r;
	struct rootfs fs;
	unsigned entries = 0;

	input_init_bytes(&in, data, size);
	reader_init(&r, &in);
	rootfs_init(&fs);
	/* A bomb has a hundred thousand entries in a kilobyte. */
	while (entries++ < 4096 && !rootfs_excess(&fs) && reader_next(&r) > 0) {
		const uint8_t *at;
		char target[NEWC_LINK_MAX];
		uint64_t had = 0;
		ptrdiff_t n = -1;

		if (r.entry.name_len >= NEWC_NAME_MAX)
			abort();
		if (S_ISLNK(r.entry.header.mode))
			n = reader_text(&r, target, sizeof(target));
		(void)rootfs_make(&fs, &r.entry, n >= 0 ? target : NULL);
		/* Every second one is passed over. */
		while (entries % 2 && had < 1 << 20 && (n = reader_data(&r, &at)) > 0)
			had += (uint64_t)n;
		if (had > r.entry.header.size)
			abort();
	}
	(void)rootfs_mode(&fs, "init");
	rootfs_done(&fs);
	reader_done(&r);
	input_done(&in);
	return 0;
}
