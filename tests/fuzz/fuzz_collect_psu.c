/* Fuzzes the reading of FRUs: ipmitool's text and bee-ipmi's lines. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_psu_fru, data, size);
}
