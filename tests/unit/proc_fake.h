/*
 * /proc/PID as this process sees it, with a stat and a schedstat that a test writes: whether a process
 * lacks a processor is then no matter of what else the machine does.
 */
#ifndef BEE_TESTS_PROC_FAKE_H
#define BEE_TESTS_PROC_FAKE_H

#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static pid_t fake_pid;

static void fake_file(const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/%s", fake_pid, name);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(write_all(fd, text, strlen(text)), 0);
}

/* It is in `state`, and has had a processor, and waited for one, for so many ns of its life. */
static void fake_says(char state, nsec_t ran, nsec_t waited)
{
	/* proc(5): what comes after the state, up to the 22nd field, is nobody's concern here. */
	AUTO_FREE char *stat = xasprintf("%d (x) %c 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 "
					 "0 4711 0 0\n",
					 fake_pid, state);
	AUTO_FREE char *schedstat =
		xasprintf("%lld %lld 3\n", (long long)ran, (long long)waited);

	fake_file("stat", stat);
	fake_file("schedstat", schedstat);
}

/* From now on, in this process's mounts alone. */
static void fake_begin(pid_t pid)
{
	AUTO_FREE char *folder = xasprintf("/proc/%d", pid);

	fake_pid = pid;
	CHECK(!unshare(CLONE_NEWNS));
	CHECK(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("tmpfs", folder, "tmpfs", 0, NULL));
}

#endif
