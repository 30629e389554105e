/* The bytes of a TPM's commands and replies: put together, sent, and what is believed of what comes. */
#include "tpm_wire.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* TPM 2.0 Library, part 2: tables 19 (tags), 28 (handles). */
#define TAG_SESSIONS 0x8002u
#define PASSWORD 0x40000009u
#define HEADER 10
/* Codes that say "later": it is busy, or has only just got power and looks at itself (part 2, table 16). */
#define RETRY 0x922u
#define TESTING 0x90au
#define TRIES_MAX 100

void tpm_put(struct tpm_out *out, unsigned size, uint64_t value)
{
	while (size--)
		out->bytes[out->len++] = (unsigned char)(value >> (8 * size));
}

void tpm_put_bytes(struct tpm_out *out, const unsigned char *bytes, uint16_t len)
{
	tpm_put(out, 2, len);
	memcpy(out->bytes + out->len, bytes, len);
	out->len += len;
}

struct tpm_out tpm_command(uint32_t code, uint32_t handle, uint32_t index)
{
	struct tpm_out out = { .len = 0 };

	tpm_put(&out, 2, TAG_SESSIONS);
	tpm_put(&out, 4, 0);
	tpm_put(&out, 4, code);
	tpm_put(&out, 4, handle);
	if (index)
		tpm_put(&out, 4, index);
	tpm_put(&out, 4, 9);
	tpm_put(&out, 4, PASSWORD);
	tpm_put(&out, 2, 0);
	tpm_put(&out, 1, 0);
	tpm_put(&out, 2, 0);
	return out;
}

void tpm_size_set(struct tpm_out *out, size_t at, unsigned size, size_t len)
{
	struct tpm_out number = { .len = 0 };

	tpm_put(&number, size, len);
	memcpy(out->bytes + at, number.bytes, size);
}

uint32_t tpm_get(struct tpm_in *in, unsigned size)
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

const unsigned char *tpm_get_bytes(struct tpm_in *in, size_t *len)
{
	const unsigned char *at;

	*len = tpm_get(in, 2);
	at = in->at;
	if ((size_t)(in->end - at) < *len) {
		in->bad = true;
		*len = 0;
	}
	in->at += *len;
	return at;
}

void tpm_want(struct tpm_in *in, unsigned size, uint32_t value)
{
	if (tpm_get(in, size) != value)
		in->bad = true;
}

struct tpm_in tpm_reply_open(const unsigned char *reply, size_t len)
{
	struct tpm_in in = { reply, reply + len, false };

	tpm_want(&in, 2, TAG_SESSIONS);
	tpm_want(&in, 4, (uint32_t)len);
	tpm_want(&in, 4, 0);
	return in;
}

/* One command and its reply. The reply's length, or -1 with words. */
static ptrdiff_t exchange(int fd, const struct tpm_out *command,
			  unsigned char reply[TPM_REPLY_MAX], struct said *said)
{
	size_t have = 0, size = HEADER;

	if (write(fd, command->bytes, command->len) != (ssize_t)command->len)
		return say(said, "TPM: %s", strerrordesc_np(errno) ?: "?");
	/* The kernel gives out a reply whole; what stands for it in a test need not. */
	while (have < size) {
		ssize_t n = read(fd, reply + have, TPM_REPLY_MAX - have);
		struct tpm_in in = { reply + 2, reply + 6, false };

		if (n <= 0)
			return say(said, "TPM: %s",
				   n ? strerrordesc_np(errno) ?: "?" : "no reply");
		have += (size_t)n;
		if (have >= HEADER)
			size = tpm_get(&in, 4);
		if (size < HEADER || size > TPM_REPLY_MAX || have > size)
			return say(said, "TPM: a reply of no length that it may have");
	}
	return (ptrdiff_t)have;
}

ptrdiff_t tpm_ask(int fd, struct tpm_out *command, unsigned char reply[TPM_REPLY_MAX],
		  uint32_t *refused, struct said *said)
{
	uint32_t error = RETRY;
	ptrdiff_t len = 0;

	*refused = 0;
	tpm_size_set(command, 2, 4, command->len);
	for (unsigned i = 0; i < TRIES_MAX && (error == RETRY || error == TESTING); i++) {
		struct tpm_in code = { reply + 6, reply + HEADER, false };

		len = exchange(fd, command, reply, said);
		if (len < 0)
			return -1;
		error = tpm_get(&code, 4);
	}
	*refused = error;
	return error ? say(said, "TPM: it refuses, code 0x%x", error) : len;
}
