/* Fuzzes what the kernel kept of SMBIOS. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_board_sysfs, data, size);
}
