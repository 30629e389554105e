/* Fuzzes the reading of memory errors. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_memory_edac, data, size);
}
