/* Fuzzes the list of an image's chunks: what is taken is within its bounds, and made of these lines alone. */
#include "chunks.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct chunks chunks;
	struct said said = { "" };
	uint64_t all = 0;

	if (chunks_read((const char *)data, size, &chunks, &said)) {
		if (!*said.text)
			abort();
		return 0;
	}
	if (!chunks_in_range(&chunks))
		abort();
	for (uint32_t i = 0; i < chunks.count; i++)
		all += chunks_len(&chunks, i);
	if (all != chunks.size || size < (size_t)chunks.count * (SHA256_HEX + 1))
		abort();
	return 0;
}
