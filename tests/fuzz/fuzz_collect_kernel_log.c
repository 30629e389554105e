/* Fuzzes the reading of lines of the kernel's log. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_kernel_log, data, size);
}
