/* Fuzzes EFI boot options and device paths. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_board_efi_boot, data, size);
}
