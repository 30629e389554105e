/* The bytes of an archive's file, looked at before they are taken. */
#ifndef BEE_IMAGE_INPUT_H
#define BEE_IMAGE_INPUT_H

#include "util.h"

#define INPUT_PIECE (2u << 10)    /* bytes that are read after a skip */
#define INPUT_BUFFER (256u << 10) /* bytes: the most that one can look ahead */

struct input {
	int fd; /* borrowed; -1: all bytes are in `bytes` already */
	const uint8_t *bytes;
	uint8_t *buffer; /* owned; NULL where fd is -1 */
	size_t at, len;  /* what is left of `bytes` is [at, len) */
	uint64_t offset; /* of bytes[at] in the file */
	uint64_t size;   /* of a file that can be skipped in; 0: read what is skipped */
	size_t piece;    /* bytes of the next read */
	bool ended;
	int error; /* -errno of the read that failed; the file ends there */
};

void input_init(struct input *in, int fd);
/* Of `len` bytes in memory, borrowed. */
void input_init_bytes(struct input *in, const uint8_t *bytes, size_t len);
void input_done(struct input *in);

/* At least `want` (at most INPUT_BUFFER) bytes at *at, or all there are; how many. */
MUST_CHECK size_t input_peek(struct input *in, size_t want, const uint8_t **at);
/* Takes `count` bytes that were looked at. */
void input_eat(struct input *in, size_t count);
/* Passes over as many as there are, at most `count`; how many. */
MUST_CHECK uint64_t input_skip(struct input *in, uint64_t count);
/* Back to the first byte, where the file can be skipped in. 0 or -errno. */
MUST_CHECK int input_rewind(struct input *in);

#endif
