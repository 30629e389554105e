/* Signatures in minisign's format: keys made, and used. */
#include "minisig.h"
#include "take.h"

#include <sodium.h>
#include <string.h>

/*
 * minisign's secret key: "Ed", the way it is encrypted ("Sc", or two zeros), "B2", salt (32), two
 * numbers for scrypt (8 each), then id (8), key (64) and a checksum (32).
 */
enum {
	SECRET_KIND = 2,
	SECRET_SALT = 6,
	SECRET_ID = 54,
	SECRET_KEY = 62,
	SECRET_SIZE = 158,
	SECRET_LINE = 256, /* in base64 */
};

int minisig_secret_read(const char *text, struct minisig_secret *out, struct said *said)
{
	unsigned char bytes[SECRET_SIZE];
	size_t len;

	if (sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL, &len, NULL,
			      sodium_base64_VARIANT_ORIGINAL) ||
	    len != sizeof(bytes) || memcmp(bytes, "Ed", 2) != 0)
		return say(said, "no secret key of minisign");
	if (!memcmp(bytes + SECRET_KIND, "Sc", 2))
		return say(said, "it has a password: sign with minisign -S -H");
	if (bytes[SECRET_KIND] || bytes[SECRET_KIND + 1])
		return say(said, "a secret key of a kind that is not known");
	memcpy(out->id, bytes + SECRET_ID, 8);
	memcpy(out->key, bytes + SECRET_KEY, 64);
	sodium_memzero(bytes, sizeof(bytes));
	return 0;
}

int minisig_secret_file(const char *text, size_t len, struct minisig_secret *out,
			struct said *said)
{
	struct take take = take_begin(text, len);
	char line[SECRET_LINE];
	int error = -1;

	if (take_line(&take, line, sizeof(line)) || take_line(&take, line, sizeof(line)))
		say(said, "no secret key of minisign");
	else
		error = minisig_secret_read(line, out, said);
	sodium_memzero(line, sizeof(line));
	return error;
}

static void text_of(const unsigned char *bytes, size_t len, char *out, size_t size)
{
	sodium_bin2base64(out, size, bytes, len, sodium_base64_VARIANT_ORIGINAL);
}

static void sign(const struct minisig_secret *secret, const void *body, size_t len,
		 const char *comment, unsigned char bytes[74], unsigned char global[64])
{
	unsigned char hash[64];
	size_t comment_len = strlen(comment);
	AUTO_FREE unsigned char *signed_too = xcalloc(1, 64 + comment_len + 1);

	bytes[0] = 'E';
	bytes[1] = 'D';
	crypto_generichash(hash, sizeof(hash), body, len, NULL, 0);
	memcpy(bytes + 2, secret->id, 8);
	crypto_sign_ed25519_detached(bytes + 10, NULL, hash, sizeof(hash), secret->key);
	memcpy(signed_too, bytes + 10, 64);
	(void)snprintf((char *)signed_too + 64, comment_len + 1, "%s", comment);
	crypto_sign_ed25519_detached(global, NULL, signed_too, 64 + comment_len,
				     secret->key);
}

void minisig_proof(const struct minisig_secret *secret, const void *body, size_t len,
		   char out[MINISIG_PROOF])
{
	unsigned char public[42] = "Ed", bytes[74], global[64];
	char key[57], first[100], second[87];

	memcpy(public + 2, secret->id, 8);
	memcpy(public + 10, secret->key + 32,
	       32); /* behind its seed, as libsodium has it */
	sign(secret, body, len, "bee-request", bytes, global);
	sodium_bin2base64(key, sizeof(key), public, sizeof(public),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_bin2base64(first, sizeof(first), bytes, sizeof(bytes),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_bin2base64(second, sizeof(second), global, sizeof(global),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	(void)snprintf(out, MINISIG_PROOF, "&key=%s&proof=%s.%s", key, first, second);
}

char *minisig_sign(const struct minisig_secret *secret, const void *body, size_t len,
		   const char *comment)
{
	unsigned char bytes[74], global[64];
	char first[101], second[89];

	sign(secret, body, len, comment, bytes, global);
	text_of(bytes, sizeof(bytes), first, sizeof(first));
	text_of(global, sizeof(global), second, sizeof(second));
	return xasprintf("untrusted comment: signature by bee\n%s\n"
			 "trusted comment: %s\n%s\n",
			 first, comment, second);
}

void minisig_new(char secret[MINISIG_SECRET_TEXT], char public[MINISIG_PUBLIC_TEXT],
		 char id[MINISIG_ID_TEXT])
{
	/* No checksum: minisign leaves it empty where there is no password to be wrong. */
	unsigned char bytes[SECRET_SIZE] = "Ed\0\0B2", shown[42] = "Ed";

	randombytes_buf(bytes + SECRET_ID, 8);
	memcpy(shown + 2, bytes + SECRET_ID, 8);
	crypto_sign_ed25519_keypair(shown + 10, bytes + SECRET_KEY);
	text_of(bytes, sizeof(bytes), secret, MINISIG_SECRET_TEXT);
	text_of(shown, sizeof(shown), public, MINISIG_PUBLIC_TEXT);
	minisig_id_text(shown + 2, id);
	sodium_memzero(bytes, sizeof(bytes));
}
