/* Fuzzes the reading of storcli's JSON of drives. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_raid_drives, data, size);
}
