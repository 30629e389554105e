/* bzip2, by libbz2. */
#include "codec.h"

#include <bzlib.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

static unsigned bounded(size_t len)
{
	return len > UINT_MAX ? UINT_MAX : (unsigned)len;
}

/* libbz2 takes its input without const, and only reads it. */
static void load(bz_stream *z, const struct codec_io *io)
{
	z->next_in = (char *)(uintptr_t)io->in;
	z->avail_in = bounded(io->in_len);
	z->next_out = (char *)io->out;
	z->avail_out = bounded(io->out_len);
}

static void store(const bz_stream *z, struct codec_io *io)
{
	size_t in = (size_t)((const uint8_t *)z->next_in - io->in);
	size_t out = (size_t)((const uint8_t *)z->next_out - io->out);

	io->in += in;
	io->in_len -= in;
	io->out += out;
	io->out_len -= out;
}

static void *bzip2_decoder(void)
{
	bz_stream *z = calloc(1, sizeof(*z));

	if (z && BZ2_bzDecompressInit(z, 0, 0) != BZ_OK) {
		free(z);
		return NULL;
	}
	return z;
}

static int bzip2_decode(void *decoder, struct codec_io *io)
{
	bz_stream *z = decoder;
	int result;

	load(z, io);
	result = BZ2_bzDecompress(z);
	store(z, io);
	if (result == BZ_STREAM_END)
		return 1;
	return result == BZ_OK ? 0 : -EBADMSG;
}

static void bzip2_decoder_free(void *decoder)
{
	(void)BZ2_bzDecompressEnd(decoder);
	free(decoder);
}

static void *bzip2_encoder(int level)
{
	bz_stream *z = calloc(1, sizeof(*z));

	if (z && BZ2_bzCompressInit(z, level, 0, 0) != BZ_OK) {
		free(z);
		return NULL;
	}
	return z;
}

static int bzip2_encode(void *encoder, struct codec_io *io)
{
	bz_stream *z = encoder;
	int result;

	if (io->in_len == 0 && !io->last)
		return 0;
	load(z, io);
	result = BZ2_bzCompress(z, io->last ? BZ_FINISH : BZ_RUN);
	store(z, io);
	if (result == BZ_STREAM_END)
		return 1;
	return result < 0 ? -EIO : 0;
}

static void bzip2_encoder_free(void *encoder)
{
	(void)BZ2_bzCompressEnd(encoder);
	free(encoder);
}

const struct codec codec_bzip2 = {
	.name = "bzip2",
	.suffix = ".bz2",
	.magic = "BZh",
	.magic_len = 3,
	.level = 9,
	.level_max = 9,
	.decoder = bzip2_decoder,
	.decode = bzip2_decode,
	.decoder_free = bzip2_decoder_free,
	.encoder = bzip2_encoder,
	.encode = bzip2_encode,
	.encoder_free = bzip2_encoder_free,
};
