/* Names as numbers, for what is remembered of them. */
#include "hash.h"

#include <string.h>

uint64_t hash_mix(uint64_t hash)
{
	hash ^= hash >> 33; /* the last step of murmur3 */
	hash *= UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 33;
}

/* Eight bytes at a time: a name is hashed four times while it is followed. */
uint64_t hash_text(uint64_t seed, const char *text)
{
	size_t len = strlen(text);
	uint64_t hash = hash_mix(seed ^ UINT64_C(0xcbf29ce484222325)) ^ len, word;

	for (; len >= sizeof(word); len -= sizeof(word), text += sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = hash_mix(hash ^ word);
	}
	word = 0;
	memcpy(&word, text, len);
	return hash_mix(hash ^ word);
}
