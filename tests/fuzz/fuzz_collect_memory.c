/* Fuzzes the reading of dmidecode's text, for memory. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_memory_dmi, data, size);
}
