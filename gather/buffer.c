/* Bytes that grow up to a cap. */
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

void buffer_add(struct buffer *buffer, size_t cap, const char *bytes, size_t len)
{
	if (len > cap - buffer->len)
		len = cap - buffer->len;
	if (buffer->len + len > buffer->room) {
		size_t room = buffer->room ? buffer->room : 256;

		while (room < buffer->len + len)
			room *= 2;
		buffer->bytes = xrealloc_array(buffer->bytes, room, 1);
		buffer->room = room;
	}
	if (len > 0)
		memcpy(buffer->bytes + buffer->len, bytes, len);
	buffer->len += len;
}

void buffer_drop(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){ 0 };
}
