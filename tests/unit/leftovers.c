/* Groups of jobs that an earlier audit left behind, in a folder that stands for cgroup v2's. */
#include "leftovers.h"
#include "tap.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPACE 4711

static struct cgroup cgroup = { .space = SPACE };

static pid_t gone(void)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(0);
	CHECK_INT(waitpid(pid, NULL, 0), pid);
	return pid;
}

static char *leaf(long space, long owner, const char *rest)
{
	char *path =
		xasprintf("%s/%s%ld-%ld%s", cgroup.v2, CGROUP_LEAF, space, owner, rest);

	CHECK(!mkdir(path, 0755));
	return path;
}

static unsigned waits;

/* In the place of the C library's. */
int poll(struct pollfd *fds, nfds_t count, int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	waits++;
	return ppoll(fds, count, ms < 0 ? NULL : &time, NULL);
}

static void check_tidied(char *path, bool stays)
{
	waits = 0;
	leftovers_tidy(&cgroup, NULL);
	/* For who has gone at once, and for who is another's, nobody waits. */
	CHECK_INT(waits, 0);
	if (stays == !!access(path, F_OK))
		tap_fail(__FILE__, __LINE__, "%s: %s", path, stays ? "gone" : "there");
	CHECK(!stays || !rmdir(path));
	free(path);
}

static void test_leaves(void)
{
	pid_t owner = gone();
	AUTO_FREE char *other = NULL;
	int lowest, fd;

	(void)snprintf(cgroup.v2, sizeof(cgroup.v2), "/tmp/bee-leftovers-XXXXXX");
	CHECK(mkdtemp(cgroup.v2));
	cgroup.owner = getpid();
	lowest = dup(0);
	CHECK_INT(close(lowest), 0);
	check_tidied(leaf(SPACE, owner, "-1"), false);
	/* Our own number was another's before: we have no job yet. */
	check_tidied(leaf(SPACE, getpid(), "-1"), false);
	check_tidied(leaf(SPACE, getppid(), "-1"), true);
	/* A number of another pid namespace says nothing here, and 0 is everybody's. */
	check_tidied(leaf(SPACE + 1, owner, "-1"), true);
	check_tidied(leaf(SPACE, 0, "-1"), true);
	check_tidied(leaf(SPACE, owner, "x-1"), true);
	other = xasprintf("%s/other-%d-%d-1", cgroup.v2, SPACE, owner);
	CHECK(!mkdir(other, 0755));
	leftovers_tidy(&cgroup, NULL);
	CHECK(!rmdir(other));
	CHECK(!rmdir(cgroup.v2));
	fd = dup(0);
	CHECK_INT(close(fd), 0);
	CHECK_INT(fd, lowest); /* no folder stays open */
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "those go whose owner has gone, and no other", test_leaves, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
