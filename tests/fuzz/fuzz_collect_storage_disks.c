/* Fuzzes the reading of bee-read's lines of drives. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_storage_disks, data, size);
}
