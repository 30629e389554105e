/* Lines of a list, of which one that is too long is none. */
#ifndef BEE_IMAGE_LIST_LINE_H
#define BEE_IMAGE_LIST_LINE_H

#include "util.h"

#include <stdio.h>

/* A path, each byte of it escaped, is 16 KiB; the programs that used it are besides. */
#define LIST_LINE_MAX (1u << 20)

/* As getline(3), up to LIST_LINE_MAX bytes; -1 with errno EFBIG where one has more, 0: the end. */
MUST_CHECK ssize_t list_line(char **line, size_t *room, FILE *from);

#endif
