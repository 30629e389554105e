/* Fuzzes the reading of bee-ipmi's lines, step sdr. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_psu_sdr, data, size);
}
