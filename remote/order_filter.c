/*
 * What an order may ask of the kernel: what a shell and Debian's small programs use to read, compute and
 * print. What is not listed is refused by the jail, and counted.
 */
#include "order_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOW UINT64_C(0xffffffff)
#define NEW_NAMESPACES                                                                   \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |   \
	 CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME)

static const char *const calls[] = {
	/* memory, threads of the C library, end */
	"brk",
	"munmap",
	"mremap",
	"madvise",
	"set_tid_address",
	"set_robust_list",
	"rseq",
	"getrandom",
	"futex",
	"restart_syscall",
	"exit",
	"exit_group",
	"arch_prctl",
	/* processes of its own */
	"execve",
	"execveat",
	"fork",
	"vfork",
	"wait4",
	"waitid",
	"getpid",
	"gettid",
	"getppid",
	"getpgrp",
	"getpgid",
	"setpgid",
	"getsid",
	"setsid",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"rt_sigsuspend",
	"rt_sigtimedwait",
	"sigaltstack",
	"pause",
	"alarm",
	"setitimer",
	"getitimer",
	"getrlimit",
	"getrusage",
	"times",
	"sched_getaffinity",
	"sched_yield",
	"getpriority",
	/* reading, and what is open */
	"read",
	"pread64",
	"readv",
	"write",
	"writev",
	"pwrite64",
	"lseek",
	"close",
	"close_range",
	"fstat",
	"newfstatat",
	"stat",
	"lstat",
	"statx",
	"statfs",
	"fstatfs",
	"access",
	"faccessat",
	"faccessat2",
	"getdents64",
	"readlink",
	"readlinkat",
	"getcwd",
	"chdir",
	"fchdir",
	"fadvise64",
	"dup",
	"dup2",
	"dup3",
	"pipe",
	"pipe2",
	"poll",
	"ppoll",
	"select",
	"pselect6",
	"umask",
	"splice",
	"tee",
	"sendfile",
	"copy_file_range",
	"epoll_create1",
	"epoll_ctl",
	"epoll_wait",
	"epoll_pwait",
	"eventfd2",
	/* who and when */
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"getgroups",
	"getresuid",
	"getresgid",
	"uname",
	"sysinfo",
	"clock_gettime",
	"clock_getres",
	"clock_nanosleep",
	"nanosleep",
	"gettimeofday",
	"time",
};

static const char *const net_calls[] = {
	"connect",     "sendto",   "sendmsg",    "sendmmsg",   "recvfrom",
	"recvmsg",     "recvmmsg", "getsockopt", "setsockopt", "getsockname",
	"getpeername", "shutdown", "bind",
};

struct filter {
	scmp_filter_ctx ctx;
	int error;
};

static void allow(struct filter *f, const char *name, unsigned count,
		  const struct scmp_arg_cmp *args)
{
	int number = seccomp_syscall_resolve_name(name);

	if (!f->error && number >= 0)
		f->error = seccomp_rule_add_array(f->ctx, SCMP_ACT_ALLOW, number, count,
						  args);
}

static void allow_if(struct filter *f, const char *name, unsigned arg, uint64_t mask,
		     uint64_t value)
{
	struct scmp_arg_cmp cmp = SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value);

	allow(f, name, 1, &cmp);
}

/* Opening to read, and to write what is there: /dev/null, as all else is read-only. */
static void rules_open(struct filter *f)
{
	static const uint64_t modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	/* O_CREAT without O_EXCL: "> /dev/null" of a shell; a read-only root makes nothing. */
	uint64_t mask = O_EXCL | (O_TMPFILE & ~O_DIRECTORY) | O_ACCMODE;

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		allow_if(f, "openat", 2, mask, modes[i]);
		allow_if(f, "open", 1, mask, modes[i]);
	}
}

static void rules_self(struct filter *f)
{
	static const int fcntls[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,
				      F_SETFD, F_GETFL,         F_SETFL };
	static const int prctls[] = { PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE,
				      PR_CAPBSET_READ, PR_SET_PDEATHSIG };
	struct scmp_arg_cmp limits[] = {
		SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOW, 0),
		SCMP_CMP(2, SCMP_CMP_EQ, 0, 0),
	};

	allow(f, "prlimit64", ARRAY_LEN(limits), limits);
	for (size_t i = 0; i < ARRAY_LEN(fcntls); i++)
		allow_if(f, "fcntl", 1, LOW, (uint64_t)fcntls[i]);
	for (size_t i = 0; i < ARRAY_LEN(prctls); i++)
		allow_if(f, "prctl", 0, LOW, (uint64_t)prctls[i]);
	allow_if(f, "clone", 0, NEW_NAMESPACES, 0);
	allow(f, "mmap", 0, NULL);
	allow(f, "mprotect", 0, NULL);
	/* To its own processes: all others of its jail are not of its uid. Not to everybody. */
	for (unsigned bit = 1; bit < 31; bit++)
		allow_if(f, "kill", 0, UINT64_C(1) << 31 | UINT64_C(1) << bit,
			 UINT64_C(1) << bit);
	allow_if(f, "kill", 0, LOW, 0);
	allow(f, "tgkill", 0, NULL);
}

/* Connections over IP; netlink and packets, with which a network is changed, stay refused. */
static void rules_net(struct filter *f)
{
	for (size_t i = 0; i < ARRAY_LEN(net_calls); i++)
		allow(f, net_calls[i], 0, NULL);
	for (int v6 = 0; v6 < 2; v6++)
		for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
			struct scmp_arg_cmp args[] = {
				SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOW,
					 v6 ? AF_INET6 : AF_INET),
				SCMP_CMP(1, SCMP_CMP_MASKED_EQ,
					 LOW & ~(uint64_t)(SOCK_CLOEXEC | SOCK_NONBLOCK),
					 (uint64_t)type),
			};

			allow(f, "socket", ARRAY_LEN(args), args);
		}
}

/* Sizes, and waiting for what was written. No command to the disk itself (SG_IO, NVME_IOCTL_...), no partition table read anew. */
static void rules_disk(struct filter *f)
{
	static const unsigned long asks[] = { BLKGETSIZE, BLKGETSIZE64, BLKSSZGET,
					      BLKPBSZGET, BLKROGET,     BLKIOMIN,
					      BLKIOOPT,   BLKALIGNOFF };

	for (size_t i = 0; i < ARRAY_LEN(asks); i++)
		allow_if(f, "ioctl", 1, LOW, asks[i]);
	allow(f, "fsync", 0, NULL);
	allow(f, "fdatasync", 0, NULL);
	allow(f, "sync_file_range", 0, NULL);
	allow(f, "pwritev", 0, NULL);
	allow(f, "preadv", 0, NULL);
}

static int program_of(scmp_filter_ctx ctx, struct sock_fprog *out)
{
	AUTO_CLOSE int fd = memfd_create("filter", MFD_CLOEXEC);
	struct sock_filter *code;
	struct stat st;

	if (fd < 0 || seccomp_export_bpf(ctx, fd) || fstat(fd, &st) ||
	    lseek(fd, 0, SEEK_SET))
		return -EIO;
	if (st.st_size <= 0 || st.st_size / (off_t)sizeof(*code) > BPF_MAXINSNS)
		return -E2BIG;
	code = xcalloc(1, (size_t)st.st_size);
	if (read_full(fd, code, (size_t)st.st_size) != st.st_size) {
		free(code);
		return -EIO;
	}
	out->len = (unsigned short)((size_t)st.st_size / sizeof(*code));
	out->filter = code;
	return 0;
}

int order_filter(bool net, bool disk, struct sock_fprog *out)
{
	/* The jail's listener answers all others with an error. */
	struct filter f = { .ctx = seccomp_init(SCMP_ACT_NOTIFY) };

	if (!f.ctx)
		return -ENOMEM;
	f.error = seccomp_attr_set(f.ctx, SCMP_FLTATR_ACT_BADARCH,
				   SCMP_ACT_KILL_PROCESS) ?:
		  seccomp_attr_set(f.ctx, SCMP_FLTATR_CTL_NNP, 0) ?:
		  seccomp_attr_set(f.ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		allow(&f, calls[i], 0, NULL);
	rules_open(&f);
	rules_self(&f);
	/* Flags of clone3 are in memory, where no filter sees them; glibc takes clone then. */
	if (!f.error)
		f.error = seccomp_rule_add(f.ctx, SCMP_ACT_ERRNO(ENOSYS),
					   seccomp_syscall_resolve_name("clone3"), 0);
	if (net)
		rules_net(&f);
	if (disk)
		rules_disk(&f);
	f.error = f.error ?: program_of(f.ctx, out);
	seccomp_release(f.ctx);
	return f.error;
}
