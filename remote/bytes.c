/* The whole of a descriptor into memory, with a cap. */
#include "commands.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct bytes bytes_read(int fd, size_t max)
{
	struct bytes bytes = { NULL, 0 };
	char *text;
	ptrdiff_t len;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return bytes;
	/* A pipe has no size; what has one is not given more room than that. */
	if (S_ISREG(st.st_mode) && (size_t)st.st_size < max)
		max = (size_t)st.st_size;
	text = xcalloc(1, max + 1);
	len = read_full(fd, text, max + 1);
	if (len < 0 || (size_t)len > max) {
		errno = len < 0 ? (int)-len : EFBIG;
		free(text);
		return bytes;
	}
	return (struct bytes){ text, (size_t)len };
}
