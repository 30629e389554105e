/* Fuzzes the reading of AMD's and Intel's GPUs. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_gpu_sysfs, data, size);
}
