/* Fuzzes the reading of nvme-cli's sanitize log. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_storage_nvme_sanitize, data, size);
}
