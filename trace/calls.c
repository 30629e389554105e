/* The system calls that take names of files, on every architecture that this machine runs. */
#include "calls.h"

#include <err.h>
#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

#define NUMBER_MAX 1024u /* of a call; below x32's bit */
#define X32_BIT 0x40000000u

#define ONE(name, kind, path)                                                            \
	{                                                                                \
		name, kind, path, -1, -1, -1, -1, false                                  \
	}
#define AT(name, kind, folder, path, flags)                                              \
	{                                                                                \
		name, kind, path, folder, flags, -1, -1, false                           \
	}
#define MOVES(name, kind, folder, path)                                                  \
	{                                                                                \
		name, kind, path, folder, -1, -1, -1, true                               \
	}

static const struct call calls[] = {
	AT("open", CALL_OPEN, -1, 0, 1),
	AT("openat", CALL_OPEN, 0, 1, 2),
	AT("openat2", CALL_HOW, 0, 1, 2),
	ONE("creat", CALL_CHANGE, 0),
	ONE("execve", CALL_EXEC, 0),
	AT("execveat", CALL_EXEC, 0, 1, 4),
	ONE("stat", CALL_STAT, 0),
	ONE("stat64", CALL_STAT, 0),
	ONE("oldstat", CALL_STAT, 0),
	ONE("lstat", CALL_LSTAT, 0),
	ONE("lstat64", CALL_LSTAT, 0),
	ONE("oldlstat", CALL_LSTAT, 0),
	AT("newfstatat", CALL_STAT, 0, 1, 3),
	AT("fstatat64", CALL_STAT, 0, 1, 3),
	AT("statx", CALL_STAT, 0, 1, 2),
	ONE("access", CALL_STAT, 0),
	AT("faccessat", CALL_STAT, 0, 1, -1),
	AT("faccessat2", CALL_STAT, 0, 1, 3),
	ONE("readlink", CALL_READLINK, 0),
	AT("readlinkat", CALL_READLINK, 0, 1, -1),
	ONE("statfs", CALL_STAT, 0),
	ONE("statfs64", CALL_STAT, 0),
	ONE("chdir", CALL_STAT, 0),
	ONE("getxattr", CALL_STAT, 0),
	ONE("lgetxattr", CALL_LSTAT, 0),
	ONE("listxattr", CALL_STAT, 0),
	ONE("llistxattr", CALL_LSTAT, 0),
	AT("name_to_handle_at", CALL_LSTAT, 0, 1, 4),
	ONE("inotify_add_watch", CALL_STAT, 1),
	AT("open_tree", CALL_STAT, 0, 1, 2),
	ONE("setxattr", CALL_CHANGE, 0),
	ONE("lsetxattr", CALL_LCHANGE, 0),
	ONE("removexattr", CALL_CHANGE, 0),
	ONE("lremovexattr", CALL_LCHANGE, 0),
	ONE("utime", CALL_CHANGE, 0),
	ONE("utimes", CALL_CHANGE, 0),
	AT("futimesat", CALL_CHANGE, 0, 1, -1),
	AT("utimensat", CALL_CHANGE, 0, 1, 3),
	AT("utimensat_time64", CALL_CHANGE, 0, 1, 3),
	ONE("chmod", CALL_CHANGE, 0),
	AT("fchmodat", CALL_CHANGE, 0, 1, -1),
	ONE("chown", CALL_CHANGE, 0),
	ONE("chown32", CALL_CHANGE, 0),
	ONE("lchown", CALL_LCHANGE, 0),
	ONE("lchown32", CALL_LCHANGE, 0),
	AT("fchownat", CALL_CHANGE, 0, 1, 4),
	ONE("truncate", CALL_CHANGE, 0),
	ONE("truncate64", CALL_CHANGE, 0),
	ONE("mkdir", CALL_MAKE, 0),
	AT("mkdirat", CALL_MAKE, 0, 1, -1),
	ONE("mknod", CALL_MAKE, 0),
	AT("mknodat", CALL_MAKE, 0, 1, -1),
	ONE("symlink", CALL_MAKE, 1),
	AT("symlinkat", CALL_MAKE, 1, 2, -1),
	{ "link", CALL_LSTAT, 0, -1, -1, 1, -1, false },
	{ "linkat", CALL_LSTAT, 1, 0, -1, 3, 2, false },
	{ "rename", CALL_REMOVE, 0, -1, -1, 1, -1, false },
	{ "renameat", CALL_REMOVE, 1, 0, -1, 3, 2, false },
	{ "renameat2", CALL_REMOVE, 1, 0, -1, 3, 2, false },
	ONE("unlink", CALL_REMOVE, 0),
	ONE("rmdir", CALL_REMOVE, 0),
	AT("unlinkat", CALL_REMOVE, 0, 1, -1),
	AT("connect", CALL_CONNECT, -1, 1, 2),
	AT("bind", CALL_BIND, -1, 1, 2),
	MOVES("mount", CALL_STAT, -1, 1),
	MOVES("umount", CALL_PLACE, -1, -1),
	MOVES("umount2", CALL_PLACE, -1, -1),
	MOVES("move_mount", CALL_STAT, 2, 3),
	MOVES("chroot", CALL_STAT, -1, 0),
	MOVES("pivot_root", CALL_PLACE, -1, -1),
	MOVES("unshare", CALL_PLACE, -1, -1),
	MOVES("setns", CALL_PLACE, -1, -1),
};

/* What a program falls back from where there is none. */
static const char *const refused[] = { "io_uring_setup", "io_uring_enter",
				       "io_uring_register" };

static struct {
	uint32_t arch;           /* AUDIT_ARCH_ of a notification */
	uint8_t row[NUMBER_MAX]; /* 0: none; else index + 1 */
} tables[3];
static size_t table_count;

/* libseccomp's name of an architecture is the kernel's, but for x32, which is x86-64's. */
static void table_add(uint32_t arch)
{
	bool x32 = arch == SCMP_ARCH_X32;

	if (!x32)
		tables[table_count].arch = arch;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		int nr = seccomp_syscall_resolve_name_arch(arch, calls[i].name);
		unsigned number = (unsigned)nr & ~X32_BIT;

		if (nr < 0 || number >= NUMBER_MAX)
			continue;
		/* x32 has x86-64's table of numbers, and some of its own behind it. */
		tables[x32 ? 0 : table_count].row[number] = (uint8_t)(i + 1);
	}
	table_count += x32 ? 0 : 1;
}

static const uint32_t others[] = {
#if defined(__x86_64__)
	SCMP_ARCH_X86,
	SCMP_ARCH_X32,
#elif defined(__aarch64__)
	SCMP_ARCH_ARM,
#endif
};

void calls_init(void)
{
	_Static_assert(ARRAY_LEN(calls) < UINT8_MAX, "a row is one byte");
	table_add(seccomp_arch_native());
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		table_add(others[i]);
}

const struct call *call_find(const struct seccomp_data *data)
{
	unsigned number = (unsigned)data->nr & ~X32_BIT;

	for (size_t i = 0; i < table_count && number < NUMBER_MAX; i++) {
		uint8_t row = tables[i].row[number];

		if (tables[i].arch == data->arch)
			return row ? &calls[row - 1] : NULL;
	}
	return NULL;
}

/* A rule of one call, where the architectures have it. */
static void rule_add(scmp_filter_ctx filter, uint32_t action, const char *name)
{
	int nr = seccomp_syscall_resolve_name(name), error;

	if (nr == __NR_SCMP_ERROR)
		return; /* newer than the library */
	error = seccomp_rule_add(filter, action, nr, 0);
	if (error && error != -EDOM)
		errx(BEE_SOFTWARE, "the filter, %s: %s", name, strerrordesc_np(-error));
}

struct sock_fprog calls_program(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	AUTO_CLOSE int fd = memfd_create("filter", MFD_CLOEXEC);
	struct sock_fprog program = { 0 };
	off_t size;

	if (!filter || fd < 0)
		errx(BEE_SOFTWARE, "no filter can be made");
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (seccomp_arch_add(filter, others[i]))
			errx(BEE_SOFTWARE, "the filter's architectures");
	(void)seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		rule_add(filter, SCMP_ACT_NOTIFY, calls[i].name);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), refused[i]);
	if (seccomp_export_bpf(filter, fd) || (size = lseek(fd, 0, SEEK_END)) <= 0)
		errx(BEE_SOFTWARE, "no filter can be made");
	program.len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
	program.filter = xcalloc(program.len, sizeof(struct sock_filter));
	if (pread(fd, program.filter, (size_t)size, 0) != size)
		err(BEE_SOFTWARE, "the filter");
	seccomp_release(filter);
	return program;
}

int calls_listen(const struct sock_fprog *program, bool suid)
{
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd;

	if (!suid && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	/* A caller that is interrupted while it waits would ask again, for ever under a timer. */
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program);
	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
	return fd < 0 ? -errno : (int)fd;
}
