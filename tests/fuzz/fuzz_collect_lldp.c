/* Fuzzes the reading of lldp/hear. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_lldp_hear, data, size);
}
