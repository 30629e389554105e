/* A document in a box, for the holder of one key. */
#include "box.h"

#include "util.h"

#include <endian.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define LEVEL 3
#define HEAD_LEN (sizeof("bee-sealed 1\nkey 0123456789ABCDEF\nend\n") - 1)

/* For whom it is: the key's id as minisign prints it, but with its first zeros. */
static void head_make(const unsigned char id[8], char out[HEAD_LEN + 1])
{
	uint64_t number;

	memcpy(&number, id, sizeof(number));
	(void)snprintf(out, HEAD_LEN + 1, "bee-sealed 1\nkey %016" PRIX64 "\nend\n",
		       le64toh(number));
}

/* crypto_box_seal(3), but that the pair of one use is made from a seed. */
static int seal(const unsigned char key[crypto_box_PUBLICKEYBYTES],
		const unsigned char seed[BOX_SEED_BYTES], const unsigned char *text,
		size_t len, unsigned char *out)
{
	unsigned char once[crypto_box_SEEDBYTES], secret[crypto_box_SECRETKEYBYTES];
	unsigned char nonce[crypto_box_NONCEBYTES];
	crypto_generichash_state state;
	int error;

	error = crypto_generichash(once, sizeof(once), text, len, seed, BOX_SEED_BYTES) ||
		crypto_box_seed_keypair(out, secret, once) ||
		crypto_generichash_init(&state, NULL, 0, sizeof(nonce)) ||
		crypto_generichash_update(&state, out, crypto_box_PUBLICKEYBYTES) ||
		crypto_generichash_update(&state, key, crypto_box_PUBLICKEYBYTES) ||
		crypto_generichash_final(&state, nonce, sizeof(nonce)) ||
		crypto_box_easy(out + crypto_box_PUBLICKEYBYTES, text, len, nonce, key,
				secret);
	sodium_memzero(once, sizeof(once));
	sodium_memzero(secret, sizeof(secret));
	return error ? -1 : 0;
}

int box_seal(const struct minisig_key *key, const unsigned char seed[BOX_SEED_BYTES],
	     struct bytes document, struct bytes *out, struct said *said)
{
	size_t size = ZSTD_compressBound(document.len), len;
	AUTO_FREE unsigned char *packed = xcalloc(1, size);
	unsigned char box[crypto_box_PUBLICKEYBYTES];
	char *text;

	len = ZSTD_compress(packed, size, document.at, document.len, LEVEL);
	if (ZSTD_isError(len) || crypto_sign_ed25519_pk_to_curve25519(box, key->key))
		return say(said, "document: it cannot be sealed");
	text = xcalloc(1, HEAD_LEN + crypto_box_SEALBYTES + len + 1);
	head_make(key->id, text);
	if (seal(box, seed, packed, len, (unsigned char *)text + HEAD_LEN)) {
		free(text);
		return say(said, "document: it cannot be sealed");
	}
	*out = (struct bytes){ text, HEAD_LEN + crypto_box_SEALBYTES + len };
	return 0;
}

static int unpack(const unsigned char *packed, size_t len, size_t max, struct bytes *out,
		  struct said *said)
{
	unsigned long long size = ZSTD_getFrameContentSize(packed, len);
	char *text;

	if (size > max) /* unknown, and wrong, are large numbers */
		return say(said, "sealed: what is in it has no size that it may have");
	text = xcalloc(1, size + 1);
	if (ZSTD_decompress(text, size, packed, len) != size) {
		free(text);
		return say(said, "sealed: what is in it cannot be unpacked");
	}
	*out = (struct bytes){ text, size };
	return 0;
}

int box_open(const struct minisig_secret *secret, struct bytes sealed, size_t max,
	     struct bytes *out, struct said *said)
{
	unsigned char public[crypto_box_PUBLICKEYBYTES],
		private[crypto_box_SECRETKEYBYTES];
	AUTO_FREE unsigned char *packed = NULL;
	char id[MINISIG_ID_TEXT], head[HEAD_LEN + 1];
	int error;

	head_make(secret->id, head);
	if (sealed.len < HEAD_LEN + crypto_box_SEALBYTES ||
	    memcmp(sealed.at, head, HEAD_LEN) != 0)
		return say(said, "sealed: it is not, or not to the key %s",
			   minisig_id_text(secret->id, id));
	packed = xcalloc(1, sealed.len);
	/* Behind its seed a secret key has the public one. */
	error = crypto_sign_ed25519_pk_to_curve25519(public, secret->key + 32) ||
		crypto_sign_ed25519_sk_to_curve25519(private, secret->key) ||
		crypto_box_seal_open(packed, (const unsigned char *)sealed.at + HEAD_LEN,
				     sealed.len - HEAD_LEN, public, private);
	sodium_memzero(private, sizeof(private));
	if (error)
		return say(said, "sealed: it was changed, or is another key's");
	return unpack(packed, sealed.len - HEAD_LEN - crypto_box_SEALBYTES, max, out,
		      said);
}
