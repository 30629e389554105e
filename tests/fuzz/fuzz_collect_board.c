/* Fuzzes the reading of dmidecode's text, for the board. */
#include "fuzz_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_collect(collect_board_dmi, data, size);
}
