/* The seccomp filter of programs that only turn standard input into standard output. */
#include "stdio_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#else
#error "stdio_filter: name this architecture's AUDIT_ARCH"
#endif

#define X32_BIT 0x40000000u

/*
 * What malloc, stdio and exit need; the list was made by running with everything killed.
 * sysinfo: qsort(3) of more than 1 KiB asks how much memory there is, and jansson sorts keys.
 */
static const unsigned stdio_calls[] = {
	SYS_read,          SYS_write,        SYS_readv,           SYS_writev,
	SYS_brk,           SYS_munmap,       SYS_mremap,          SYS_exit_group,
	SYS_exit,          SYS_fstat,        SYS_newfstatat,      SYS_lseek,
	SYS_clock_gettime, SYS_futex,        SYS_rt_sigreturn,    SYS_rt_sigprocmask,
	SYS_getpid,        SYS_gettid,       SYS_tgkill,          SYS_madvise,
	SYS_getrandom,     SYS_rt_sigaction, SYS_restart_syscall, SYS_sysinfo,
};

static const unsigned socket_calls[] = {
	SYS_recvmsg, SYS_sendmsg, SYS_sendto,          SYS_close,
	SYS_fcntl,   SYS_ppoll,   SYS_clock_nanosleep,
#ifdef SYS_poll
	SYS_poll,
#endif
};

static const unsigned disk_calls[] = {
	SYS_pread64, SYS_pwrite64, SYS_fsync,   SYS_fdatasync, SYS_close,
	SYS_fcntl,   SYS_getuid,   SYS_geteuid, SYS_getgid,    SYS_getegid,
};

#define MAX_INSTRUCTIONS 128

struct program {
	struct sock_filter code[MAX_INSTRUCTIONS];
	unsigned short len;
};

static void emit(struct program *p, struct sock_filter instruction)
{
	p->code[p->len++] = instruction;
}

static void allow(struct program *p, unsigned nr)
{
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1));
	emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

int stdio_filter_load(enum stdio_filter_extra extra)
{
	struct program p = { .len = 0 };
	struct sock_fprog fprog;

	_Static_assert(2 * (ARRAY_LEN(stdio_calls) + ARRAY_LEN(socket_calls)) + 16 <
			       MAX_INSTRUCTIONS,
		       "the filter fits");
	emit(&p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					      offsetof(struct seccomp_data, arch)));
	emit(&p,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0));
	emit(&p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	emit(&p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					      offsetof(struct seccomp_data, nr)));
	emit(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1));
	emit(&p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	for (size_t i = 0; i < ARRAY_LEN(stdio_calls); i++)
		allow(&p, stdio_calls[i]);
	if (extra == STDIO_AND_SOCKET)
		for (size_t i = 0; i < ARRAY_LEN(socket_calls); i++)
			allow(&p, socket_calls[i]);
	if (extra == STDIO_AND_DISK)
		for (size_t i = 0; i < ARRAY_LEN(disk_calls); i++)
			allow(&p, disk_calls[i]);
	/* It asks whether it is dumpable before it looks at its environment, which is ours. */
	if (extra == STDIO_AND_DISK) {
		emit(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						      SYS_prctl, 0, 1));
		emit(&p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						      SECCOMP_RET_ERRNO | EPERM));
	}
	/* isatty(3) inside stdio asks TCGETS; a soft "not a terminal" is all it needs. */
	emit(&p,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 1));
	emit(&p,
	     (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY));
	/* mmap: memory only, never executable. */
	emit(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 5));
	emit(&p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					      offsetof(struct seccomp_data, args[2])));
	emit(&p,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 3, 0));
	emit(&p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					      offsetof(struct seccomp_data, args[3])));
	emit(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS,
					      0, 1));
	emit(&p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	emit(&p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));

	fprog = (struct sock_fprog){ .len = p.len, .filter = p.code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
#ifdef BEE_SANITIZED
	(void)fprog;
#else
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog, 0, 0))
		return -errno;
#endif
	return 0;
}
