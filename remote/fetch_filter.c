/* The filter of bee-fetch: connections out, files to read, memory; no program, no process, no change. */
#include "fetch_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* What libcurl, OpenSSL and getaddrinfo(3) use, as strace has it; all others kill. */
static const char *const calls[] = {
	"read",
	"write",
	"readv",
	"writev",
	"pread64",
	"close",
	"fstat",
	"newfstatat",
	"lseek",
	"ftruncate",
	"brk",
	"munmap",
	"mremap",
	"madvise",
	"poll",
	"ppoll",
	"connect",
	"sendto",
	"sendmsg",
	"sendmmsg",
	"recvfrom",
	"recvmsg",
	"getsockopt",
	"getsockname",
	"getpeername",
	"shutdown",
	"futex",
	"getrandom",
	"clock_gettime",
	"clock_getres",
	"clock_nanosleep",
	"gettimeofday",
	"time",
	"getpid",
	"gettid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"uname",
	"sysinfo",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"restart_syscall",
	"exit",
	"exit_group",
	"sched_yield",
	"pipe2",
	"fcntl",
	"socketpair",
	"bind",
	"tgkill",
};

#define LOW UINT64_C(0xffffffff)

static int allow_if(scmp_filter_ctx ctx, const char *name, unsigned arg, uint64_t mask,
		    uint64_t value)
{
	int number = seccomp_syscall_resolve_name(name);
	struct scmp_arg_cmp cmp = SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value);

	return number < 0 ? 0
			  : seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, number, 1, &cmp);
}

/* IP and nothing beside it: no netlink (that is how routes are changed), no packets. What asks for
 * other families does without. */
static int sockets(scmp_filter_ctx ctx)
{
	static const uint64_t families[] = { AF_INET, AF_INET6 };
	int error = 0;

	for (size_t i = 0; i < ARRAY_LEN(families) && !error; i++)
		error = allow_if(ctx, "socket", 0, LOW, families[i]);
	for (unsigned family = 0; family < AF_MAX && !error; family++)
		if (family != AF_INET && family != AF_INET6)
			error = seccomp_rule_add(
				ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT),
				seccomp_syscall_resolve_name("socket"), 1,
				SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOW, family));
	return error;
}

int fetch_filter(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	const uint64_t changes = O_ACCMODE | O_CREAT | O_TRUNC;
	int error = ctx ? 0 : -ENOMEM;

	for (size_t i = 0; i < ARRAY_LEN(calls) && !error; i++) {
		int number = seccomp_syscall_resolve_name(calls[i]);

		if (number >= 0)
			error = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, number, 0,
						       NULL);
	}
	/* Files to be read alone, memory that is never code: what is loaded is loaded by now. */
	error = error ?: allow_if(ctx, "openat", 2, changes, O_RDONLY);
	error = error ?: allow_if(ctx, "mmap", 2, PROT_EXEC, 0);
	error = error ?: allow_if(ctx, "mprotect", 2, PROT_EXEC, 0);
	error = error ?: sockets(ctx);
	if (!error)
		error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
					 seccomp_syscall_resolve_name("setsockopt"), 0);
	if (!error)
		error = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOTTY),
					 seccomp_syscall_resolve_name("ioctl"), 0);
#ifdef BEE_SANITIZED
	(void)ctx;
#else
	error = error ?: seccomp_load(ctx);
#endif
	seccomp_release(ctx);
	return error;
}
