/* Fuzzes the reading of nvidia-smi's text. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_nvidia_nvlink, data, size);
}
