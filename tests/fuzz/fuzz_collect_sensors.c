/* Fuzzes the reading of monitoring chips. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_sensors_hwmon, data, size);
}
