/* Compressors of an initramfs, one row each: how one is known, read and written. */
#ifndef BEE_IMAGE_CODEC_H
#define BEE_IMAGE_CODEC_H

#include "util.h"

/* What a decoder may take: the kernel's own limit for zstd, and twice what xz -9 needs. */
#define CODEC_WINDOW_LOG 27
#define CODEC_MEMORY (UINT64_C(256) << 20) /* bytes */

/* Bytes to take and room to fill; a codec moves both on. */
struct codec_io {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
	bool last; /* nothing comes after `in` */
};

struct codec {
	const char *name;   /* as --compress and the reports call it */
	const char *suffix; /* of a file's name */
	const char *magic;  /* its first bytes */
	unsigned magic_len;
	int level, level_max; /* the usual one, the highest; 0: it has none */
	/* By a stream's first bytes, why no kernel takes it; NULL: it does. */
	const char *(*refused)(const uint8_t *bytes, size_t len);
	/* NULL where there is no memory. */
	void *(*decoder)(void);
	/* 0: go on; 1: the stream ended here, what follows is left in `in`; -EBADMSG: it is
	 * broken; -EFBIG: it wants more than CODEC_MEMORY. Without progress it wants more. */
	int (*decode)(void *decoder, struct codec_io *io);
	void (*decoder_free)(void *decoder);
	void *(*encoder)(int level);
	/* Before the first bytes: about so many come. NULL: that changes nothing. */
	void (*expect)(void *encoder, uint64_t bytes);
	/* With io->last: 1 when all is written. 0 or -EIO. */
	int (*encode)(void *encoder, struct codec_io *io);
	void (*encoder_free)(void *encoder);
};

extern const struct codec codec_gzip, codec_xz, codec_lzma, codec_zstd, codec_lz4,
	codec_bzip2;

/* NULL: there is none. By first bytes; by name; by the end of a file's name. */
const struct codec *codec_of_magic(const uint8_t *bytes, size_t len);
const struct codec *codec_of_name(const char *name, size_t len);
const struct codec *codec_of_suffix(const char *file);
/* What is known and not read here, in words, and whether kernels read it; NULL: it is not known. */
const char *codec_foreign(const uint8_t *bytes, size_t len, bool *kernels);

#endif
