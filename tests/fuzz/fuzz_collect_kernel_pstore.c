/* Fuzzes the reading of what pstore kept of a crash. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_kernel_pstore, data, size);
}
