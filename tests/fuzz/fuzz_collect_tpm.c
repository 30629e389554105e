/* Fuzzes the reading of TPMs. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_tpm_sysfs, data, size);
}
