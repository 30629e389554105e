/* The seccomp filter of programs that only turn standard input into standard output. */
#include "stdio_filter.h"
#include "call_filter.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

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

static const unsigned
	disk_calls[] = {
		SYS_pread64, SYS_pwrite64, SYS_fsync,     SYS_fdatasync,
		SYS_close,   SYS_fcntl,    SYS_getuid,    SYS_geteuid,
		SYS_getgid,  SYS_getegid,  SYS_fadvise64, /* libblkid says that it will jump about */
	};

/* mmap: memory only, never executable. */
static void allow_memory(struct call_filter *filter)
{
	const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 3, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[3])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	for (size_t i = 0; i < ARRAY_LEN(code); i++)
		call_filter_add(filter, code[i]);
}

int stdio_filter_load(enum stdio_filter_extra extra)
{
	struct call_filter filter;

	call_filter_begin(&filter);
	call_filter_allow(&filter, stdio_calls, ARRAY_LEN(stdio_calls));
	if (extra == STDIO_AND_SOCKET)
		call_filter_allow(&filter, socket_calls, ARRAY_LEN(socket_calls));
	if (extra == STDIO_AND_DISK)
		call_filter_allow(&filter, disk_calls, ARRAY_LEN(disk_calls));
	/* It asks whether it is dumpable before it looks at its environment, which is ours. */
	if (extra == STDIO_AND_DISK)
		call_filter_when(&filter, SYS_prctl, SECCOMP_RET_ERRNO | EPERM);
	/* isatty(3) inside stdio asks TCGETS; a soft "not a terminal" is all it needs. */
	call_filter_when(&filter, SYS_ioctl, SECCOMP_RET_ERRNO | ENOTTY);
	allow_memory(&filter);
	return call_filter_enter(&filter);
}
