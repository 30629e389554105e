/*
 * Ed25519 where implementations differ: signatures that are another's bytes for the same, points that are no one's, and
 * numbers that are too large. The classes are those of Wycheproof's vectors (C2SP/wycheproof, ed25519_test.json), made here of
 * keys of our own; BEE_WYCHEPROOF=FILE has the vectors themselves tried, all of them.
 */
#include "remote_signed.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

/* RFC 8032, 5.1: the order of the group, little-endian. */
static const unsigned char order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a,       0x63,
					 0x12, 0x58, 0xd6, 0x9c, 0xf7,       0xa2,
					 0xde, 0xf9, 0xde, 0x14, [31] = 0x10 };

/* S + L: the same signature by other bytes, where S is not compared with L (RFC 8032, 8.4). */
static void order_added(unsigned char s[32])
{
	unsigned carry = 0;

	for (size_t i = 0; i < 32; i++) {
		carry += (unsigned)s[i] + order[i];
		s[i] = (unsigned char)carry;
		carry >>= 8;
	}
}

/* What minisig_verify says of a file of one signature, of which `change` has changed the 64 bytes. */
static int verdict(const struct pair *pair, void (*change)(unsigned char signature[64]))
{
	AUTO_FREE char *text = minisig_sign(&pair->secret, "body", 4, "c");
	char *line = strchr(text, '\n') + 1;
	unsigned char bytes[74];
	char again[101];
	struct said said = { "" };

	line[100] = '\0';
	CHECK(!sodium_base642bin(bytes, sizeof(bytes), line, 100, NULL, NULL, NULL,
				 sodium_base64_VARIANT_ORIGINAL));
	change(bytes + 10);
	sodium_bin2base64(again, sizeof(again), bytes, sizeof(bytes),
			  sodium_base64_VARIANT_ORIGINAL);
	memcpy(line, again, 100);
	line[100] = '\n';
	return minisig_verify(&pair->key, 1, 1, "body", 4, text, strlen(text), &said);
}

static void nothing(unsigned char s[64])
{
	(void)s;
}

static void malleable(unsigned char s[64])
{
	order_added(s + 32);
}

static void high_bits(unsigned char s[64])
{
	s[63] |= 0xe0;
}

static void s_zero(unsigned char s[64])
{
	memset(s + 32, 0, 32);
}

static void s_order(unsigned char s[64])
{
	memcpy(s + 32, order, 32);
}

static void all_zero(unsigned char s[64])
{
	memset(s, 0, 64);
}

static void all_ones(unsigned char s[64])
{
	memset(s, 0xff, 64);
}

/* The neutral point and S = 0: good for each text, by a key that is the neutral point, too. */
static void neutral(unsigned char s[64])
{
	memset(s, 0, 64);
	s[0] = 1;
}

static void r_sign(unsigned char s[64])
{
	s[31] ^= 0x80;
}

static void r_of_p(unsigned char s[64])
{
	/* y = p, which is 0 written otherwise. */
	memset(s, 0xff, 32);
	s[0] = 0xed;
	s[31] = 0x7f;
}

static void signatures(void)
{
	static const struct {
		const char *name;
		void (*change)(unsigned char signature[64]);
	} bad[] = {
		{ "S + L", malleable },   { "S with its high bits", high_bits },
		{ "S = 0", s_zero },      { "S = L", s_order },
		{ "all zero", all_zero }, { "all ones", all_ones },
		{ "neutral", neutral },   { "R's sign", r_sign },
		{ "R = p", r_of_p },
	};
	struct pair us;

	pair_make(&us);
	CHECK(!verdict(&us, nothing));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (!verdict(&us, bad[i].change))
			tap_fail(__FILE__, __LINE__, "taken: %s", bad[i].name);
}

/* A key of small order signs everything: nobody has made it, and TRUST may have been talked into it. */
static void small_keys(void)
{
	static const unsigned char firsts[] = { 0, 1 };
	struct pair us;

	pair_make(&us);
	for (size_t i = 0; i < ARRAY_LEN(firsts); i++) {
		memset(us.key.key, 0, sizeof(us.key.key));
		us.key.key[0] = firsts[i];
		CHECK(verdict(&us, neutral));
		CHECK(verdict(&us, all_zero));
	}
}

static size_t bytes_of(const json_t *from, const char *name, unsigned char *out,
		       size_t max)
{
	const char *hex = json_string_value(json_object_get(from, name));
	size_t len;

	CHECK(hex);
	CHECK(!sodium_hex2bin(out, max, hex, strlen(hex), NULL, &len, NULL));
	return len;
}

static void vectors(void)
{
	const char *path = getenv("BEE_WYCHEPROOF");
	json_t *file, *group, *test;
	size_t i, k, count = 0;

	if (!path)
		tap_skip("BEE_WYCHEPROOF names no ed25519_test.json");
	file = json_load_file(path, 0, NULL);
	CHECK(file);
	json_array_foreach(json_object_get(file, "testGroups"), i, group)
	{
		unsigned char key[32];

		CHECK_INT(bytes_of(json_object_get(group, "publicKey"), "pk", key, 32),
			  32);
		json_array_foreach(json_object_get(group, "tests"), k, test)
		{
			unsigned char text[4096], signature[4096];
			size_t len = bytes_of(test, "msg", text, sizeof(text)),
			       size = bytes_of(test, "sig", signature, 4096);
			bool is = size == 64 && !crypto_sign_ed25519_verify_detached(
							signature, text, len, key),
			     valid = !strcmp(
				     json_string_value(json_object_get(test, "result")),
				     "valid");

			if (is != valid)
				tap_fail(__FILE__, __LINE__, "test %lld",
					 json_integer_value(
						 json_object_get(test, "tcId")));
			count++;
		}
	}
	CHECK_INT(count, json_integer_value(json_object_get(file, "numberOfTests")));
	printf("# %zu vectors\n", count);
	json_decref(file);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a signature has one form, and no other bytes are one", signatures, 0 },
		{ "a key that signs everything signs nothing", small_keys, 0 },
		{ "Wycheproof's vectors", vectors, 60 },
		{ NULL, NULL, 0 },
	};

	if (sodium_init() < 0)
		return 1;
	return tap_main(tests);
}
