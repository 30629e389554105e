/* Fuzzes the reading of SAS links. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_storage_phys, data, size);
}
