/* Commands and replies of a TPM 2.0, as its library's part 3 writes them: big endian, with the empty password of who owns it. */
#ifndef BEE_REMOTE_TPM_WIRE_H
#define BEE_REMOTE_TPM_WIRE_H

#include "tpm.h"

#define TPM_OWNER 0x40000001u
#define TPM_SHA256 0x000bu

struct tpm_out {
	unsigned char bytes[256];
	size_t len;
};

/* The header, what it is about, an index of its memory besides (0: none), and the password. */
struct tpm_out tpm_command(uint32_t code, uint32_t handle, uint32_t index);
void tpm_put(struct tpm_out *out, unsigned size, uint64_t value);
/* With their number, of two bytes, before them. */
void tpm_put_bytes(struct tpm_out *out, const unsigned char *bytes, uint16_t len);
/* Puts `len` in at `at`, over the zeros that were left for it. */
void tpm_size_set(struct tpm_out *out, size_t at, unsigned size, size_t len);

/* What of a reply has not been read; `bad`: it was shorter than it says, or says what was not wanted. */
struct tpm_in {
	const unsigned char *at, *end;
	bool bad;
};

/* Behind the header of one that went well. */
struct tpm_in tpm_reply_open(const unsigned char *reply, size_t len);
uint32_t tpm_get(struct tpm_in *in, unsigned size);
void tpm_want(struct tpm_in *in, unsigned size, uint32_t value);
const unsigned char *tpm_get_bytes(struct tpm_in *in, size_t *len);

/*
 * One command and its reply, again where it says "later". The reply's length, or -1 with words; *refused is its code where
 * it was the TPM that refused, else 0.
 */
ptrdiff_t tpm_ask(int fd, struct tpm_out *command, unsigned char reply[TPM_REPLY_MAX],
		  uint32_t *refused, struct said *said);

#endif
