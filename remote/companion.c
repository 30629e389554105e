/* Starting another program of bee with just the descriptors it is given, and its end. */
#include "companion.h"

#include "clone.h"
#include "confine.h"
#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int program_open(const char *name)
{
	char self[PATH_MAX];

	if (own_program(self))
		return -ENOENT;
	*strrchr(self, '/') = '\0';
	for (int i = 0; i < 2; i++) {
		AUTO_FREE char *path =
			xasprintf("%s/%s%s", self, i ? "../libexec/bee/" : "", name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd >= 0)
			return fd;
	}
	return -errno;
}

/* Puts them in their places by way of numbers above all of those. 0 or -1. */
static int descriptors_place(const struct companion *companion, int *program)
{
	int moved[COMPANION_FDS];
	unsigned count = companion->fd_count < 3 ? 3 : companion->fd_count;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	*program = fcntl(*program, F_DUPFD_CLOEXEC, COMPANION_FDS + 3);
	if (null < 0 || *program < 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		int fd = i < companion->fd_count ? companion->fds[i] : -1;

		if (fd < 0 && i < 3)
			fd = null;
		moved[i] = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, COMPANION_FDS + 3);
		if (fd >= 0 && moved[i] < 0)
			return -1;
	}
	for (unsigned i = 0; i < count; i++)
		if (moved[i] >= 0 ? dup2(moved[i], (int)i) < 0
				  : close((int)i) && errno != EBADF)
			return -1;
	return close_range(count, (unsigned)*program - 1, 0) ||
			       close_range((unsigned)*program + 1, ~0U, 0)
		       ? -1
		       : 0;
}

static _Noreturn void companion_become(const struct companion *companion, int program)
{
	char *env[] = { (char[]){ "LC_ALL=C" }, (char[]){ "PATH=/usr/sbin:/usr/bin" },
			NULL };
	sigset_t none;

	sigemptyset(&none);
	if (descriptors_place(companion, &program) || setsid() < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || confine_core() ||
	    (companion->file_bytes &&
	     confine_limit(RLIMIT_FSIZE, companion->file_bytes)) ||
	    (companion->uid &&
	     (confine_drop(companion->uid) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))))
		_exit(BEE_SOFTWARE);
	execveat(program, "", companion->argv, env, AT_EMPTY_PATH);
	_exit(BEE_SOFTWARE);
}

/* What is behind a KILL that does not come is left to itself. */
static int wait_end(int pidfd, nsec_t deadline, int stop)
{
	struct pollfd polls[] = { { pidfd, POLLIN, 0 }, { stop, POLLIN, 0 } };
	siginfo_t info = { .si_pid = 0 };
	int why = 0;

	while (!polls[0].revents && !why) {
		if (poll(polls, 2, clock_poll_ms(deadline)) < 0 && errno != EINTR)
			return -errno;
		if (polls[1].revents)
			why = -EINTR;
		else if (clock_now() >= deadline)
			why = -ETIMEDOUT;
	}
	if (!polls[0].revents) {
		(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		(void)poll(polls, 1, 1000);
	}
	if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) || !info.si_pid)
		return why ?: -ETIMEDOUT;
	if (why)
		return why;
	return info.si_code == CLD_EXITED ? info.si_status : -ECHILD;
}

int companion_run(const struct companion *companion, nsec_t deadline, int stop)
{
	AUTO_CLOSE int program = program_open(companion->name);
	AUTO_CLOSE int pidfd = -1;
	pid_t pid;

	if (program < 0)
		return program;
	pid = clone_child(0, -1, &pidfd);
	if (pid < 0)
		return -errno;
	if (pid == 0)
		companion_become(companion, program);
	return wait_end(pidfd, deadline, stop);
}
