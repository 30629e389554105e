/* zstd, by libzstd: one frame is one stream. */
#include "codec.h"

#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

/* Windows, log2 of bytes. */
#define WINDOW_LOG_OWN 23
#define WINDOW_LOG_MOST 26

static void *zstd_decoder(void)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();

	if (z && ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax,
						     CODEC_WINDOW_LOG))) {
		(void)ZSTD_freeDCtx(z);
		return NULL;
	}
	return z;
}

static int zstd_decode(void *decoder, struct codec_io *io)
{
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t result = ZSTD_decompressStream(decoder, &out, &in);

	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
	if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
		return -EFBIG;
	if (ZSTD_isError(result))
		return -EBADMSG;
	return result == 0;
}

static void zstd_decoder_free(void *decoder)
{
	(void)ZSTD_freeDCtx(decoder);
}

static void *zstd_encoder(int level)
{
	ZSTD_CCtx *z = ZSTD_createCCtx();

	if (z &&
	    (ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, level)) ||
	     ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1)))) {
		(void)ZSTD_freeCCtx(z);
		return NULL;
	}
	return z;
}

/*
 * Level 19's own window is 8 MiB, and what is alike lies further apart: a program and its library,
 * what is linked statically into several. The machine that boots takes a window's memory as long as it
 * unpacks: none is much larger than what is in the image. Without it an image is only larger.
 */
static void zstd_expect(void *encoder, uint64_t bytes)
{
	int log = WINDOW_LOG_OWN;

	while (log < WINDOW_LOG_MOST && UINT64_C(1) << log < bytes)
		log++;
	if (log == WINDOW_LOG_OWN)
		return;
	(void)ZSTD_CCtx_setParameter(encoder, ZSTD_c_windowLog, log);
	(void)ZSTD_CCtx_setParameter(encoder, ZSTD_c_enableLongDistanceMatching, 1);
}

static int zstd_encode(void *encoder, struct codec_io *io)
{
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t left = ZSTD_compressStream2(encoder, &out, &in,
					   io->last ? ZSTD_e_end : ZSTD_e_continue);

	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
	if (ZSTD_isError(left))
		return -EIO;
	return io->last && left == 0;
}

static void zstd_encoder_free(void *encoder)
{
	(void)ZSTD_freeCCtx(encoder);
}

const struct codec codec_zstd = {
	.name = "zstd",
	.suffix = ".zst",
	.magic = "\x28\xb5\x2f\xfd",
	.magic_len = 4,
	.level = 19,
	.level_max = 19,
	.decoder = zstd_decoder,
	.decode = zstd_decode,
	.decoder_free = zstd_decoder_free,
	.encoder = zstd_encoder,
	.expect = zstd_expect,
	.encode = zstd_encode,
	.encoder_free = zstd_encoder_free,
};
