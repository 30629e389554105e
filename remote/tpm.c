/* A key that a TPM makes of its seed: two commands, their bytes, and what is believed of the replies. */
#include "tpm_wire.h"

#include <string.h>

/* TPM 2.0 Library, part 2: tables 19 (tags), 12 (commands), 28 (handles), 9 (algorithms), 31 (attributes). */
#define TAG_HASHCHECK 0x8024u
#define CREATE_PRIMARY 0x131u
#define SIGN 0x15du
#define NO_HIERARCHY 0x40000007u
#define ALG_NONE 0x0010u
#define ALG_ECDSA 0x0018u
#define ALG_ECC 0x0023u
#define P256 0x0003u
/* Of this TPM for good, its own random bytes, used by who has its (empty) password, not counted as attacks on one; it signs. */
#define ATTRIBUTES (1u << 1 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 10 | 1u << 18)
#define COORDINATE 32

/* So that it is no key that somebody else asks this TPM for. */
static const unsigned char label[COORDINATE] = "bee request";

/* A number of at most 32 bytes, with zeros before it where it is shorter. */
static void get_number(struct tpm_in *in, unsigned char out[COORDINATE])
{
	size_t len;
	const unsigned char *at = tpm_get_bytes(in, &len);

	memset(out, 0, COORDINATE);
	if (len > COORDINATE || len == 0)
		in->bad = true;
	else
		memcpy(out + COORDINATE - len, at, len);
}

int tpm_key_read(const unsigned char *reply, size_t len, struct tpm_key *out)
{
	struct tpm_in in = tpm_reply_open(reply, len);
	struct tpm_key key;
	size_t policy;

	key.handle = tpm_get(&in, 4);
	(void)tpm_get(&in, 4); /* of all parameters */
	(void)tpm_get(&in, 2); /* of the key, which is read to its own end */
	tpm_want(&in, 2, ALG_ECC);
	tpm_want(&in, 2, TPM_SHA256);
	tpm_want(&in, 4, ATTRIBUTES);
	(void)tpm_get_bytes(&in, &policy);
	tpm_want(&in, 2, ALG_NONE);
	tpm_want(&in, 2, ALG_ECDSA);
	tpm_want(&in, 2, TPM_SHA256);
	tpm_want(&in, 2, P256);
	tpm_want(&in, 2, ALG_NONE);
	get_number(&in, key.point);
	get_number(&in, key.point + COORDINATE);
	if (in.bad || policy)
		return -1;
	*out = key;
	return 0;
}

int tpm_signature_read(const unsigned char *reply, size_t len, unsigned char out[64])
{
	struct tpm_in in = tpm_reply_open(reply, len);

	(void)tpm_get(&in, 4); /* of all parameters */
	tpm_want(&in, 2, ALG_ECDSA);
	tpm_want(&in, 2, TPM_SHA256);
	get_number(&in, out);
	get_number(&in, out + COORDINATE);
	return in.bad ? -1 : 0;
}

int tpm_key_make(int fd, struct tpm_key *out, struct said *said)
{
	struct tpm_out create = tpm_command(CREATE_PRIMARY, TPM_OWNER, 0);
	static const unsigned char zeros[COORDINATE];
	unsigned char reply[TPM_REPLY_MAX] = { 0 };
	uint32_t refused;
	size_t public;
	ptrdiff_t len;

	tpm_put(&create, 2, 4); /* no password, nothing sealed */
	tpm_put(&create, 4, 0);
	public = create.len;
	tpm_put(&create, 2, 0);
	tpm_put(&create, 2, ALG_ECC);
	tpm_put(&create, 2, TPM_SHA256);
	tpm_put(&create, 4, ATTRIBUTES);
	tpm_put(&create, 2, 0);
	tpm_put(&create, 2, ALG_NONE);
	tpm_put(&create, 2, ALG_ECDSA);
	tpm_put(&create, 2, TPM_SHA256);
	tpm_put(&create, 2, P256);
	tpm_put(&create, 2, ALG_NONE);
	tpm_put_bytes(&create, label, sizeof(label));
	tpm_put_bytes(&create, zeros, sizeof(zeros));
	tpm_size_set(&create, public, 2, create.len - public - 2);
	tpm_put(&create, 2, 0); /* nothing from outside; */
	tpm_put(&create, 4, 0); /* no PCRs */
	len = tpm_ask(fd, &create, reply, &refused, said);
	if (len < 0)
		return -1;
	return tpm_key_read(reply, (size_t)len, out)
		       ? say(said, "TPM: it has made another key than it was asked for")
		       : 0;
}

int tpm_sign(int fd, const struct tpm_key *key, const unsigned char digest[SHA256_BYTES],
	     unsigned char out[64], struct said *said)
{
	struct tpm_out sign = tpm_command(SIGN, key->handle, 0);
	unsigned char reply[TPM_REPLY_MAX] = { 0 };
	uint32_t refused;
	ptrdiff_t len;

	tpm_put_bytes(&sign, digest, SHA256_BYTES);
	tpm_put(&sign, 2, ALG_NONE); /* as the key has it */
	tpm_put(&sign, 2, TAG_HASHCHECK);
	tpm_put(&sign, 4, NO_HIERARCHY);
	tpm_put(&sign, 2, 0);
	len = tpm_ask(fd, &sign, reply, &refused, said);
	if (len < 0)
		return -1;
	return tpm_signature_read(reply, (size_t)len, out)
		       ? say(said, "TPM: its signature is not one of ECDSA")
		       : 0;
}
