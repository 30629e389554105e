/* Config files of guests, of any bytes: refused with a line, or words without a byte of a shell's. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config;

	if (config_parse(&config, (const char *)data, size)) {
		if (!config.line || !*config.error)
			abort();
		for (const char *at = config.error; *at; at++)
			if (*at < ' ' || *at > '~')
				abort();
	}
	guest_config_done(&config);
	return 0;
}
