/* Fuzzes the reading of storage/enclosure. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_storage_enclosure, data, size);
}
