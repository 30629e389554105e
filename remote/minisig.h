/*
 * Keys and signatures in minisign's format (its manual page, "Signature format"): Ed25519 over the
 * BLAKE2b-512 hash of the file ("ED", prehashed). The older "Ed", without the hash, is refused.
 */
#ifndef BEE_REMOTE_MINISIG_H
#define BEE_REMOTE_MINISIG_H

#include "said.h"

#define MINISIG_KEYS_MAX 16
#define MINISIG_COMMENT_MAX 1024
#define MINISIG_TEXT_MAX 4096 /* one signature file */
#define MINISIG_ALL_MAX (MINISIG_KEYS_MAX * MINISIG_TEXT_MAX)

struct minisig_key {
	unsigned char id[8], key[32];
};

struct minisig {
	unsigned char id[8], signature[64], global[64];
	char comment[MINISIG_COMMENT_MAX]; /* the trusted one, without its label */
};

/* From the second line of a .pub file: 56 characters of base64. 0 or -1. */
MUST_CHECK int minisig_key_read(const char *text, struct minisig_key *key);
/* As minisign prints it: 16 hexadecimal digits. */
#define MINISIG_ID_TEXT 17
const char *minisig_id_text(const unsigned char id[8], char out[MINISIG_ID_TEXT]);

struct take;
/* Takes the four lines of one signature; 0 or -1 with words. */
MUST_CHECK int minisig_take(struct take *take, struct minisig *out, struct said *said);

/*
 * Whether `signatures`, one or more signature files one after the other, hold good ones of `body`
 * by at least `threshold` of the keys. A signature of a key that is not listed counts for nothing;
 * one of a listed key that is not good is a refusal, as is anything that is no signature. 0 or -1.
 */
MUST_CHECK int minisig_verify(const struct minisig_key *keys, unsigned count,
			      unsigned threshold, const void *body, size_t len,
			      const char *signatures, size_t signatures_len,
			      struct said *said);

/* A secret key without a password (minisign -G -W). */
struct minisig_secret {
	unsigned char id[8], key[64];
};
/* From the second line of its file. 0 or -1 with words. */
MUST_CHECK int minisig_secret_read(const char *text, struct minisig_secret *out,
				   struct said *said);
/* The same from the whole file, which has a comment before it. */
MUST_CHECK int minisig_secret_file(const char *text, size_t len,
				   struct minisig_secret *out, struct said *said);
/*
 * "&key=KEY&proof=SIGNATURE.SIGNATURE", in base64 for URLs, without '=': what a .pub file has in its second line, and a
 * signature's second and fourth, whose trusted comment is "bee-request".
 */
#define MINISIG_PROOF (sizeof("&key=&proof=.") + 56 + 99 + 86)
void minisig_proof(const struct minisig_secret *secret, const void *body, size_t len,
		   char out[MINISIG_PROOF]);
/* The four lines; owned. */
char *minisig_sign(const struct minisig_secret *secret, const void *body, size_t len,
		   const char *comment);
/* A new pair, as the second lines of both files. */
#define MINISIG_PUBLIC_TEXT 57
#define MINISIG_SECRET_TEXT 213
void minisig_new(char secret[MINISIG_SECRET_TEXT], char public[MINISIG_PUBLIC_TEXT],
		 char id[MINISIG_ID_TEXT]);

#endif
