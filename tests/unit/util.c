/* Small helpers (lib/util.c). */
#include "util.h"
#include "tap.h"

#include <limits.h>

static void names(void)
{
	char path[FD_PATH_SIZE];

	CHECK_STR(fd_path(path, 0), "/proc/self/fd/0");
	CHECK_STR(fd_path(path, 9), "/proc/self/fd/9");
	CHECK_STR(fd_path(path, 10), "/proc/self/fd/10");
	CHECK_STR(fd_path(path, INT_MAX), "/proc/self/fd/2147483647");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "an open file's name", names, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
