/* Fuzzes the reading of what a system calls itself. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_identity_host, data, size);
}
