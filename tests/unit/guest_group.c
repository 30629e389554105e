/* What a guest's group has refused, of folders that stand for those of cgroup v2. */
#include "../../guest/group.h"
#include "tap.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[32];

static void file(const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", top, name);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write_all(fd, text, strlen(text)))
		tap_fail(__FILE__, __LINE__, "%s", path);
}

static void folder(const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", top, name);

	if (mkdir(path, 0700))
		tap_fail(__FILE__, __LINE__, "%s", path);
}

/* As systemd divides it. */
static void groups_make(void)
{
	(void)stpcpy(top, "/tmp/bee-group-XXXXXX");
	if (!mkdtemp(top))
		tap_fail(__FILE__, __LINE__, "%s", top);
	folder("system.slice");
	folder("system.slice/a.service");
}

static void counts_make(void)
{
	groups_make();
	file("pids.events", "max 2\n");
	file("system.slice/pids.events", "max 0\n");
	file("system.slice/a.service/pids.events", "max 5\n");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static void groups_remove(void)
{
	CHECK(!nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS));
}

static void test_none(void)
{
	groups_make();
	CHECK(group_refused(top) == UINT64_MAX);
	CHECK(group_refused("/does/not/exist") == UINT64_MAX);
	groups_remove();
}

static void test_below(void)
{
	counts_make();
	CHECK_INT(group_refused(top), 7);
	folder("odd");
	file("odd/pids.events", "max -1\n");
	folder("most");
	file("most/pids.events", "max 18446744073709551615\n");
	CHECK_INT(group_refused(top), 7);
	groups_remove();
}

static void test_own(void)
{
	counts_make();
	file("pids.events.local", "max 0\n");
	CHECK_INT(group_refused(top), 2);
	groups_remove();
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a group without the controller counts nothing", test_none, 0 },
		{ "before Linux 6.11 the groups below count too, and files that make no "
		  "sense do not",
		  test_below, 0 },
		{ "since then the group's own number has them all", test_own, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
