/* Fuzzes the reading of /proc/cpuinfo. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_cpu_info, data, size);
}
