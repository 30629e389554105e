/* xz and lzma, by liblzma. */
#include "codec.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

static int run(lzma_stream *z, struct codec_io *io, lzma_action action)
{
	lzma_ret result;

	z->next_in = io->in;
	z->avail_in = io->in_len;
	z->next_out = io->out;
	z->avail_out = io->out_len;
	result = lzma_code(z, action);
	io->in = z->next_in;
	io->in_len = z->avail_in;
	io->out = z->next_out;
	io->out_len = z->avail_out;
	switch (result) {
	case LZMA_STREAM_END:
		return 1;
	case LZMA_OK:
	case LZMA_BUF_ERROR: /* no progress; it goes on when there is more */
		return 0;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return -EFBIG;
	default:
		return -EBADMSG;
	}
}

static void *started(lzma_stream *z, lzma_ret result)
{
	if (result == LZMA_OK)
		return z;
	free(z);
	return NULL;
}

static lzma_stream *stream_new(void)
{
	lzma_stream *z = xcalloc(1, sizeof(*z));

	*z = (lzma_stream)LZMA_STREAM_INIT;
	return z;
}

#define XZ_CHECK_AT 7 /* of the stream's flags (xz-file-format.txt, 2.1.1.2) */

/* The kernel knows no CRC64, which xz(1) would choose (Documentation/staging/xz.rst). */
static const char *xz_refused(const uint8_t *bytes, size_t len)
{
	return len > XZ_CHECK_AT && bytes[XZ_CHECK_AT] > LZMA_CHECK_CRC32
		       ? "xz with a check that no kernel knows: xz --check=crc32"
		       : NULL;
}

static void *xz_decoder(void)
{
	lzma_stream *z = stream_new();

	return started(z, lzma_stream_decoder(z, CODEC_MEMORY, 0));
}

static void *lzma_decoder(void)
{
	lzma_stream *z = stream_new();

	return started(z, lzma_alone_decoder(z, CODEC_MEMORY));
}

static int decode(void *decoder, struct codec_io *io)
{
	return run(decoder, io, LZMA_RUN);
}

static void stream_free(void *stream)
{
	lzma_end(stream);
	free(stream);
}

static void *xz_encoder(int level)
{
	lzma_stream *z = stream_new();

	return started(z, lzma_easy_encoder(z, (uint32_t)level, LZMA_CHECK_CRC32));
}

static void *lzma_encoder(int level)
{
	lzma_stream *z = stream_new();
	lzma_options_lzma options;

	if (lzma_lzma_preset(&options, (uint32_t)level))
		return started(z, LZMA_OPTIONS_ERROR);
	return started(z, lzma_alone_encoder(z, &options));
}

static int encode(void *encoder, struct codec_io *io)
{
	int result = run(encoder, io, io->last ? LZMA_FINISH : LZMA_RUN);

	return result < 0 ? -EIO : result;
}

const struct codec codec_xz = {
	.name = "xz",
	.suffix = ".xz",
	.magic = "\xfd"
		 "7zXZ",
	.magic_len = 6,
	.level = 6,
	.level_max = 9,
	.refused = xz_refused,
	.decoder = xz_decoder,
	.decode = decode,
	.decoder_free = stream_free,
	.encoder = xz_encoder,
	.encode = encode,
	.encoder_free = stream_free,
};

const struct codec codec_lzma = {
	.name = "lzma",
	.suffix = ".lzma",
	.magic = "\x5d\0\0",
	.magic_len = 3,
	.level = 6,
	.level_max = 9,
	.decoder = lzma_decoder,
	.decode = decode,
	.decoder_free = stream_free,
	.encoder = lzma_encoder,
	.encode = encode,
	.encoder_free = stream_free,
};
