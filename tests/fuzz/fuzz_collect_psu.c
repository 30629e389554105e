/* Fuzzes the reading of ipmitool's text. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_psu_fru, data, size);
}
