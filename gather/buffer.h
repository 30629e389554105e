/* Bytes that grow up to a cap. */
#ifndef BEE_GATHER_BUFFER_H
#define BEE_GATHER_BUFFER_H

#include "util.h"

struct buffer {      /* all zero: empty */
	char *bytes; /* owned */
	size_t len, room;
};

/* Appends as much as keeps it at or below `cap` bytes. */
void buffer_add(struct buffer *buffer, size_t cap, const char *bytes, size_t len);
/* Empties it, and gives its memory back. */
void buffer_drop(struct buffer *buffer);

#endif
