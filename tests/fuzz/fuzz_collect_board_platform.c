/* Fuzzes the reading of platform devices. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_board_platform, data, size);
}
