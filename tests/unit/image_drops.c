/* What --drop leaves out: a name, all below a folder, and nothing else. */
#include "drops.h"
#include "tap.h"

#include <limits.h>
#include <string.h>

static void test_drops(void)
{
	char share[] = "usr/share", ends[] = "*.pyc", one[] = "etc/?";
	char *globs[] = { share, ends, one, NULL }, *none[] = { NULL };
	struct drops last = { NULL, false };

	CHECK(drops_have(globs, &last, "usr/share"));
	CHECK(drops_have(globs, &last, "usr/share/doc/a"));
	CHECK(!drops_have(globs, &last, "usr/shared/a"));
	CHECK(!drops_have(globs, &last, "usr/a"));
	CHECK(drops_have(globs, &last, "etc/x"));
	CHECK(drops_have(globs, &last, "etc/x/deep/y"));
	CHECK(!drops_have(globs, &last, "etc/xy"));
	CHECK(drops_have(globs, &last, "a.pyc"));
	CHECK(!drops_have(globs, &last, ""));
	CHECK(!drops_have(none, &last, "usr/share"));
	drops_done(&last);
}

/* Of a list of somebody's; the kernel takes no such name, and the build tells so. */
static void test_too_long(void)
{
	char glob[] = "x", *globs[] = { glob, NULL };
	struct drops last = { NULL, false };
	char path[PATH_MAX + 3];

	memset(path, 'a', sizeof(path));
	path[PATH_MAX] = '/';
	path[sizeof(path) - 1] = '\0';
	CHECK(!drops_have(globs, &last, path));
	drops_done(&last);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a glob drops a name, and all below a folder", test_drops, 0 },
		{ "a path that is too long is not dropped in silence", test_too_long, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
