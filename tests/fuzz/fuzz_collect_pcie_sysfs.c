/* Fuzzes the reading of bee-read's lines of PCI functions. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_pcie_sysfs, data, size);
}
