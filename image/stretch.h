/* The bytes of one stretch of an archive's file: as they are, or decompressed. */
#ifndef BEE_IMAGE_STRETCH_H
#define BEE_IMAGE_STRETCH_H

#include "codec.h"
#include "input.h"

/* What a file's compressed bytes may become: a kernel has it in memory, and nothing boots of so much. */
#define STRETCH_MOST (UINT64_C(16) << 30)
#define STRETCH_BUFFER (256u << 10) /* bytes: the most that one can look ahead */

struct stretch {
	struct input *in;          /* borrowed */
	const struct codec *codec; /* NULL: the bytes of the file as they are */
	void *decoder;
	uint8_t *out; /* owned; decompressed, [at, len) is left */
	size_t at, len;
	uint64_t begin;  /* where the compressed bytes begin in the file */
	uint64_t offset; /* of out[at] in what was decompressed */
	uint64_t made;   /* decompressed bytes, of all stretches of the file */
	uint64_t most;   /* STRETCH_MOST */
	size_t want;     /* bytes that the decoder needs to see */
	bool ended;
	bool middle; /* set by the reader: an end here is in the middle of an entry */
	bool split;  /* a compressed stream ended so, and another went on */
	int error; /* -EBADMSG broken or cut off, -EFBIG wants too much memory, -E2BIG is over `most` */
};

void stretch_init(struct stretch *s, struct input *in);
void stretch_done(struct stretch *s);

/* From here on the file is compressed; and is as it is again. 0 or -ENOMEM. */
MUST_CHECK int stretch_open(struct stretch *s, const struct codec *codec);
void stretch_close(struct stretch *s);

/* As input_peek, input_eat, input_skip; up to the stretch's end. */
MUST_CHECK size_t stretch_peek(struct stretch *s, size_t want, const uint8_t **at);
void stretch_eat(struct stretch *s, size_t count);
MUST_CHECK uint64_t stretch_skip(struct stretch *s, uint64_t count);

/* Of the next byte, in the stretch: what newc aligns by. */
uint64_t stretch_offset(const struct stretch *s);

#endif
