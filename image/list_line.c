/* Lines of a list: it may be anything, /dev/zero too, and memory is not its. */
#include "list_line.h"

#include <errno.h>

ssize_t list_line(char **line, size_t *room, FILE *from)
{
	size_t len = 0;
	int c = 0;

	while (c != '\n' && (c = getc_unlocked(from)) != EOF) {
		if (len == LIST_LINE_MAX) {
			errno = EFBIG;
			return -1;
		}
		if (len + 2 > *room) {
			*room = 2 * *room + 256;
			*line = xrealloc_array(*line, *room, 1);
		}
		(*line)[len++] = (char)c;
	}
	if (len > 0)
		(*line)[len] = '\0';
	if (ferror(from))
		return -1;
	return (ssize_t)len;
}
