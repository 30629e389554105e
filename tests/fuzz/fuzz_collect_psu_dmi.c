/* Fuzzes the reading of dmidecode's power supplies. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_psu_dmi, data, size);
}
