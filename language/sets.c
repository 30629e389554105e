/* The @sets of policy version 1. A set never changes: another list is another version. */
#include "parser.h"

#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

/*
 * What every C program does before and after main() under glibc 2.36 to 2.41 on Linux 6.1
 * and newer, and when it aborts. Calls that another architecture does not have are left
 * out there. openat, ioctl, mmap and the like are not here: filter.c checks their
 * arguments.
 */
#define START_AND_END                                                                    \
	"brk", "munmap", "mremap", "madvise", "set_tid_address", "set_robust_list",      \
		"rseq", "getrandom", "futex", "rt_sigaction", "rt_sigprocmask",          \
		"rt_sigreturn", "restart_syscall", "exit", "exit_group", "getpid",       \
		"gettid", "tgkill" /* abort(3) */

/* Reading files and folders, writing to what is open: the pipes. */
#define FILES                                                                            \
	"read", "pread64", "readv", "write", "writev", "lseek", "close", "close_range",  \
		"fstat", "newfstatat", "statx", "getdents64", "readlink", "readlinkat"

/*
 * A dynamically linked tool of Debian 12 that reads and prints: straces of dmidecode,
 * lsblk, lspci, smartctl, nvme and ipmitool, together, and the older spellings of the
 * same calls. Not here: sockets, signals to others, new processes, anything that changes
 * a file.
 */
static const char *const tool[] = {
	START_AND_END,
	FILES,
	"stat",
	"lstat",
	"statfs",
	"fstatfs",
	"access",
	"faccessat",
	"faccessat2",
	"getcwd",
	"fadvise64",
	"dup",
	"dup2",
	"dup3",
	"poll", /* bee-ipmi waits for the BMC */
	"ppoll",
	"select",
	"pselect6",
	"nanosleep",
	"clock_nanosleep",
	"clock_gettime",
	"clock_getres",
	"gettimeofday",
	"time",
	"getppid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"getrlimit",
	"getrusage",
	"uname",
	"sysinfo",
	"sched_getaffinity",
	"sched_yield",
	"sigaltstack",
	NULL,
};

/*
 * bee-read, static. Not openat2: its flags are in memory, where no filter sees them. sysinfo is
 * qsort(3) of more than 1 KiB, as many names are.
 */
static const char *const reader[] = {
	START_AND_END, FILES, "clock_gettime", "uname", "sysinfo", NULL,
};

static const struct {
	const char *name;
	const char *const *calls;
} sets[] = {
	{ "@tool", tool },
	{ "@read", reader },
};

bool set_add(const char *name, uint64_t syscalls[POLICY_SYSCALL_MAX / 64])
{
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		if (strcmp(sets[i].name, name) != 0)
			continue;
		for (size_t k = 0; sets[i].calls[k]; k++) {
			int number = syscall_number(sets[i].calls[k]);

			if (number >= 0)
				call_add(syscalls, number);
		}
		return true;
	}
	return false;
}

const char *set_name(size_t i)
{
	return i < ARRAY_LEN(sets) ? sets[i].name : NULL;
}

int syscall_number(const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	/* libseccomp gives calls of other architectures negative numbers of its own. */
	return number >= 0 && number < POLICY_SYSCALL_MAX ? number : -1;
}

bool syscall_foreign(const char *name)
{
	static const uint32_t known[] = { SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64 };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (seccomp_syscall_resolve_name_arch(known[i], name) >= 0)
			return syscall_number(name) < 0;
	return false;
}

const char *syscall_name(int number, char *buffer, size_t size)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

	if (!name)
		return NULL;
	(void)snprintf(buffer, size, "%s", name);
	free(name);
	return buffer;
}

void syscall_label(int number, char *buffer, size_t size)
{
	if (!syscall_name(number, buffer, size))
		(void)snprintf(buffer, size, "syscall %d", number);
}
