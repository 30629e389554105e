/* Fuzzes what a TPM, or who sits on its bus, replies. */
#include "tpm_floor.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tpm_key key;
	struct tpm_floor floor;
	unsigned char signature[64];

	/* No reply is both. */
	if (!tpm_key_read(data, size, &key) && !tpm_signature_read(data, size, signature))
		abort();
	/* Form, done, sequence, order, behind header and sizes. */
	if (!tpm_floor_reply(data, size, &floor) && size < 58)
		abort();
	return 0;
}
