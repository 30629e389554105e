/* The last order that could destroy, where it outlasts a boot: in the memory of the TPM. */
#include "tpm_floor.h"
#include "tpm_wire.h"

#include <string.h>

/* TPM 2.0 Library, part 2: tables 12 (commands), 16 (codes), 204 (attributes of an index). */
#define NV_DEFINE_SPACE 0x12au
#define NV_WRITE 0x137u
#define NV_READ 0x14eu
#define UNWRITTEN 0x14au /* TPM_RC_NV_UNINITIALIZED */
#define UNKNOWN 0x28bu   /* TPM_RC_HANDLE, of the second one */
/* Written and read by the owner, not counted as attacks on a password. */
#define ATTRIBUTES (1u << 1 | 1u << 17 | 1u << 25)
#define FORM 1
#define SIZE (2 + 8 + SHA256_BYTES) /* the form, done, the sequence, the order */

int tpm_floor_reply(const unsigned char *reply, size_t len, struct tpm_floor *out)
{
	struct tpm_in in = tpm_reply_open(reply, len), data;
	struct tpm_floor floor;
	size_t size;

	(void)tpm_get(&in, 4); /* of all parameters */
	data.at = tpm_get_bytes(&in, &size);
	data.end = data.at + size;
	data.bad = in.bad || size != SIZE;
	tpm_want(&data, 1, FORM);
	floor.done = tpm_get(&data, 1) != 0;
	floor.sequence = (uint64_t)tpm_get(&data, 4) << 32;
	floor.sequence |= tpm_get(&data, 4);
	if (data.bad)
		return -1;
	memcpy(floor.order, data.at, SHA256_BYTES);
	*out = floor;
	return 0;
}

int tpm_floor_read(int fd, struct tpm_floor *out, struct said *said)
{
	struct tpm_out read = tpm_command(NV_READ, TPM_OWNER, TPM_FLOOR_INDEX);
	unsigned char reply[TPM_REPLY_MAX] = { 0 };
	uint32_t refused;
	ptrdiff_t len;

	*out = (struct tpm_floor){ .sequence = 0 };
	tpm_put(&read, 2, SIZE);
	tpm_put(&read, 2, 0); /* from its start */
	len = tpm_ask(fd, &read, reply, &refused, said);
	if (refused == UNKNOWN || refused == UNWRITTEN) {
		*said = (struct said){ "" };
		return 0;
	}
	if (len < 0)
		return -1;
	return tpm_floor_reply(reply, (size_t)len, out)
		       ? say(said, "TPM: its index 0x%x is somebody else's",
			     TPM_FLOOR_INDEX)
		       : 0;
}

static int define(int fd, struct said *said)
{
	struct tpm_out define = tpm_command(NV_DEFINE_SPACE, TPM_OWNER, 0);
	unsigned char reply[TPM_REPLY_MAX] = { 0 };
	uint32_t refused;
	size_t public;

	tpm_put(&define, 2, 0); /* no password */
	public = define.len;
	tpm_put(&define, 2, 0);
	tpm_put(&define, 4, TPM_FLOOR_INDEX);
	tpm_put(&define, 2, TPM_SHA256);
	tpm_put(&define, 4, ATTRIBUTES);
	tpm_put(&define, 2, 0); /* no policy */
	tpm_put(&define, 2, SIZE);
	tpm_size_set(&define, public, 2, define.len - public - 2);
	return tpm_ask(fd, &define, reply, &refused, said) < 0 ? -1 : 0;
}

static int write_once(int fd, const struct tpm_floor *floor, uint32_t *refused,
		      struct said *said)
{
	struct tpm_out write = tpm_command(NV_WRITE, TPM_OWNER, TPM_FLOOR_INDEX);
	unsigned char reply[TPM_REPLY_MAX] = { 0 };

	tpm_put(&write, 2, SIZE);
	tpm_put(&write, 1, FORM);
	tpm_put(&write, 1, floor->done);
	tpm_put(&write, 8, floor->sequence);
	memcpy(write.bytes + write.len, floor->order, SHA256_BYTES);
	write.len += SHA256_BYTES;
	tpm_put(&write, 2, 0);
	return tpm_ask(fd, &write, reply, refused, said) < 0 ? -1 : 0;
}

int tpm_floor_write(int fd, const struct tpm_floor *floor, struct said *said)
{
	uint32_t refused;
	int error = write_once(fd, floor, &refused, said);

	if (refused != UNKNOWN)
		return error;
	*said = (struct said){ "" };
	return define(fd, said) || write_once(fd, floor, &refused, said) ? -1 : 0;
}

int tpm_floor_check(const struct tpm_floor *floor, const struct tpm_floor *order,
		    struct said *said)
{
	if (order->sequence > floor->sequence)
		return 0;
	if (order->sequence < floor->sequence)
		return say(said,
			   "order: of sequence %llu, and the TPM remembers one of %llu",
			   (unsigned long long)order->sequence,
			   (unsigned long long)floor->sequence);
	if (memcmp(order->order, floor->order, SHA256_BYTES) != 0)
		return say(said, "order: the TPM remembers another one of sequence %llu",
			   (unsigned long long)order->sequence);
	return floor->done ? say(said, "order: it was to run once, and the TPM remembers "
				       "that it has")
			   : 0;
}
