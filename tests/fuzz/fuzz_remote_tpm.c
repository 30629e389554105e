/* Fuzzes what a TPM, or who sits on its bus, replies. */
#include "tpm.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tpm_key key;
	unsigned char signature[64];

	/* No reply is both. */
	if (!tpm_key_read(data, size, &key) && !tpm_signature_read(data, size, signature))
		abort();
	return 0;
}
