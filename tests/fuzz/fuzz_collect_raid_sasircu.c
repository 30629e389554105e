/* Fuzzes the reading of sas2ircu's and sas3ircu's text. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_raid_sasircu, data, size);
}
