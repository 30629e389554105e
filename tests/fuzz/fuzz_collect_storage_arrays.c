/* Fuzzes the reading of storage/arrays. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_storage_arrays, data, size);
}
