/* Nothing outside the tree is opened, whatever a name in it became since it was looked at. */
#include "scan.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void refused(const struct scan *scan, const char *path, int error)
{
	int fd;

	printf("# %s\n", path);
	errno = 0;
	fd = scan_open(scan, path, O_RDONLY);
	CHECK_INT(fd, -1);
	CHECK_INT(errno, error);
}

static void test_inside(void)
{
	char name[] = "/tmp/bee-scan-XXXXXX";
	struct scan scan = { .top = -1 };
	int fd;

	CHECK(mkdtemp(name));
	scan.top = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(scan.top >= 0);
	CHECK_INT(mkdirat(scan.top, "dir", 0755), 0);
	fd = openat(scan.top, "dir/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	close(fd);
	CHECK_INT(symlinkat("dir", scan.top, "inside"), 0);
	CHECK_INT(symlinkat("/etc", scan.top, "outside"), 0);
	CHECK_INT(symlinkat("dir/file", scan.top, "last"), 0);
	fd = scan_open(&scan, "dir/file", O_RDONLY);
	CHECK(fd >= 0);
	close(fd);
	/* openat2(2): what each of the three RESOLVE_ flags ends with */
	refused(&scan, "inside/file", ELOOP);
	refused(&scan, "outside/passwd", ELOOP);
	refused(&scan, "last", ELOOP);
	refused(&scan, "../", EXDEV);
	refused(&scan, "/etc/passwd", EXDEV);
	(void)unlinkat(scan.top, "dir/file", 0);
	(void)unlinkat(scan.top, "dir", AT_REMOVEDIR);
	(void)unlinkat(scan.top, "inside", 0);
	(void)unlinkat(scan.top, "outside", 0);
	(void)unlinkat(scan.top, "last", 0);
	CHECK_INT(rmdir(name), 0);
	close(scan.top);
}

static void test_mounts(void)
{
	struct scan scan = { .top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) };

	refused(&scan, "proc/version", EXDEV);
	close(scan.top);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a name with a link in it, or one that leads out, is not opened",
		  test_inside, 0 },
		{ "nor what is mounted in the tree", test_mounts, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
