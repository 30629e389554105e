/* Calls that a filter judges by their arguments, and those of other architectures. */
#include "filter_outcome.h"
#include "tap.h"

#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
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

/* Where the machine has none for others either, the kernel says so: ENOMEM. */
static void test_huge_pages(void)
{
	const long huge = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;

	for (int reader = 0; reader < 2; reader++) {
		use_policy(reader ? HEAD "[s]\nread /a\n" : HEAD TOOL "[s]\nrun x\n");
		for (long address = 0; address <= 1L << 30; address += 1L << 30)
			CHECK_INT(OUTCOME(SYS_mmap, address, 2L << 20,
					  PROT_READ | PROT_WRITE, huge),
				  REPORTED);
	}
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

int main(void)
{
	static const struct tap_test tests[] = {
		{ "x32 calls kill", test_foreign, 0 },
		{ "i386 calls kill", test_i386, 0 },
		{ "prctl names things and asks, no more", test_prctl, 0 },
		{ "bee-read makes no code", test_memory, 0 },
		{ "nothing is mapped where only CAP_SYS_RAWIO may", test_low_memory, 0 },
		{ "no huge pages are taken that the machine keeps for others",
		  test_huge_pages, 0 },
		{ "no advice takes memory from the machine", test_advice, 0 },
		{ "a tool reads its limits and sets none", test_own_limits, 0 },
		{ "no flag of a shared open file sends signals or stops its other users",
		  test_descriptor_flags, 0 },
		{ "signals do not reach the stub", test_signals, 0 },
		{ "sleeping wakes no machine", test_clocks, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
