/* What came from a server cannot be changed between its check and its use. */
#include "memfile.h"
#include "tap.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void sealed(void)
{
	int fd = memory_file("test");
	char text[8] = "";

	CHECK(fd >= 0);
	CHECK(!write_all(fd, "bytes", 5));
	CHECK(!memory_seal(fd));
	CHECK_INT(read_full(fd, text, sizeof(text)), 5);
	CHECK_STR(text, "bytes");
	CHECK_INT(pwrite(fd, "x", 1, 0), -1);
	CHECK_INT(errno, EPERM);
	CHECK_INT(pwrite(fd, "x", 1, 5), -1);
	CHECK_INT(ftruncate(fd, 1), -1);
	CHECK(mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
}

/* Who kept a way to write to it keeps us from using it. */
static void held(void)
{
	int fd = memory_file("test");

	CHECK(fd >= 0);
	CHECK(!write_all(fd, "bytes", 5));
	CHECK(mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
	CHECK_INT(memory_seal(fd), -EBUSY);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a sealed answer stays as it is", sealed, 0 },
		{ "one that somebody can still write to is not taken", held, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
