/* Filters at work: loaded in a child, each call either passes, is answered, reported or
 * kills. */
#include "filter_outcome.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_opens(void)
{
	use_policy(HEAD TOOL "[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/etc", O_RDONLY), 0);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/etc",
			  O_RDONLY | O_CLOEXEC | O_DIRECTORY),
		  0);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/etc", O_PATH), 0);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/none", O_RDONLY), ENOENT);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_WRONLY), REPORTED);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR), REPORTED);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_ACCMODE), REPORTED);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/tmp/x", O_RDONLY | O_CREAT),
		  REPORTED);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/tmp/x", O_RDONLY | O_TRUNC),
		  REPORTED);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/tmp", O_TMPFILE), REPORTED);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/etc", O_RDONLY | O_EXCL),
		  REPORTED);
	CHECK_INT(OUTCOME(SYS_openat2, AT_FDCWD, (long)"/etc", 0, 0), REPORTED);
#ifdef SYS_open
	CHECK_INT(OUTCOME(SYS_open, (long)"/etc", O_RDONLY), 0);
	CHECK_INT(OUTCOME(SYS_open, (long)"/dev/null", O_RDWR), REPORTED);
	CHECK_INT(OUTCOME(SYS_open, (long)"/etc", O_RDONLY | O_EXCL), REPORTED);
	CHECK_INT(OUTCOME(SYS_creat, (long)"/tmp/x", 0600), REPORTED);
#endif
	use_policy(HEAD TOOL "open read-write\n[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR), 0);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_WRONLY), 0);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDONLY), 0);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_WRONLY | O_TRUNC),
		  REPORTED);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR | O_EXCL),
		  REPORTED);
	/* Neither for reading nor for writing, so that Landlock has no objection. */
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_ACCMODE), REPORTED);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/tmp/x", O_WRONLY | O_CREAT),
		  REPORTED);
	use_policy(HEAD TOOL "open none\n[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/etc", O_RDONLY), REPORTED);
}

/* A container's filter: its errors come before our reports. */
static bool filtered_around(void)
{
	return prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER;
}

static void test_listed(void)
{
	/* Every number is called, so that one the filter lets through by mistake shows.
	 */
	use_policy(HEAD "syscalls write\n[s]\nrun x\n");
	for (int i = 0; i < POLICY_SYSCALL_MAX; i++) {
		char name[64];
		int got;

		if (!syscall_name(i, name, sizeof(name)) || i == SYS_write ||
		    i == SYS_clone3 || i == SYS_mmap || i == SYS_mprotect ||
		    i == SYS_exit || i == SYS_exit_group)
			continue;
		got = OUTCOME(i, -1, -1, -1, -1);
		if ((got == EPERM || got == ENOSYS) && filtered_around())
			continue;
		if (got != REPORTED)
			tap_fail(__FILE__, __LINE__, "%s gave %d", name, got);
	}
}

static void test_answers(void)
{
	use_policy(HEAD TOOL "answer socket EAFNOSUPPORT  mount EPERM\n[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_socket, 1, 1, 0), EAFNOSUPPORT);
	CHECK_INT(OUTCOME(SYS_mount, 0, 0, 0), EPERM);
	CHECK_INT(OUTCOME(SYS_connect, 0, 0, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_clone3, 0, 0), ENOSYS);
}

static void test_ioctls(void)
{
	use_policy(HEAD TOOL
		   "[s]\nrun x\nioctl SG_IO=0x2285 A_FAMILY=0xc00046c8/0xc000ffff\n");
	CHECK_INT(OUTCOME(SYS_ioctl, -1, 0x2285), EBADF);
	CHECK_INT(OUTCOME(SYS_ioctl, -1, 0x2286), REPORTED);
	CHECK_INT(OUTCOME(SYS_ioctl, -1, TIOCSTI), REPORTED);
	/* The kernel looks at the lower half alone, so the filter must not be told
	 * otherwise. */
	CHECK_INT(OUTCOME(SYS_ioctl, -1, 0x100002285), EBADF);
	CHECK_INT(OUTCOME(SYS_ioctl, -1, 0x100005412), REPORTED);
	CHECK_INT(OUTCOME(SYS_ioctl, -1, 0x228500000000), REPORTED);
	CHECK_INT(OUTCOME(SYS_ioctl, -1, 0xca0046c8), EBADF);
	CHECK_INT(OUTCOME(SYS_ioctl, -1, 0xc04846c8), EBADF);
	CHECK_INT(OUTCOME(SYS_ioctl, -1, 0x404846c8), REPORTED);
	CHECK_INT(OUTCOME(SYS_ioctl, -1, 0xc04846c9), REPORTED);
	use_policy(HEAD TOOL "[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_ioctl, -1, 0x2285), REPORTED);
}

static void test_sockets(void)
{
	use_policy(HEAD TOOL "syscalls socket\n[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), 0);
	CHECK_INT(OUTCOME(SYS_socket, AF_INET, SOCK_STREAM, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_socket, AF_INET, SOCK_RAW, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_socket, AF_INET, SOCK_DGRAM, 1), REPORTED);
	CHECK_INT(OUTCOME(SYS_socket, AF_NETLINK, SOCK_DGRAM, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_socket, AF_PACKET, SOCK_DGRAM, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_socket, AF_UNIX, SOCK_DGRAM, 0), REPORTED);
}

static void test_listening(void)
{
	const int lldp = 0xcc88; /* in network order, as socket(2) has it */

	use_policy(HEAD TOOL "[s]\nrun x\nnetwork listen 0x88cc\n");
	CHECK(OUTCOME(SYS_socket, AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, lldp) != REPORTED);
	CHECK_INT(OUTCOME(SYS_socket, AF_PACKET, SOCK_RAW, 0x0300), REPORTED);
	CHECK_INT(OUTCOME(SYS_socket, AF_PACKET, SOCK_RAW, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_socket, AF_PACKET, SOCK_DGRAM, lldp), REPORTED);
	CHECK_INT(OUTCOME(SYS_socket, AF_INET, SOCK_RAW, lldp), REPORTED);
	CHECK_INT(OUTCOME(SYS_socket, AF_INET, SOCK_DGRAM, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_recvfrom, -1, 0, 0, 0), EBADF);
	CHECK_INT(OUTCOME(SYS_setsockopt, -1, SOL_PACKET, PACKET_ADD_MEMBERSHIP), EBADF);
	CHECK_INT(OUTCOME(SYS_setsockopt, -1, SOL_PACKET, PACKET_TX_RING), REPORTED);
	CHECK_INT(OUTCOME(SYS_setsockopt, -1, SOL_SOCKET, PACKET_ADD_MEMBERSHIP),
		  REPORTED);
	CHECK_INT(OUTCOME(SYS_bind, -1, 0, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_connect, -1, 0, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_sendto, -1, 0, 0, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_sendmsg, -1, 0, 0), REPORTED);
}

static void test_tasks(void)
{
	use_policy(HEAD TOOL "limits tasks 1\n[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_clone, SIGCHLD, 0, 0, 0), REPORTED);
#ifdef SYS_fork
	CHECK_INT(OUTCOME(SYS_fork, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_vfork, 0), REPORTED);
#endif
	CHECK_INT(OUTCOME(SYS_wait4, -1, 0, 0, 0), REPORTED);
	use_policy(HEAD TOOL "syscalls wait4\nlimits tasks 2\n[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_clone, SIGCHLD, 0, 0, 0), 0);
	CHECK_INT(OUTCOME(SYS_wait4, -1, 0, 0, 0), ECHILD);
	CHECK_INT(OUTCOME(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_clone, CLONE_NEWNS | SIGCHLD, 0, 0, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_clone, CLONE_NEWNET | CLONE_FILES | SIGCHLD, 0, 0, 0),
		  REPORTED);
	CHECK_INT(OUTCOME(SYS_clone, CLONE_NEWTIME, 0, 0, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_clone3, 0, 0), ENOSYS);
#ifdef SYS_fork
	CHECK_INT(OUTCOME(SYS_fork, 0), 0);
#endif
}

static void test_exec(void)
{
	char *argv[] = { (char[]){ "none" }, NULL };

	use_policy(HEAD TOOL "[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_execve, (long)"/none", (long)argv, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_execveat, -1, (long)"/none", (long)argv, 0), REPORTED);
	use_policy(HEAD TOOL "[s]\nrun x\nexec /bin/true\n");
	CHECK_INT(OUTCOME(SYS_execve, (long)"/none", (long)argv, 0), ENOENT);
	CHECK_INT(OUTCOME(SYS_execveat, -1, (long)"/none", (long)argv, 0), ENOENT);
}

static void test_kill(void)
{
	char *argv[] = { (char[]){ "none" }, NULL };

	use_policy("policy 1\ncollector t\nemits system\ndefault kill\n" TOOL
		   "[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_socket, 1, 1, 0), -SIGSYS);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR), -SIGSYS);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/etc", O_RDONLY), 0);
	/* The first one is the supervisor's to let through. */
	CHECK_INT(OUTCOME(SYS_execve, (long)"/none", (long)argv, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_clone3, 0, 0), ENOSYS);
}

static void test_no_listener(void)
{
	pid_t child;
	int status;

	use_policy(HEAD TOOL "[s]\nrun x\n");
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		int listener;

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(1);
		listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
					SECCOMP_FILTER_FLAG_NEW_LISTENER, &step->filter);
		close(listener);
		_exit(syscall(SYS_socket, 1, 1, 0) < 0 && errno == ENOSYS ? 0 : 2);
	}
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
}

/* Never a step without its filter: the program comes back by a descriptor, and there is none. */
static void test_none(void)
{
	struct rlimit none = { 0, 0 };
	struct sock_filter *before;

	use_policy(HEAD TOOL "[s]\nrun x\n");
	before = step->filter.filter;
	CHECK(before);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
	CHECK_INT(filter_build(step), -EMFILE);
	CHECK(step->filter.filter == before);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "files are opened only as the policy says", test_opens, 30 },
		{ "whatever is not listed is reported", test_listed, 120 },
		{ "answered calls get their error and no report", test_answers, 0 },
		{ "ioctls are compared in the bits the kernel looks at", test_ioctls, 0 },
		{ "a socket is a handle for questions to drivers", test_sockets, 0 },
		{ "who listens hears one protocol and cannot send", test_listening, 0 },
		{ "new processes come only where tasks allows them, without namespaces",
		  test_tasks, 0 },
		{ "programs start only by the supervisor or an exec line", test_exec, 0 },
		{ "default kill kills", test_kill, 0 },
		{ "a filter that cannot be had is an error", test_none, 0 },
		{ "a refused call without a listener gets ENOSYS and does not hang",
		  test_no_listener, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
