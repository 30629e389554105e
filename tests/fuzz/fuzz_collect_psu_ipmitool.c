/* Fuzzes the reading of ipmitool's text beside bee-ipmi's. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_psu_ipmitool, data, size);
}
