/* Compressors of an initramfs: which one. */
#include "codec.h"

#include <string.h>

static const struct codec *const codecs[] = {
	&codec_gzip, &codec_xz, &codec_lzma, &codec_zstd, &codec_lz4, &codec_bzip2,
};

static const struct {
	const char *magic;
	const char *what;
	unsigned len;
	bool kernels; /* read it */
} foreign[] = {
	{ "\x04\x22\x4d\x18",
	  "an lz4 frame, which no kernel reads: lz4 -l writes what it does read", 4,
	  false },
	{ "\x89LZO", "lzop, which is not read here", 4, true },
	{ "070707", "cpio's old format, which no kernel reads: cpio -H newc", 6, false },
	{ "\xc7\x71", "cpio's binary format, which no kernel reads: cpio -H newc", 2,
	  false },
	{ "\x71\xc7", "cpio's binary format, which no kernel reads: cpio -H newc", 2,
	  false },
};

const struct codec *codec_of_magic(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++)
		if (len >= codecs[i]->magic_len &&
		    !memcmp(bytes, codecs[i]->magic, codecs[i]->magic_len))
			return codecs[i];
	return NULL;
}

const struct codec *codec_of_name(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++)
		if (strlen(codecs[i]->name) == len && !memcmp(codecs[i]->name, name, len))
			return codecs[i];
	return NULL;
}

const struct codec *codec_of_suffix(const char *file)
{
	size_t len = strlen(file);

	for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
		size_t end = strlen(codecs[i]->suffix);

		if (len > end && !strcmp(file + len - end, codecs[i]->suffix))
			return codecs[i];
	}
	return NULL;
}

const char *codec_foreign(const uint8_t *bytes, size_t len, bool *kernels)
{
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
		if (len >= foreign[i].len &&
		    !memcmp(bytes, foreign[i].magic, foreign[i].len)) {
			*kernels = foreign[i].kernels;
			return foreign[i].what;
		}
	return NULL;
}
