/* Bytes of an archive on their way to its file: as they are, or by a process that compresses. */
#ifndef BEE_IMAGE_PACK_H
#define BEE_IMAGE_PACK_H

#include "codec.h"
#include "whole.h"

#include <sys/types.h>

#define PACK_BUFFER (1u << 20) /* bytes */

struct pack {
	const char *path;      /* borrowed; of the image, for what is told */
	int to;                /* borrowed, or a pipe to the child */
	pid_t child;           /* 0: none */
	struct direct *direct; /* NULL: written as it is */
	uint8_t *buffer;       /* owned, or direct's */
	size_t len;
	uint64_t total; /* bytes put so far */
};

/*
 * `codec` NULL: nothing is compressed; `about`: how many bytes come, as far as is known. Ends the
 * program where there is no such process.
 */
void pack_start(struct pack *pack, const struct whole *to, const struct codec *codec,
		int level, uint64_t about);
/* What cannot be written ends the program (74). */
void pack_put(struct pack *pack, const void *bytes, size_t len);
/* Zeros until the total is a multiple of `multiple`, a power of 2 up to 512. */
void pack_pad(struct pack *pack, unsigned multiple);
/* Room for a read(2), at least 1 byte; pack_took says how many it filled. */
uint8_t *pack_room(struct pack *pack, size_t *room);
void pack_took(struct pack *pack, size_t count);
/* All is written. */
void pack_end(struct pack *pack);

#endif
