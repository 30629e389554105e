/* gzip, by zlib. */
#include "codec.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

#define GZIP_ONLY (16 + MAX_WBITS) /* zlib.h, inflateInit2 */

#define FLAGS_AT 3
#define FLAGS_PARTS 0x16 /* a sum, more fields, a comment: RFC 1952, 2.3.1 */

/* lib/decompress_inflate.c passes over a name alone. */
static const char *gzip_refused(const uint8_t *bytes, size_t len)
{
	return len > FLAGS_AT && bytes[FLAGS_AT] & FLAGS_PARTS
		       ? "gzip with more in its header than a name, which no kernel reads"
		       : NULL;
}

static uInt bounded(size_t len)
{
	return len > UINT_MAX ? UINT_MAX : (uInt)len;
}

static void load(z_stream *z, const struct codec_io *io)
{
	z->next_in = io->in;
	z->avail_in = bounded(io->in_len);
	z->next_out = io->out;
	z->avail_out = bounded(io->out_len);
}

static void store(const z_stream *z, struct codec_io *io)
{
	io->in_len -= (size_t)(z->next_in - io->in);
	io->in = z->next_in;
	io->out_len -= (size_t)(z->next_out - io->out);
	io->out = z->next_out;
}

static void *gzip_decoder(void)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (z && inflateInit2(z, GZIP_ONLY) != Z_OK) {
		free(z);
		return NULL;
	}
	return z;
}

static int gzip_decode(void *decoder, struct codec_io *io)
{
	z_stream *z = decoder;
	int result;

	load(z, io);
	result = inflate(z, Z_NO_FLUSH);
	store(z, io);
	if (result == Z_STREAM_END)
		return 1;
	return result == Z_OK || result == Z_BUF_ERROR ? 0 : -EBADMSG;
}

static void gzip_decoder_free(void *decoder)
{
	(void)inflateEnd(decoder);
	free(decoder);
}

/* The header zlib writes holds neither name nor time. */
static void *gzip_encoder(int level)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (z && deflateInit2(z, level, Z_DEFLATED, GZIP_ONLY, 8, Z_DEFAULT_STRATEGY) !=
			 Z_OK) {
		free(z);
		return NULL;
	}
	return z;
}

static int gzip_encode(void *encoder, struct codec_io *io)
{
	z_stream *z = encoder;
	int result;

	load(z, io);
	result = deflate(z, io->last ? Z_FINISH : Z_NO_FLUSH);
	store(z, io);
	if (result == Z_STREAM_END)
		return 1;
	return result == Z_OK || result == Z_BUF_ERROR ? 0 : -EIO;
}

static void gzip_encoder_free(void *encoder)
{
	(void)deflateEnd(encoder);
	free(encoder);
}

const struct codec codec_gzip = {
	.name = "gzip",
	.suffix = ".gz",
	.magic = "\x1f\x8b",
	.magic_len = 2,
	.level = 9,
	.level_max = 9,
	.refused = gzip_refused,
	.decoder = gzip_decoder,
	.decode = gzip_decode,
	.decoder_free = gzip_decoder_free,
	.encoder = gzip_encoder,
	.encode = gzip_encode,
	.encoder_free = gzip_encoder_free,
};
