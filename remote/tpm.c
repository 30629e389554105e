/* A key that a TPM makes of its seed: two commands, their bytes, and what is believed of the replies. */
#include "tpm.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* TPM 2.0 Library, part 2: tables 19 (tags), 12 (commands), 28 (handles), 9 (algorithms), 31 (attributes). */
#define TAG_SESSIONS 0x8002u
#define TAG_HASHCHECK 0x8024u
#define CREATE_PRIMARY 0x131u
#define SIGN 0x15du
#define OWNER 0x40000001u
#define NO_HIERARCHY 0x40000007u
#define PASSWORD 0x40000009u
#define ALG_SHA256 0x000bu
#define ALG_NONE 0x0010u
#define ALG_ECDSA 0x0018u
#define ALG_ECC 0x0023u
#define P256 0x0003u
/* Of this TPM for good, its own random bytes, used by who has its (empty) password, not counted as attacks on one; it signs. */
#define ATTRIBUTES (1u << 1 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 10 | 1u << 18)
#define HEADER 10
/* Codes that say "later": it is busy, or has only just got power and looks at itself (part 2, table 16). */
#define RETRY 0x922u
#define TESTING 0x90au
#define TRIES_MAX 100
#define COORDINATE 32

/* So that it is no key that somebody else asks this TPM for. */
static const unsigned char label[COORDINATE] = "bee request";

struct out {
	unsigned char bytes[256];
	size_t len;
};

static void put(struct out *out, unsigned size, uint32_t value)
{
	while (size--)
		out->bytes[out->len++] = (unsigned char)(value >> (8 * size));
}

static void put_bytes(struct out *out, const unsigned char *bytes, uint16_t len)
{
	put(out, 2, len);
	memcpy(out->bytes + out->len, bytes, len);
	out->len += len;
}

/* The header, whose size command_end() knows, the object it is about, and the empty password of that. */
static struct out command(uint32_t code, uint32_t handle)
{
	struct out out = { .len = 0 };

	put(&out, 2, TAG_SESSIONS);
	put(&out, 4, 0);
	put(&out, 4, code);
	put(&out, 4, handle);
	put(&out, 4, 9);
	put(&out, 4, PASSWORD);
	put(&out, 2, 0);
	put(&out, 1, 0);
	put(&out, 2, 0);
	return out;
}

/* Puts `len` in at `at`, over the zeros that were left for it. */
static void size_set(struct out *out, size_t at, unsigned size, size_t len)
{
	struct out number = { .len = 0 };

	put(&number, size, (uint32_t)len);
	memcpy(out->bytes + at, number.bytes, size);
}

/* What of a reply has not been read; `bad`: it was shorter than it says. */
struct in {
	const unsigned char *at, *end;
	bool bad;
};

static uint32_t get(struct in *in, unsigned size)
{
	uint32_t value = 0;

	if ((size_t)(in->end - in->at) < size) {
		in->bad = true;
		return 0;
	}
	while (size--)
		value = value << 8 | *in->at++;
	return value;
}

static const unsigned char *get_bytes(struct in *in, size_t *len)
{
	const unsigned char *at;

	*len = get(in, 2);
	at = in->at;
	if ((size_t)(in->end - at) < *len) {
		in->bad = true;
		*len = 0;
	}
	in->at += *len;
	return at;
}

/* A number of at most 32 bytes, with zeros before it where it is shorter. */
static void get_number(struct in *in, unsigned char out[COORDINATE])
{
	size_t len;
	const unsigned char *at = get_bytes(in, &len);

	memset(out, 0, COORDINATE);
	if (len > COORDINATE || len == 0)
		in->bad = true;
	else
		memcpy(out + COORDINATE - len, at, len);
}

static void want(struct in *in, unsigned size, uint32_t value)
{
	if (get(in, size) != value)
		in->bad = true;
}

/* Behind the header of one that went well. */
static struct in reply_open(const unsigned char *reply, size_t len)
{
	struct in in = { reply, reply + len, false };

	want(&in, 2, TAG_SESSIONS);
	want(&in, 4, (uint32_t)len);
	want(&in, 4, 0);
	return in;
}

int tpm_key_read(const unsigned char *reply, size_t len, struct tpm_key *out)
{
	struct in in = reply_open(reply, len);
	struct tpm_key key;
	size_t policy;

	key.handle = get(&in, 4);
	(void)get(&in, 4); /* of all parameters */
	(void)get(&in, 2); /* of the key, which is read to its own end */
	want(&in, 2, ALG_ECC);
	want(&in, 2, ALG_SHA256);
	want(&in, 4, ATTRIBUTES);
	(void)get_bytes(&in, &policy);
	want(&in, 2, ALG_NONE);
	want(&in, 2, ALG_ECDSA);
	want(&in, 2, ALG_SHA256);
	want(&in, 2, P256);
	want(&in, 2, ALG_NONE);
	get_number(&in, key.point);
	get_number(&in, key.point + COORDINATE);
	if (in.bad || policy)
		return -1;
	*out = key;
	return 0;
}

int tpm_signature_read(const unsigned char *reply, size_t len, unsigned char out[64])
{
	struct in in = reply_open(reply, len);

	(void)get(&in, 4); /* of all parameters */
	want(&in, 2, ALG_ECDSA);
	want(&in, 2, ALG_SHA256);
	get_number(&in, out);
	get_number(&in, out + COORDINATE);
	return in.bad ? -1 : 0;
}

/* One command and its reply. The reply's length, or -1 with words. */
static ptrdiff_t exchange(int fd, const struct out *command,
			  unsigned char reply[TPM_REPLY_MAX], struct said *said)
{
	size_t have = 0, size = HEADER;

	if (write(fd, command->bytes, command->len) != (ssize_t)command->len)
		return say(said, "TPM: %s", strerrordesc_np(errno) ?: "?");
	/* The kernel gives out a reply whole; what stands for it in a test need not. */
	while (have < size) {
		ssize_t n = read(fd, reply + have, TPM_REPLY_MAX - have);
		struct in in = { reply + 2, reply + 6, false };

		if (n <= 0)
			return say(said, "TPM: %s",
				   n ? strerrordesc_np(errno) ?: "?" : "no reply");
		have += (size_t)n;
		if (have >= HEADER)
			size = get(&in, 4);
		if (size < HEADER || size > TPM_REPLY_MAX || have > size)
			return say(said, "TPM: a reply of no length that it may have");
	}
	return (ptrdiff_t)have;
}

/* The same, again where it is to be asked again. */
static ptrdiff_t ask(int fd, struct out *command, unsigned char reply[TPM_REPLY_MAX],
		     struct said *said)
{
	uint32_t error = RETRY;
	ptrdiff_t len = 0;

	size_set(command, 2, 4, command->len);
	for (unsigned i = 0; i < TRIES_MAX && (error == RETRY || error == TESTING); i++) {
		struct in code = { reply + 6, reply + HEADER, false };

		len = exchange(fd, command, reply, said);
		if (len < 0)
			return -1;
		error = get(&code, 4);
	}
	return error ? say(said, "TPM: it refuses, code 0x%x", error) : len;
}

int tpm_key_make(int fd, struct tpm_key *out, struct said *said)
{
	struct out create = command(CREATE_PRIMARY, OWNER);
	static const unsigned char zeros[COORDINATE];
	unsigned char reply[TPM_REPLY_MAX] = { 0 };
	size_t public;
	ptrdiff_t len;

	put(&create, 2, 4); /* no password, nothing sealed */
	put(&create, 4, 0);
	public = create.len;
	put(&create, 2, 0);
	put(&create, 2, ALG_ECC);
	put(&create, 2, ALG_SHA256);
	put(&create, 4, ATTRIBUTES);
	put(&create, 2, 0);
	put(&create, 2, ALG_NONE);
	put(&create, 2, ALG_ECDSA);
	put(&create, 2, ALG_SHA256);
	put(&create, 2, P256);
	put(&create, 2, ALG_NONE);
	put_bytes(&create, label, sizeof(label));
	put_bytes(&create, zeros, sizeof(zeros));
	size_set(&create, public, 2, create.len - public - 2);
	put(&create, 2, 0); /* nothing from outside; */
	put(&create, 4, 0); /* no PCRs */
	len = ask(fd, &create, reply, said);
	if (len < 0)
		return -1;
	return tpm_key_read(reply, (size_t)len, out)
		       ? say(said, "TPM: it has made another key than it was asked for")
		       : 0;
}

int tpm_sign(int fd, const struct tpm_key *key, const unsigned char digest[SHA256_BYTES],
	     unsigned char out[64], struct said *said)
{
	struct out sign = command(SIGN, key->handle);
	unsigned char reply[TPM_REPLY_MAX] = { 0 };
	ptrdiff_t len;

	put_bytes(&sign, digest, SHA256_BYTES);
	put(&sign, 2, ALG_NONE); /* as the key has it */
	put(&sign, 2, TAG_HASHCHECK);
	put(&sign, 4, NO_HIERARCHY);
	put(&sign, 2, 0);
	len = ask(fd, &sign, reply, said);
	if (len < 0)
		return -1;
	return tpm_signature_read(reply, (size_t)len, out)
		       ? say(said, "TPM: its signature is not one of ECDSA")
		       : 0;
}
