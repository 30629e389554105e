/* Fuzzes signature files and keys of minisign: nobody's signature is good. */
#include "minisig.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct minisig_key keys[2] = { { .key = { 1 } }, { .id = { 1 } } };
	struct said said = { "" };
	struct minisig_secret secret;
	struct minisig_key key;
	char *text = xcalloc(1, size + 1);

	if (size)
		memcpy(text, data, size);
	if (!minisig_verify(keys, 2, 1, "body", 4, text, size, &said) || !*said.text)
		abort();
	(void)!minisig_key_read(text, &key);
	(void)!minisig_secret_read(text, &secret, &said);
	free(text);
	return 0;
}
