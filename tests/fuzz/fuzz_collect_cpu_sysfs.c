/* Fuzzes the counting of processors. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_cpu_sysfs, data, size);
}
