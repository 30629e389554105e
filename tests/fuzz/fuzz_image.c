/* Fuzzes the reader of archives: it ends, and no entry has more data than its header says. */
#include "reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in;
	struct reader r;
	unsigned entries = 0;

	input_init_bytes(&in, data, size);
	reader_init(&r, &in);
	/* A bomb has a hundred thousand entries in a kilobyte. */
	while (entries++ < 4096 && reader_next(&r) > 0) {
		const uint8_t *at;
		uint64_t had = 0;
		ptrdiff_t n;

		if (r.entry.name_len >= NEWC_NAME_MAX)
			abort();
		/* Every second one is passed over. */
		while (entries % 2 && had < 1 << 20 && (n = reader_data(&r, &at)) > 0)
			had += (uint64_t)n;
		if (had > r.entry.header.size)
			abort();
	}
	reader_done(&r);
	input_done(&in);
	return 0;
}
