/* Names as numbers, for what is remembered of them. */
#ifndef BEE_TRACE_HASH_H
#define BEE_TRACE_HASH_H

#include "util.h"

/* Of a text and a number before it. */
uint64_t hash_text(uint64_t seed, const char *text);
/* All bits of it count in each. */
uint64_t hash_mix(uint64_t hash);

#endif
