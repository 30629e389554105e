/* Fuzzes what a kernel module says of itself, plain and compressed. */
#include "modinfo.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len, at = 0;
	uint64_t unpacked = 0;
	const char *value;
	char *info;

	if (modinfo_read(data, size, &info, &len, &unpacked))
		return 0;
	while ((value = modinfo_next(info, len, "alias", &at)))
		if (value + strlen(value) > info + len)
			abort();
	free(info);
	return 0;
}
