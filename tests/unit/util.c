/* Small helpers (lib/util.c). */
#include "util.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void names(void)
{
	char path[FD_PATH_SIZE];

	CHECK_STR(fd_path(path, 0), "/proc/self/fd/0");
	CHECK_STR(fd_path(path, 9), "/proc/self/fd/9");
	CHECK_STR(fd_path(path, 10), "/proc/self/fd/10");
	CHECK_STR(fd_path(path, INT_MAX), "/proc/self/fd/2147483647");
}

/* fs/namei.c, handle_dots(): with anything renamed meanwhile, ".." of a lookup that may not leave is EAGAIN. */
static void within(void)
{
	char dir[] = "/tmp/bee-within-XXXXXX", path[64] = "";
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH };
	time_t end = time(NULL) + 10;
	unsigned again = 0, failed = 0;
	pid_t renames;
	int top;

	CHECK(mkdtemp(dir) && !chdir(dir) && !mkdir("a", 0700) && !mkdir("b", 0700));
	top = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (unsigned i = 0; i < 3; i++)
		strcat(path, "a/../");
	strcat(path, "a");
	renames = fork();
	while (renames == 0)
		(void)(rename("b", "c") || rename("c", "b"));
	while (again < 50 && time(NULL) < end) {
		int fd = (int)syscall(SYS_openat2, top, path, &how, sizeof(how));

		again += fd < 0 && errno == EAGAIN;
		close(fd);
		fd = open_within(top, path, &how);
		failed += fd < 0;
		close(fd);
	}
	kill(renames, SIGKILL);
	waitpid(renames, NULL, 0);
	CHECK(again > 0 || sysconf(_SC_NPROCESSORS_ONLN) == 1);
	CHECK(failed == 0);
	CHECK(open_within(top, "../x", &how) < 0 && errno == EXDEV);
	(void)(rmdir("c") && rmdir("b"));
	CHECK(!rmdir("a") && !rmdir(dir));
	close(top);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "an open file's name", names, 0 },
		{ "a path that may not leave is opened while others rename", within, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
