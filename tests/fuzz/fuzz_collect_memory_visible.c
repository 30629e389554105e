/* Fuzzes the reading of node sizes. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_memory_visible, data, size);
}
