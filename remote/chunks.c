/* The list of an image's chunks. */
#include "chunks.h"

#include <string.h>

bool chunks_in_range(const struct chunks *chunks)
{
	return chunks->size && chunks->bytes >= CHUNK_LEAST &&
	       chunks->bytes <= CHUNK_MOST && chunks->bytes % CHUNK_LEAST == 0 &&
	       chunks->size <= (uint64_t)CHUNKS_MAX * chunks->bytes &&
	       chunks->count == (chunks->size + chunks->bytes - 1) / chunks->bytes;
}

size_t chunks_len(const struct chunks *chunks, uint32_t i)
{
	uint64_t left = chunks->size - (uint64_t)i * chunks->bytes;

	return left < chunks->bytes ? (size_t)left : chunks->bytes;
}

static int number_of(struct take *take, const char *name, uint64_t most, uint64_t *out)
{
	char line[64];
	const char *value =
		take_line(take, line, sizeof(line)) ? NULL : take_value(line, name);

	return value ? take_number(value, 1, most, out) : -1;
}

int chunks_read(const char *text, size_t len, struct chunks *out, struct said *said)
{
	struct take take = take_begin(text, len);
	char line[SHA256_HEX + 2];
	uint64_t bytes;

	if (take_line(&take, line, sizeof(line)) || strcmp(line, "bee-chunks 1") != 0)
		return say(said, "chunks: the first line is not bee-chunks 1%s",
			   take_why(&take));
	if (number_of(&take, "size", INT64_MAX, &out->size) ||
	    number_of(&take, "bytes", CHUNK_MOST, &bytes))
		return say(said, "chunks: no size NUMBER and bytes NUMBER behind it%s",
			   take_why(&take));
	out->bytes = (uint32_t)bytes;
	out->count = (uint32_t)((out->size + bytes - 1) / bytes);
	if (!chunks_in_range(out))
		return say(said, "chunks: at most %u, of a multiple of %u bytes up to %u",
			   CHUNKS_MAX, CHUNK_LEAST, CHUNK_MOST);
	for (uint32_t i = 0; i < out->count; i++)
		if (take_line(&take, line, sizeof(line)) ||
		    take_sha256(line, out->sums[i]))
			return say(said, "chunks: line %u is no sum%s",
				   take.line + !!*take_why(&take), take_why(&take));
	if (take_line(&take, line, sizeof(line)) || strcmp(line, "end") != 0 ||
	    take.at != take.end)
		return say(said, "chunks: no end behind %u sums", out->count);
	return 0;
}
