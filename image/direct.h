/* A file written past the page cache, by a child: the disk works while the next bytes are made. */
#ifndef BEE_IMAGE_DIRECT_H
#define BEE_IMAGE_DIRECT_H

#include <stddef.h>
#include <stdint.h>

struct direct;

/* `to` is nobody else's: who has it too would write past the page cache as well. NULL: this is no file that
 * can be written so. `size` of its buffers, in bytes, is a multiple of 4096; the first is `buffer`, empty. Ends
 * the program where there is no memory. */
struct direct *direct_start(int to, size_t size, uint8_t **buffer);
/* Writes the whole buffer, and brings an empty one. Returns a negative errno of this or an earlier one. */
int direct_next(struct direct *direct, uint8_t **buffer);
/* Writes the last `len` bytes, in the buffer; all is written, and the file as any other. The same. */
int direct_end(struct direct *direct, size_t len);

#endif
