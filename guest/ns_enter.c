/* Into the namespaces of a guest that runs. */
#include "ns_enter.h"
#include "group.h"
#include "keeper.h"
#include "look.h"
#include "ns_filter.h"
#include "ns_plan.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES                                                                       \
	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET |       \
	 CLONE_NEWCGROUP)

/* A terminal of this machine's: what root inside pushes into it is read by nobody here. */
static int terminal_open(int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) || unlockpt(master))
		err(BEE_SOFTWARE, "terminal");
	*slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0)
		err(BEE_SOFTWARE, "terminal");
	return master;
}

/* What pid 1 of the guest has given up, whoever comes in has not either. */
static void rights_drop(const struct sock_fprog *filter)
{
	const struct rlimit core = { 1, 1 }; /* as root/prepare.c has it */

	if (setrlimit(RLIMIT_CORE, &core))
		err(BEE_SOFTWARE, "limits");
	for (int cap = 0; cap < 64; cap++)
		if (PLAN_DROPPED >> cap & 1 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) &&
		    errno != EINVAL)
			err(BEE_SOFTWARE, "capabilities");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter))
		err(BEE_SOFTWARE, "filter");
}

static _Noreturn void inside(char **argv, int slave, const struct sock_fprog *filter)
{
	const char *term = getenv("TERM");
	AUTO_FREE char *kept = xstrdup(term ? term : "dumb");

	if (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0))
		err(BEE_SOFTWARE, "ids");
	for (int fd = 0; fd < 3 && slave >= 0; fd++)
		if (dup2(slave, fd) < 0)
			err(BEE_SOFTWARE, "terminal");
	/* Whoever enters, his terminal is not the guest's: not as its /dev/tty either. */
	if (setsid() < 0 || (slave >= 0 && ioctl(0, TIOCSCTTY, 0)))
		err(BEE_SOFTWARE, "terminal");
	clearenv();
	(void)setenv("TERM", kept, 1);
	(void)setenv("HOME", "/root", 1);
	(void)setenv("container", "bee", 1);
	(void)setenv("PATH",
		     "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	if (chdir("/root") && chdir("/"))
		err(BEE_SOFTWARE, "/");
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
		err(BEE_SOFTWARE, "descriptors");
	rights_drop(filter);
	if (argv[0]) {
		execvp(argv[0], argv);
		err(errno == ENOENT ? 127 : 126, "%s", argv[0]);
	}
	execl("/bin/bash", "bash", "-l", NULL);
	execl("/bin/sh", "sh", "-l", NULL);
	err(127, "/bin/sh");
}

int ns_enter(const char *name, struct look *look, int pidfd, char **argv)
{
	struct sock_fprog filter;
	int slave = -1, master = -1, status;
	int result = filter_make(&filter);
	pid_t pid;

	(void)name;
	if (result)
		errx(BEE_SOFTWARE, "filter: %s", strerror(-result));
	/* Until it executes something, root inside could trace it, with what it has of the machine. */
	result = process_hide();
	if (result)
		errx(BEE_SOFTWARE, "not to be traced: %s", strerror(-result));
	if (isatty(0) && isatty(1))
		master = terminal_open(&slave);
	pid = fork();
	if (pid < 0)
		err(BEE_SOFTWARE, "fork");
	if (pid == 0) {
		pid_t child;

		result = group_enter(look->handles.id);
		if (result)
			errx(BEE_SOFTWARE, "its cgroup: %s", strerror(-result));
		if (setns(pidfd,
			  NAMESPACES | (look->handles.host_users ? 0 : CLONE_NEWUSER)))
			err(BEE_SOFTWARE, "its namespaces");
		/* One that was forked after it is in the pid namespace. */
		child = fork();
		if (child == 0)
			inside(argv, slave, &filter);
		if (master >= 0)
			close(master);
		if (slave >= 0)
			close(slave);
		if (child < 0 || waitpid(child, &status, 0) != child)
			_exit(BEE_SOFTWARE);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	}
	if (slave >= 0)
		close(slave);
	if (master >= 0) {
		int child = pidfd_open(pid, 0);

		keeper_relay(master, child);
	}
	if (waitpid(pid, &status, 0) != pid)
		return BEE_SOFTWARE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
