/* Fuzzes the reading of a network driver's counters. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_network_errors, data, size);
}
