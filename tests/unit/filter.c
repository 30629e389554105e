/* Filters at work: loaded in a child, each call either passes, is answered, reported or
 * kills. */
#include "policy.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <asm/prctl.h>
#endif

#define HEAD "policy 1\ncollector t\nemits system\ndefault report ENOANO\n"
#define TOOL "syscalls @tool\n"

/* What the supervisor of a test answers to a call that is reported: nothing else gives
 * it. */
#define REPORTED ENOANO

static struct policy *policy;
static struct step *step;

static void use_policy(const char *text)
{
#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no policy grants");
#endif
	policy_free(policy);
	policy = policy_parse("t", text, strlen(text), stderr);
	CHECK(policy);
	step = &policy->steps[0];
	CHECK_INT(filter_build(step), 0);
}

/* Answers every notification until the child has gone; returns how many were of `call`. */
static unsigned supervise(int listener, pid_t child, long call)
{
	unsigned seen = 0;
	siginfo_t ended;

	for (;;) {
		struct pollfd poll_fd = { .fd = listener, .events = POLLIN };
		struct seccomp_notif request;
		struct seccomp_notif_resp answer;

		memset(&ended, 0, sizeof(ended));
		if (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) ==
			    0 &&
		    ended.si_pid == child)
			return seen;
		if (poll(&poll_fd, 1, 20) < 1 || !(poll_fd.revents & POLLIN))
			continue;
		memset(&request, 0, sizeof(request));
		memset(&answer, 0, sizeof(answer));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request))
			continue;
		seen += request.data.nr == (int)call;
		answer.id = request.id;
		answer.error = -REPORTED;
		CHECK(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0 ||
		      errno == ENOENT);
	}
}

/* Leaves the process at once when a call worked; a clone's child among them. */
static void make_call(const long call[5], int result_fd)
{
	int error;

	errno = 0;
	/* Nobody looks at the result's value: pids and addresses differ. */
	error = syscall(call[0], call[1], call[2], call[3], call[4], 0L, 0L) < 0 ? errno
										 : 0;
	(void)!write(result_fd, &error, sizeof(error));
	_exit(0);
}

/*
 * The errno of a call (its number and arguments) under the step's filter, 0 when it went
 * through, or minus the signal that ended the process.
 */
static int outcome(const long call[5])
{
	int result[2], listener_pipe[2], listener, error = -1, status;
	unsigned seen;
	pid_t child;

	CHECK_INT(pipe2(result, O_CLOEXEC), 0);
	CHECK_INT(pipe2(listener_pipe, O_CLOEXEC), 0);
	/* One table of descriptors for both: that is how the listener gets here. */
	child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	CHECK(child >= 0);
	if (child == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			_exit(1);
		listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
					SECCOMP_FILTER_FLAG_NEW_LISTENER, &step->filter);
		if (write(listener_pipe[1], &listener, sizeof(listener)) !=
		    sizeof(listener))
			_exit(1);
		make_call(call, result[1]);
	}
	CHECK_INT(read_full(listener_pipe[0], &listener, sizeof(listener)),
		  sizeof(listener));
	CHECK(listener >= 0);
	seen = supervise(listener, child, call[0]);
	CHECK_INT(waitpid(child, &status, 0), child);
	close(listener);
	close(result[1]);
	close(listener_pipe[0]);
	close(listener_pipe[1]);
	if (read_full(result[0], &error, sizeof(error)) != sizeof(error))
		error = WIFSIGNALED(status) ? -WTERMSIG(status) : -1000;
	close(result[0]);
	CHECK((seen > 0) == (error == REPORTED));
	return error;
}

#define OUTCOME(...) outcome((const long[5]){ __VA_ARGS__ })

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

static void test_foreign(void)
{
#if defined(__x86_64__)
	static const int numbers[] = { SYS_read,  SYS_openat, SYS_getpid,
				       SYS_ioctl, 512,        520 };

	use_policy(HEAD TOOL "[s]\nrun x\n");
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		CHECK_INT(OUTCOME(0x40000000 | numbers[i], -1, 0, 0), -SIGSYS);
#else
	tap_skip("x32 is a matter of x86-64");
#endif
}

#if defined(__x86_64__)
/* getpid(2) as a 32-bit program makes it, in a child; how that ended. */
static int i386_call(const struct sock_fprog *filter)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		long result;

		if (filter && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
			       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0)))
			_exit(1);
		__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
		_exit(result == getpid() ? 0 : 77);
	}
	CHECK_INT(waitpid(child, &status, 0), child);
	return status;
}
#endif

static void test_i386(void)
{
#if defined(__x86_64__)
	int status;

	use_policy(HEAD TOOL "[s]\nrun x\n");
	/* SIGSEGV: built without them, or started with ia32_emulation=0. */
	if (i386_call(NULL) != 0)
		tap_skip("this kernel has no 32-bit system calls");
	status = i386_call(&step->filter);
	CHECK(WIFSIGNALED(status));
	CHECK_INT(WTERMSIG(status), SIGSYS);
#else
	tap_skip("i386 is a matter of x86-64");
#endif
}

static void test_prctl(void)
{
	use_policy(HEAD TOOL "[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_prctl, PR_SET_NAME, (long)"name"), 0);
	CHECK_INT(OUTCOME(SYS_prctl, PR_CAPBSET_READ, 0), 0);
	CHECK_INT(OUTCOME(SYS_prctl, PR_SET_PDEATHSIG, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_prctl, PR_SET_DUMPABLE, 1), REPORTED);
	CHECK_INT(OUTCOME(SYS_prctl, PR_CAP_AMBIENT, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_prctl, 0x100000000 | PR_SET_DUMPABLE, 1), REPORTED);
#if defined(__x86_64__)
	CHECK_INT(OUTCOME(SYS_arch_prctl, ARCH_SET_GS, 0), REPORTED);
#endif
}

static void test_memory(void)
{
	long rwx = PROT_READ | PROT_WRITE | PROT_EXEC, here = (long)test_memory & -4096L;

	use_policy(HEAD TOOL "[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_mprotect, here, 4096, PROT_READ | PROT_EXEC), 0);
	/* A step that reads files itself has all its code before the filter. */
	use_policy(HEAD "[s]\nread /a\n");
	CHECK_INT(OUTCOME(SYS_mprotect, here, 4096, rwx), REPORTED);
	CHECK_INT(OUTCOME(SYS_mmap, 0, 4096, rwx, MAP_PRIVATE | MAP_ANONYMOUS), REPORTED);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/etc", O_RDONLY), 0);
	CHECK_INT(OUTCOME(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR), REPORTED);
	CHECK_INT(OUTCOME(SYS_openat2, AT_FDCWD, (long)"/etc", 0, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_dup, 0), REPORTED);
}

/* mmap and mremap to where only CAP_SYS_RAWIO may; this test has it, or the kernel says EPERM. */
static void test_low_memory(void)
{
	static char page[8192] __attribute__((aligned(4096)));
	const long fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		   rw = PROT_READ | PROT_WRITE;
	const long gentle = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;

	for (int reader = 0; reader < 2; reader++) {
		use_policy(reader ? HEAD "[s]\nread /a\n" : HEAD TOOL "[s]\nrun x\n");
		CHECK_INT(OUTCOME(SYS_mmap, 0, 4096, rw, fixed), REPORTED);
		CHECK_INT(OUTCOME(SYS_mmap, 0xf000, 4096, rw, fixed), REPORTED);
		CHECK_INT(OUTCOME(SYS_mmap, 0xf000, 4096, rw, gentle), REPORTED);
		/* What is only a wish is rounded up. */
		CHECK_INT(
			OUTCOME(SYS_mmap, 0xf000, 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS),
			0);
		CHECK_INT(OUTCOME(SYS_mmap, 0, 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS), 0);
		CHECK(OUTCOME(SYS_mmap, 0x10000, 4096, rw, gentle) != REPORTED);
		CHECK_INT(OUTCOME(SYS_mmap, (long)page, 4096, rw, fixed), 0);
		CHECK_INT(OUTCOME(SYS_mremap, (long)page, 8192, 4096, MREMAP_MAYMOVE), 0);
		CHECK_INT(OUTCOME(SYS_mremap, (long)page, 8192, 4096,
				  MREMAP_MAYMOVE | MREMAP_FIXED),
			  REPORTED);
		CHECK_INT(OUTCOME(SYS_mremap, (long)page, 4096, 4096,
				  MREMAP_MAYMOVE | MREMAP_DONTUNMAP),
			  REPORTED);
	}
	CHECK_INT(OUTCOME(SYS_mmap, 0x10000, 4096, rw | PROT_EXEC, gentle), REPORTED);
}

static void test_advice(void)
{
	static char page[8192] __attribute__((aligned(4096)));
	/* By number, as older headers lack the last ones: MADV_NORMAL to MADV_DONTNEED, FREE,
	 * DONTFORK, HUGEPAGE, DONTDUMP, WIPEONFORK, KEEPONFORK, GUARD_INSTALL, GUARD_REMOVE. */
	static const long good[] = { 0,  1,  2,  3,  4,  8,  10,  11,
				     14, 15, 16, 17, 18, 19, 102, 103 };
	/* MERGEABLE, COLD, PAGEOUT, DONTNEED_LOCKED, HWPOISON, SOFT_OFFLINE and what is no
	 * advice yet. */
	static const long bad[] = { 12, 13, 20, 21, 24, 100, 101, 104, 0x100000064 };

	use_policy(HEAD TOOL "[s]\nrun x\n");
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (OUTCOME(SYS_madvise, (long)page, 4096, good[i]) == REPORTED)
			tap_fail(__FILE__, __LINE__, "advice %ld", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (OUTCOME(SYS_madvise, (long)page, 4096, bad[i]) != REPORTED)
			tap_fail(__FILE__, __LINE__, "advice %ld", bad[i]);
	use_policy(HEAD "[s]\nread /a\n");
	CHECK_INT(OUTCOME(SYS_madvise, (long)page, 4096, 100), REPORTED);
	CHECK_INT(OUTCOME(SYS_madvise, (long)page, 4096, MADV_DONTNEED), 0);
}

static void test_own_limits(void)
{
	static long limit[2];

	use_policy(HEAD TOOL "[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_prlimit64, 0, 4, 0, (long)limit), 0);
	CHECK_INT(OUTCOME(SYS_prlimit64, 0, 4, (long)limit, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_prlimit64, 0, 4, 0x100000000, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_prlimit64, 1, 4, 0, (long)limit), REPORTED);
	CHECK_INT(OUTCOME(SYS_setrlimit, 4, (long)limit), REPORTED);
}

static void test_descriptor_flags(void)
{
	static const long refused[] = { O_APPEND, O_ASYNC, O_DIRECT, O_NOATIME };
	static long lock[8];

	use_policy(HEAD TOOL "[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_fcntl, 1, F_GETFL), 0);
	CHECK_INT(OUTCOME(SYS_fcntl, 1, F_GETFD), 0);
	CHECK_INT(OUTCOME(SYS_fcntl, -1, F_SETFD, 1), EBADF);
	CHECK_INT(OUTCOME(SYS_fcntl, 1, F_DUPFD_CLOEXEC, 3), 0);
	CHECK_INT(OUTCOME(SYS_fcntl, -1, F_GETLK, (long)lock), EBADF);
	CHECK_INT(OUTCOME(SYS_fcntl, -1, F_SETLK, (long)lock), EBADF);
	CHECK_INT(OUTCOME(SYS_fcntl, -1, F_SETFL, O_RDWR | O_NONBLOCK), EBADF);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		CHECK_INT(OUTCOME(SYS_fcntl, -1, F_SETFL, refused[i]), REPORTED);
	CHECK_INT(OUTCOME(SYS_fcntl, -1, F_SETOWN, 1), REPORTED);
	CHECK_INT(OUTCOME(SYS_fcntl, -1, F_SETSIG, SIGRTMIN), REPORTED);
	CHECK_INT(OUTCOME(SYS_fcntl, -1, F_SETLEASE, F_WRLCK), REPORTED);
	CHECK_INT(OUTCOME(SYS_fcntl, -1, F_SETLKW, (long)lock), REPORTED);
}

static void test_signals(void)
{
	const long nobody = 0x3fffff; /* no such process; the call passed */

	use_policy(HEAD TOOL "[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_tgkill, nobody, nobody, SIGABRT), ESRCH);
	CHECK_INT(OUTCOME(SYS_tgkill, nobody, nobody, SIGTERM), REPORTED);
	CHECK_INT(OUTCOME(SYS_tgkill, 1, 1, SIGRTMIN), REPORTED);
	CHECK_INT(OUTCOME(SYS_kill, nobody, SIGTERM), REPORTED);
	use_policy(HEAD TOOL "syscalls kill tkill\n[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_kill, nobody, SIGTERM), ESRCH);
	CHECK_INT(OUTCOME(SYS_kill, -nobody, SIGTERM), ESRCH);
	CHECK_INT(OUTCOME(SYS_kill, 0, 0), 0);
	CHECK_INT(OUTCOME(SYS_kill, 1, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_kill, 0x100000001, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_tkill, 1, 0), REPORTED);
	CHECK_INT(OUTCOME(SYS_tkill, nobody, 0), ESRCH);
}

static void test_clocks(void)
{
	static const long soon[2] = { 0, 1 };

	use_policy(HEAD TOOL "[s]\nrun x\n");
	CHECK_INT(OUTCOME(SYS_clock_nanosleep, CLOCK_REALTIME, 0, (long)soon, 0), 0);
	CHECK_INT(OUTCOME(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)soon, 0), 0);
	CHECK_INT(OUTCOME(SYS_clock_nanosleep, CLOCK_BOOTTIME, 0, (long)soon, 0), 0);
	CHECK_INT(OUTCOME(SYS_clock_nanosleep, CLOCK_BOOTTIME_ALARM, 0, (long)soon, 0),
		  REPORTED);
	CHECK_INT(OUTCOME(SYS_clock_nanosleep, CLOCK_REALTIME_ALARM, 0, (long)soon, 0),
		  REPORTED);
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
		{ "x32 calls kill", test_foreign, 0 },
		{ "i386 calls kill", test_i386, 0 },
		{ "prctl names things and asks, no more", test_prctl, 0 },
		{ "bee-read makes no code", test_memory, 0 },
		{ "nothing is mapped where only CAP_SYS_RAWIO may", test_low_memory, 0 },
		{ "no advice takes memory from the machine", test_advice, 0 },
		{ "a tool reads its limits and sets none", test_own_limits, 0 },
		{ "no flag of a shared open file sends signals or stops its other users",
		  test_descriptor_flags, 0 },
		{ "signals do not reach the stub", test_signals, 0 },
		{ "sleeping wakes no machine", test_clocks, 0 },
		{ "a refused call without a listener gets ENOSYS and does not hang",
		  test_no_listener, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
