/* Fuzzes signature files and keys of minisign, and gpgv's status lines: nobody's signature is good. */
#include "gpg.h"
#include "minisig.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct minisig_key keys[2] = { { .key = { 1 } }, { .id = { 1 } } };
	static const char whole[] =
		"-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n";
	struct said said = { "" };
	struct minisig_secret secret;
	struct minisig_key key;
	char *text = xcalloc(1, size + 1);

	if (size)
		memcpy(text, data, size);
	if (!minisig_verify(keys, 2, 1, "body", 4, text, size, &said) || !*said.text)
		abort();
	/* Whatever gpgv says: by as many keys as are asked for, and around the message there is nothing. */
	if (!gpg_judge((struct bytes){ text, size }, (struct bytes){ text, size }, 1, 0,
		       &said))
		abort();
	(void)!gpg_judge((struct bytes){ whole, sizeof(whole) - 1 },
			 (struct bytes){ text, size }, 2, INT64_MAX, &said);
	(void)!minisig_key_read(text, &key);
	(void)!minisig_secret_read(text, &secret, &said);
	free(text);
	return 0;
}
