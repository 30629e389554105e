/* Fuzzes the reading of lspci's text. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_pcie_lspci, data, size);
}
