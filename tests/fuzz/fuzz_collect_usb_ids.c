/* Fuzzes the reading of USB devices. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_usb_ids, data, size);
}
