/*
 * A key that a TPM 2.0 makes of its own seed: the same at each boot, and stored nowhere (TPM 2.0 Library, part 3:
 * TPM2_CreatePrimary, TPM2_Sign). ECDSA over P-256, which each of them has; Ed25519 has none.
 */
#ifndef BEE_REMOTE_TPM_H
#define BEE_REMOTE_TPM_H

#include "said.h"
#include "take.h"

/* The kernel's resource manager: it takes away what who opened it has left in the TPM. */
#define TPM_NODE "/dev/tpmrm0"
#define TPM_REPLY_MAX 4096
#define TPM_KEY_WORD "ecdsa-p256:" /* before such a key where it is told */

struct tpm_key {
	uint32_t handle;
	unsigned char point[64]; /* x and y */
};

/*
 * What is read and written is the descriptor's alone, with read(2) and write(2): who gives up every other right can still
 * sign. 0, or -1 with words.
 */
MUST_CHECK int tpm_key_make(int fd, struct tpm_key *out, struct said *said);
/* r and s. */
MUST_CHECK int tpm_sign(int fd, const struct tpm_key *key,
			const unsigned char digest[SHA256_BYTES], unsigned char out[64],
			struct said *said);

/* What of a reply is believed, a byte further each time; for tests and fuzzing. 0 or -1. */
MUST_CHECK int tpm_key_read(const unsigned char *reply, size_t len, struct tpm_key *out);
MUST_CHECK int tpm_signature_read(const unsigned char *reply, size_t len,
				  unsigned char out[64]);

#endif
