/* Fuzzes the lines of tickets and receipts, signed by a key that the fuzzer has. */
#include "ticket.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct minisig_secret secret;
	static struct minisig_key key;
	struct said said = { "" };
	struct receipt receipt;
	struct ticket ticket;
	char *signature, *text;
	size_t len;

	if (!secret.key[63]) {
		char words[MINISIG_SECRET_TEXT], public[MINISIG_PUBLIC_TEXT];
		char id[MINISIG_ID_TEXT];

		if (sodium_init() < 0)
			abort();
		minisig_new(words, public, id);
		if (minisig_secret_read(words, &secret, &said) ||
		    minisig_key_read(public, &key))
			abort();
	}
	/* As it is, without a signature: nothing of it is taken. */
	if (!ticket_read(&key, (const char *)data, size, &ticket, &said))
		abort();
	signature = minisig_sign(&secret, data, size, "fuzz");
	len = strlen(signature);
	text = xcalloc(1, size + len + 1);
	if (size)
		memcpy(text, data, size);
	memcpy(text + size, signature, len + 1);
	(void)!ticket_read(&key, text, size + len, &ticket, &said);
	(void)!receipt_read(&key, text, size + len, &receipt, &said);
	free(signature);
	free(text);
	return 0;
}
