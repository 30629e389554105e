/*
 * lz4, by liblz4, in the one format that kernels read (lib/decompress_unlz4.c; `lz4 -l`): a
 * magic, then blocks of at most 8 MiB, each after its compressed length, and no end mark.
 */
#include "codec.h"

#include <errno.h>
#include <lz4.h>
#include <lz4hc.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK (8 << 20)
#define BLOCK_BOUND LZ4_COMPRESSBOUND(BLOCK)
#define MAGIC "\x02\x21\x4c\x18"

struct lz4 {
	char *packed, *plain;         /* a block, compressed and not */
	size_t packed_len, plain_len; /* bytes it has */
	size_t at;                    /* those that were handed on */
	size_t wanted; /* decoding: length of the block; 0: not known yet */
	bool begun;
	int level;
};

static void lz4_free(void *state)
{
	struct lz4 *z = state;

	free(z->packed);
	free(z->plain);
	free(z);
}

static void *lz4_new(void)
{
	struct lz4 *z = calloc(1, sizeof(*z));

	if (!z)
		return NULL;
	z->packed = malloc(BLOCK_BOUND + 4);
	z->plain = malloc(BLOCK);
	if (z->packed && z->plain)
		return z;
	lz4_free(z);
	return NULL;
}

static size_t move(uint8_t *to, size_t room, const uint8_t *from, size_t have)
{
	size_t n = room < have ? room : have;

	memcpy(to, from, n);
	return n;
}

static uint32_t le32(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	       (uint32_t)b[3] << 24;
}

/* The next block's length. 1: what follows is none, so here it ends. */
static int block_length(struct lz4 *z, struct codec_io *io)
{
	uint32_t wanted;

	if (io->in_len < 4)
		return io->last ? 1 : 0;
	wanted = le32(io->in);
	if (memcmp(io->in, MAGIC, 4) != 0 && (wanted == 0 || wanted > BLOCK_BOUND))
		return z->begun ? 1 : -EBADMSG;
	if (!memcmp(io->in, MAGIC, 4))
		z->begun = true;
	else
		z->wanted = wanted;
	io->in += 4;
	io->in_len -= 4;
	return 0;
}

static int lz4_decode(void *decoder, struct codec_io *io)
{
	struct lz4 *z = decoder;
	size_t n = move(io->out, io->out_len, (uint8_t *)z->plain + z->at,
			z->plain_len - z->at);
	int len;

	io->out += n;
	io->out_len -= n;
	z->at += n;
	if (z->at < z->plain_len)
		return 0;
	if (!z->wanted)
		return block_length(z, io);
	n = move((uint8_t *)z->packed + z->packed_len, z->wanted - z->packed_len, io->in,
		 io->in_len);
	io->in += n;
	io->in_len -= n;
	z->packed_len += n;
	if (z->packed_len < z->wanted)
		return 0;
	len = LZ4_decompress_safe(z->packed, z->plain, (int)z->wanted, BLOCK);
	if (len < 0)
		return -EBADMSG;
	z->plain_len = (size_t)len;
	z->at = z->packed_len = z->wanted = 0;
	return 0;
}

static void *lz4_encoder(int level)
{
	struct lz4 *z = lz4_new();

	if (z)
		z->level = level;
	return z;
}

static int block_pack(struct lz4 *z)
{
	int len = LZ4_compress_HC(z->plain, z->packed + 4, (int)z->plain_len, BLOCK_BOUND,
				  z->level);

	if (len <= 0)
		return -EIO;
	for (int i = 0; i < 4; i++)
		z->packed[i] = (char)((unsigned)len >> 8 * i);
	z->packed_len = (size_t)len + 4;
	z->plain_len = 0;
	return 0;
}

static int lz4_encode(void *encoder, struct codec_io *io)
{
	struct lz4 *z = encoder;
	size_t n;

	if (!z->begun) {
		memcpy(z->packed, MAGIC, z->packed_len = 4);
		z->begun = true;
	}
	n = move(io->out, io->out_len, (uint8_t *)z->packed + z->at,
		 z->packed_len - z->at);
	io->out += n;
	io->out_len -= n;
	z->at += n;
	if (z->at < z->packed_len)
		return 0;
	z->at = z->packed_len = 0;
	n = move((uint8_t *)z->plain + z->plain_len, BLOCK - z->plain_len, io->in,
		 io->in_len);
	io->in += n;
	io->in_len -= n;
	z->plain_len += n;
	if (z->plain_len == BLOCK || (io->last && z->plain_len > 0 && io->in_len == 0))
		return block_pack(z);
	return io->last && io->in_len == 0 && z->plain_len == 0;
}

const struct codec codec_lz4 = {
	.name = "lz4",
	.suffix = ".lz4",
	.magic = MAGIC,
	.magic_len = 4,
	.level = LZ4HC_CLEVEL_DEFAULT,
	.level_max = LZ4HC_CLEVEL_MAX,
	.decoder = lz4_new,
	.decode = lz4_decode,
	.decoder_free = lz4_free,
	.encoder = lz4_encoder,
	.encode = lz4_encode,
	.encoder_free = lz4_free,
};
