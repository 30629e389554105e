/* Fuzzes the reading of nvme error-log. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_storage_nvme_errors, data, size);
}
