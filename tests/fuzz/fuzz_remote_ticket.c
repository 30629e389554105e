/* Fuzzes the lines of tickets, receipts, key lists and state objects, signed by a key that the fuzzer has. */
#include "keylist.h"
#include "node.h"
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
	struct node_state state;
	static struct config config;
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
	config = (struct config){ .threshold = 1,
				  .order_key_count = 1,
				  .keys_version = 1 };
	config.order_keys[0] = key;
	if (!keylist_apply(&config, (struct bytes){ text, size + len }, &said) &&
	    (config.keys_version != 2 || config.threshold > config.order_key_count ||
	     !config.keys_not_after))
		abort();
	(void)!keylist_chain(&config, (struct bytes){ text, size + len }, &said);
	if (!node_read(text, size + len, &state, &said) && state.body > size + len)
		abort();
	free(signature);
	free(text);
	return 0;
}
