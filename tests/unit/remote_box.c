/* What a machine seals is libsodium's sealed box, for one key, and the same bytes each time. */
#include "box.h"
#include "tap.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_LEN 38 /* "bee-sealed 1", "key ...", "end" */
#define TEXT "{\"an\":\"audit\"}\n"
#define MAX 4096

static struct minisig_key public_key;
static struct minisig_secret secret, stranger;
static const unsigned char seed[BOX_SEED_BYTES] = { 7 };

/* An id with a zero where minisign prints one digit less. */
static void pair(struct minisig_key *public, struct minisig_secret *out,
		 unsigned char last)
{
	struct minisig_key key = { .id = { 1, 2, 3, 4, 5, 6, 7, last } };

	memcpy(out->id, key.id, sizeof(key.id));
	CHECK(!crypto_sign_keypair(key.key, out->key));
	*public = key;
}

/* Each in the one of four places that comes next. */
static struct bytes sealed_of(const char *text, const unsigned char with[BOX_SEED_BYTES])
{
	static char places[4][MAX];
	static unsigned next;
	struct bytes made = { NULL, 0 }, out = { places[next++ % 4], 0 };
	struct said said = { "" };

	CHECK(!box_seal(&public_key, with, (struct bytes){ text, strlen(text) }, &made,
			&said));
	out.len = made.len;
	memcpy((void *)(uintptr_t)out.at, made.at, made.len);
	free((void *)(uintptr_t)made.at);
	return out;
}

static int opened(const struct minisig_secret *with, struct bytes sealed, size_t max,
		  struct said *said)
{
	struct bytes plain = { NULL, 0 };
	int error = box_open(with, sealed, max, &plain, said);

	if (!error) {
		CHECK_INT(plain.len, strlen(TEXT));
		CHECK(!memcmp(plain.at, TEXT, plain.len));
		free((void *)(uintptr_t)plain.at);
	}
	return error;
}

static void there_and_back(void)
{
	struct bytes sealed = sealed_of(TEXT, seed), again = sealed_of(TEXT, seed),
		     other = sealed_of(TEXT, (const unsigned char[BOX_SEED_BYTES]){ 8 });
	unsigned char box[32], key[32], plain[MAX];
	struct said said = { "" };

	CHECK(!memcmp(sealed.at, "bee-sealed 1\nkey 0807060504030201\nend\n", HEAD_LEN));
	CHECK(!opened(&secret, sealed, strlen(TEXT), &said));
	CHECK(sealed.len == again.len && !memcmp(sealed.at, again.at, sealed.len));
	CHECK(sealed.len == other.len && memcmp(sealed.at, other.at, sealed.len) != 0);
	/* And by libsodium alone. */
	CHECK(!crypto_sign_ed25519_pk_to_curve25519(box, public_key.key));
	CHECK(!crypto_sign_ed25519_sk_to_curve25519(key, secret.key));
	CHECK(!crypto_box_seal_open(plain, (const unsigned char *)sealed.at + HEAD_LEN,
				    sealed.len - HEAD_LEN, box, key));
}

static void changed(void)
{
	struct bytes sealed = sealed_of(TEXT, seed);
	struct said said = { "" };

	for (size_t i = 0; i < sealed.len; i++) {
		AUTO_FREE char *copy = xcalloc(1, sealed.len);

		memcpy(copy, sealed.at, sealed.len);
		copy[i] ^= 1;
		if (!opened(&secret, (struct bytes){ copy, sealed.len }, MAX, &said))
			tap_fail(__FILE__, __LINE__, "byte %zu changed is taken", i);
		if (!opened(&secret, (struct bytes){ sealed.at, i }, MAX, &said))
			tap_fail(__FILE__, __LINE__, "%zu bytes are taken", i);
	}
	CHECK(opened(&stranger, sealed, MAX, &said));
	CHECK_STR(said.text, "sealed: it is not, or not to the key 907060504030201");
	memcpy(stranger.id, secret.id, sizeof(stranger.id));
	CHECK(opened(&stranger, sealed, MAX, &said));
	CHECK_STR(said.text, "sealed: it was changed, or is another key's");
}

/* A box of libsodium's own with something else in it: its maker had the key. */
static void hostile(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *words;
	} rows[] = {
		{ "", 0, "sealed: what is in it has no size that it may have" },
		{ "text", 4, "sealed: what is in it has no size that it may have" },
		/* RFC 8878: a frame that says it holds 4 GiB - 1; and one of 17 bytes, without them. */
		{ "\x28\xb5\x2f\xfd\xa0\xff\xff\xff\xff", 9,
		  "sealed: what is in it has no size that it may have" },
		{ "\x28\xb5\x2f\xfd\x20\x11\x01\x00\x00", 9,
		  "sealed: what is in it cannot be unpacked" },
	};
	unsigned char key[32];

	CHECK(!crypto_sign_ed25519_pk_to_curve25519(key, public_key.key));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes sealed = sealed_of(TEXT, seed);
		AUTO_FREE char *text =
			xcalloc(1, HEAD_LEN + crypto_box_SEALBYTES + rows[i].len);
		struct said said = { "" };

		memcpy(text, sealed.at, HEAD_LEN);
		CHECK(!crypto_box_seal((unsigned char *)text + HEAD_LEN,
				       (const unsigned char *)rows[i].bytes, rows[i].len,
				       key));
		sealed = (struct bytes){ text,
					 HEAD_LEN + crypto_box_SEALBYTES + rows[i].len };
		CHECK(opened(&secret, sealed, MAX, &said));
		CHECK_STR(said.text, rows[i].words);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what is sealed is opened, and is a sealed box", there_and_back, 0 },
		{ "each byte of it counts", changed, 0 },
		{ "what is in it is looked at, too", hostile, 0 },
		{ NULL, NULL, 0 },
	};

	CHECK(sodium_init() >= 0);
	pair(&public_key, &secret, 8);
	pair(&(struct minisig_key){ 0 }, &stranger, 9);
	return tap_main(tests);
}
