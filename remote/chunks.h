/* The list of an image's chunks, by whose sums it is fetched, compared and written. */
#ifndef BEE_REMOTE_CHUNKS_H
#define BEE_REMOTE_CHUNKS_H

#include "said.h"
#include "take.h"

#define CHUNK_LEAST 4096u
#define CHUNK_MOST (16u << 20)
#define CHUNKS_MAX 16384 /* 64 GiB in chunks of 4 MiB */
#define CHUNKS_TEXT_MAX ((CHUNKS_MAX + 4) * (SHA256_HEX + 1))

/* Fixed in size: it comes from the process that has read it. */
struct chunks {
	uint64_t size;  /* of the image */
	uint32_t bytes; /* of each chunk but the last */
	uint32_t count;
	unsigned char sums[CHUNKS_MAX][SHA256_BYTES];
};

/* "bee-chunks 1", "size N", "bytes N", the sums, "end": all of it and nothing else. 0, or -1 with words. */
MUST_CHECK int chunks_read(const char *text, size_t len, struct chunks *out,
			   struct said *said);
/* Whether size, bytes and count are a list's. */
bool chunks_in_range(const struct chunks *chunks);
/* How long one is. */
size_t chunks_len(const struct chunks *chunks, uint32_t i);

#endif
