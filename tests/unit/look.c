/* What is told of a process that hangs, as a /proc of the test's own has it. */
#include "look.h"
#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void put(const char *name, const char *text)
{
	AUTO_CLOSE int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0);
	CHECK_INT(write_all(fd, text, strlen(text)), 0);
}

/* An empty /proc, in this process's mounts alone. */
static void proc_begin(void)
{
	if (geteuid() != 0)
		tap_skip("it takes root to have a /proc of one's own");
	CHECK(!unshare(CLONE_NEWNS));
	CHECK(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("tmpfs", "/proc", "tmpfs", 0, NULL));
}

/* A leak checker wants the true one. */
static void proc_end(void)
{
	CHECK(!umount2("/proc", MNT_DETACH));
}

static void check_frame(pid_t pid, const char *wanted, size_t len)
{
	char have[8192];
	int ends[2];
	ssize_t n;

	CHECK(!pipe(ends));
	look_frame(ends[1], pid);
	CHECK(!close(ends[1]));
	n = read(ends[0], have, sizeof(have));
	CHECK_INT(n, len);
	for (size_t i = 0; i < len; i++)
		if (have[i] != wanted[i])
			tap_fail(__FILE__, __LINE__, "byte %zu: %c, not %c", i, have[i],
				 wanted[i]);
	CHECK(!close(ends[0]));
}

/* proc(5): stat and wchan; Documentation/filesystems/proc.rst: stack. A name may hold brackets. */
static void test_frame(void)
{
	static const char wanted[] = "100\0"
				     "4711\0"
				     "a) R (b\0"
				     "D\0"
				     "io_schedule\0"
				     "io_schedule+0x12/0x30\nblk_execute_rq+0x4/0x1c0\0";

	proc_begin();
	CHECK(!mkdir("/proc/100", 0755));
	put("/proc/100/stat", "100 (a) R (b) D 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 "
			      "4711 0 0\n");
	put("/proc/100/wchan", "io_schedule");
	put("/proc/100/stack", "[<0>] io_schedule+0x12/0x30\n"
			       "[<0>] blk_execute_rq+0x4/0x1c0\n");
	check_frame(100, wanted, sizeof(wanted));
	proc_end();
}

/* What may not be read is empty; what has gone is not told. */
static void test_less(void)
{
	static const char wanted[] = "100\0"
				     "4711\0"
				     "x\0"
				     "D\0"
				     "\0"
				     "\0";

	proc_begin();
	CHECK(!mkdir("/proc/100", 0755));
	put("/proc/100/stat", "100 (x) D 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0\n");
	check_frame(100, wanted, sizeof(wanted));
	check_frame(101, "", 0);
	put("/proc/100/stat", "100 (x) D 1 1 1\n");
	check_frame(100, "", 0);
	proc_end();
}

static void test_tree(void)
{
	pid_t found[LOOK_PROCESSES];

	proc_begin();
	CHECK(!mkdir("/proc/100", 0755) && !mkdir("/proc/100/task", 0755) &&
	      !mkdir("/proc/100/task/100", 0755));
	CHECK(!mkdir("/proc/102", 0755) && !mkdir("/proc/102/task", 0755) &&
	      !mkdir("/proc/102/task/102", 0755));
	put("/proc/100/task/100/children", "101 102 ");
	put("/proc/102/task/102/children", "103 ");
	CHECK_INT(look_tree(100, found), 4);
	for (int i = 0; i < 4; i++)
		CHECK_INT(found[i], 100 + i);
	/* No more than there is room for. */
	put("/proc/102/task/102/children", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
					   "19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 "
					   "34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 "
					   "49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 "
					   "64 65 66 67 68 69 70 ");
	CHECK(look_tree(100, found) <= LOOK_PROCESSES);
	proc_end();
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what it waits in is told, function by function", test_frame, 0 },
		{ "what may not be read is empty, and who has gone is not told",
		  test_less, 0 },
		{ "who started whom is followed", test_tree, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
