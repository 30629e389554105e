/* Signatures in minisign's format: read, and verified k of n. */
#include "minisig.h"
#include "take.h"

#include <endian.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#define UNTRUSTED "untrusted comment: "
#define TRUSTED "trusted comment: "

/* Exactly `size` bytes of base64, written in the one way there is. */
static int base64(const char *text, unsigned char *out, size_t size)
{
	size_t len;

	if (sodium_base642bin(out, size, text, strlen(text), NULL, &len, NULL,
			      sodium_base64_VARIANT_ORIGINAL))
		return -1;
	return len == size ? 0 : -1;
}

int minisig_key_read(const char *text, struct minisig_key *key)
{
	unsigned char bytes[42];

	if (base64(text, bytes, sizeof(bytes)) || memcmp(bytes, "Ed", 2) != 0)
		return -1;
	memcpy(key->id, bytes + 2, sizeof(key->id));
	memcpy(key->key, bytes + 10, sizeof(key->key));
	return 0;
}

/* The number is little-endian, and printed as minisign does: without zeros before it. */
const char *minisig_id_text(const unsigned char id[8], char out[MINISIG_ID_TEXT])
{
	uint64_t number;

	memcpy(&number, id, sizeof(number));
	(void)snprintf(out, MINISIG_ID_TEXT, "%" PRIX64, le64toh(number));
	return out;
}

int minisig_take(struct take *take, struct minisig *out, struct said *said)
{
	char line[MINISIG_COMMENT_MAX + sizeof(UNTRUSTED)];
	unsigned char bytes[74];

	if (take_line(take, line, sizeof(line)) ||
	    strncmp(line, UNTRUSTED, sizeof(UNTRUSTED) - 1) != 0)
		return say(said, "signature: it does not start with \"" UNTRUSTED "\"%s",
			   take_why(take));
	if (take_line(take, line, sizeof(line)) || base64(line, bytes, sizeof(bytes)))
		return say(said, "signature: its second line is not one%s",
			   take_why(take));
	if (!memcmp(bytes, "Ed", 2))
		return say(said, "signature: not of the file's hash (minisign -H)");
	if (memcmp(bytes, "ED", 2) != 0)
		return say(said, "signature: of a kind that is not known");
	memcpy(out->id, bytes + 2, sizeof(out->id));
	memcpy(out->signature, bytes + 10, sizeof(out->signature));
	if (take_line(take, line, sizeof(line)) ||
	    strncmp(line, TRUSTED, sizeof(TRUSTED) - 1) != 0 ||
	    strlen(line) - (sizeof(TRUSTED) - 1) >= sizeof(out->comment))
		return say(said,
			   "signature: its third line is no \"" TRUSTED "\" of ASCII%s",
			   take_why(take));
	memcpy(out->comment, line + sizeof(TRUSTED) - 1,
	       strlen(line) - (sizeof(TRUSTED) - 1) + 1);
	if (take_line(take, line, sizeof(line)) ||
	    base64(line, out->global, sizeof(out->global)))
		return say(said, "signature: its fourth line is not one%s",
			   take_why(take));
	return 0;
}

static int signature_good(const struct minisig_key *key, const struct minisig *minisig,
			  const unsigned char hash[64], struct said *said)
{
	unsigned char signed_too[64 + MINISIG_COMMENT_MAX];
	size_t len = strlen(minisig->comment);
	char id[MINISIG_ID_TEXT];

	minisig_id_text(key->id, id);
	if (crypto_sign_ed25519_verify_detached(minisig->signature, hash, 64, key->key))
		return say(said, "signature: that of key %s is not of this file", id);
	memcpy(signed_too, minisig->signature, 64);
	memcpy(signed_too + 64, minisig->comment, len);
	if (crypto_sign_ed25519_verify_detached(minisig->global, signed_too, 64 + len,
						key->key))
		return say(said, "signature: the comment of key %s is not signed", id);
	return 0;
}

static int key_find(const struct minisig_key *keys, unsigned count,
		    const unsigned char id[8])
{
	for (unsigned i = 0; i < count; i++)
		if (!memcmp(keys[i].id, id, 8))
			return (int)i;
	return -1;
}

int minisig_verify(const struct minisig_key *keys, unsigned count, unsigned threshold,
		   const void *body, size_t len, const char *signatures,
		   size_t signatures_len, struct said *said)
{
	struct take take = take_begin(signatures, signatures_len);
	bool signed_by[MINISIG_KEYS_MAX] = { false };
	unsigned good = 0, seen = 0;
	unsigned char hash[64];

	crypto_generichash(hash, sizeof(hash), body, len, NULL, 0);
	while (take.at < take.end) {
		struct minisig minisig;
		int key;

		if (++seen > MINISIG_KEYS_MAX)
			return say(said, "signature: more than %d", MINISIG_KEYS_MAX);
		if (minisig_take(&take, &minisig, said))
			return -1;
		key = key_find(keys, count, minisig.id);
		if (key < 0)
			continue;
		if (signature_good(&keys[key], &minisig, hash, said))
			return -1;
		good += !signed_by[key];
		signed_by[key] = true;
	}
	if (good < threshold || good == 0)
		return say(said, "signature: by %u of the trusted keys, %u must sign",
			   good, threshold);
	return 0;
}
