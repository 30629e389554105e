/* Fuzzes the reading of bee-cciss's lines and of smartctl's JSON between them. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_cciss_smart, data, size);
}
