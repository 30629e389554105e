/* The system calls that take names of files, on every architecture that this machine runs. */
#include "calls.h"
#include "exits.h"

#include <err.h>
#include <errno.h>
#include <linux/net.h>
#include <seccomp.h>
#include <stddef.h>
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
	AT("inotify_add_watch", CALL_STAT, -1, 1, 2),
	AT("fanotify_mark", CALL_STAT, 3, 4, 1),
	AT("open_tree", CALL_STAT, 0, 1, 2),
	AT("open_tree_attr", CALL_STAT, 0, 1, 2),
	AT("mount_setattr", CALL_STAT, 0, 1, 2),
	AT("fspick", CALL_STAT, 0, 1, 2),
	AT("getxattrat", CALL_STAT, 0, 1, 2),
	AT("listxattrat", CALL_STAT, 0, 1, 2),
	AT("file_getattr", CALL_STAT, 0, 1, 4),
	ONE("quotactl", CALL_STAT, 1),
	ONE("swapoff", CALL_STAT, 0),
	ONE("swapon", CALL_CHANGE, 0),
	ONE("acct", CALL_CHANGE, 0),
	AT("setxattrat", CALL_CHANGE, 0, 1, 2),
	AT("removexattrat", CALL_CHANGE, 0, 1, 2),
	AT("file_setattr", CALL_CHANGE, 0, 1, 4),
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
	AT("fchmodat2", CALL_CHANGE, 0, 1, 3),
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
	{ "linkat", CALL_LSTAT, 1, 0, 4, 3, 2, false },
	{ "rename", CALL_REMOVE, 0, -1, -1, 1, -1, false },
	{ "renameat", CALL_REMOVE, 1, 0, -1, 3, 2, false },
	{ "renameat2", CALL_REMOVE, 1, 0, -1, 3, 2, false },
	ONE("unlink", CALL_REMOVE, 0),
	ONE("rmdir", CALL_REMOVE, 0),
	AT("unlinkat", CALL_REMOVE, 0, 1, -1),
	AT("connect", CALL_CONNECT, -1, 1, 2),
	AT("bind", CALL_BIND, -1, 1, 2),
	AT("sendto", CALL_CONNECT, -1, 4, 5),
	AT("sendmsg", CALL_CONNECT, -1, 4, 5), /* from its struct msghdr */
	MOVES("mount", CALL_STAT, -1, 1),
	MOVES("umount", CALL_STAT, -1, 0),
	{ "umount2", CALL_STAT, 0, -1, 1, -1, -1, true },
	MOVES("move_mount", CALL_STAT, 2, 3),
	MOVES("chroot", CALL_STAT, -1, 0),
	MOVES("pivot_root", CALL_STAT, -1, 0),
	MOVES("unshare", CALL_PLACE, -1, -1),
	MOVES("setns", CALL_PLACE, -1, -1),
};

/* Numbers that Debian 12's libseccomp does not know; from 424 on they are those of every
 * architecture (asm-generic/unistd.h), and x32 has its bit. */
static const struct newer {
	const char *name;
	uint16_t number;
} newer[] = {
	{ "fchmodat2", 452 },    { "setxattrat", 463 },    { "getxattrat", 464 },
	{ "listxattrat", 465 },  { "removexattrat", 466 }, { "open_tree_attr", 467 },
	{ "file_getattr", 468 }, { "file_setattr", 469 },
};

/* Calls of sockets have numbers of their own on i386, which libseccomp does not tell, and an old
 * common one (arch/x86/entry/syscalls/syscall_32.tbl). */
#define SOCKETCALL_386 102u
static const struct newer sockets_386[] = {
	{ "bind", 361 },
	{ "connect", 362 },
	{ "sendto", 369 },
	{ "sendmsg", 370 },
};

/* Its numbers: linux/net.h. */
static const struct newer socketcalls[] = {
	{ "bind", 2 },
	{ "connect", 3 },
	{ "sendto", 11 },
	{ "sendmsg", 16 },
};

/* What a program falls back from where there is none. */
static const char *const refused[] = { "io_uring_setup", "io_uring_enter",
				       "io_uring_register" };

static struct {
	uint32_t arch;           /* AUDIT_ARCH_ of a notification */
	uint8_t row[NUMBER_MAX]; /* 0: none; else index + 1 */
} tables[3];
static size_t table_count;

static int number_of(const struct newer *all, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(all[i].name, name))
			return all[i].number;
	return -1;
}

static const struct call *call_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		if (!strcmp(calls[i].name, name))
			return &calls[i];
	return NULL;
}

/* libseccomp's name of an architecture is the kernel's, but for x32, which is x86-64's. */
static void table_add(uint32_t arch)
{
	bool x32 = arch == SCMP_ARCH_X32;

	if (!x32)
		tables[table_count].arch = arch;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		int nr = seccomp_syscall_resolve_name_arch(arch, calls[i].name);

		if (nr < 0 && arch == SCMP_ARCH_X86)
			nr = number_of(sockets_386, ARRAY_LEN(sockets_386),
				       calls[i].name);
		if (nr < 0)
			nr = number_of(newer, ARRAY_LEN(newer), calls[i].name);
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

bool calls_is_narrow(const struct seccomp_data *data)
{
	return data->arch != tables[0].arch || data->nr & (int)X32_BIT;
}

bool calls_is_socketcall(const struct seccomp_data *data)
{
	return data->arch == SCMP_ARCH_X86 && data->arch != tables[0].arch &&
	       (unsigned)data->nr == SOCKETCALL_386;
}

const struct call *calls_socketcall(uint64_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(socketcalls); i++)
		if (socketcalls[i].number == number)
			return call_named(socketcalls[i].name);
	return NULL;
}

/* A rule of one call, where the architectures have it. */
static void rule_add(scmp_filter_ctx filter, uint32_t action, const char *name)
{
	int nr = seccomp_syscall_resolve_name(name), error;

	if (nr == __NR_SCMP_ERROR)
		return; /* newer than the library */
	/* Most of what is sent has no address. */
	if (!strcmp(name, "sendto"))
		error = seccomp_rule_add(filter, action, nr, 1,
					 SCMP_A4(SCMP_CMP_NE, 0, 0));
	else
		error = seccomp_rule_add(filter, action, nr, 0);
	if (error && error != -EDOM)
		errx(BEE_SOFTWARE, "the filter, %s: %s", name, strerrordesc_np(-error));
}

#define NEWER_LINES (2 + 2 * ARRAY_LEN(newer))

/* The numbers that libseccomp does not know, asked before all others. How many lines. */
static size_t newer_put(struct sock_filter *to)
{
	size_t n = 0;

	to[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					       offsetof(struct seccomp_data, nr));
	to[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~X32_BIT);
	for (size_t i = 0; i < ARRAY_LEN(newer); i++) {
		if (seccomp_syscall_resolve_name(newer[i].name) != __NR_SCMP_ERROR)
			continue;
		to[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						       newer[i].number, 0, 1);
		to[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						       SECCOMP_RET_USER_NOTIF);
	}
	return n;
}

struct sock_fprog calls_program(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	AUTO_CLOSE int fd = memfd_create("filter", MFD_CLOEXEC);
	struct sock_fprog program = { 0 };
	size_t first;
	off_t size;
	int error;

	/* libseccomp asks the kernel, and whoever filters that call here. */
	if (filter && seccomp_api_get() < 5)
		errx(BEE_UNAVAILABLE, "no program can be watched: the kernel has no "
				      "seccomp_unotify(2), or it is refused here");
	if (!filter || fd < 0)
		err_system("no filter can be made");
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (seccomp_arch_add(filter, others[i]))
			errx(BEE_SOFTWARE, "the filter's architectures");
	(void)seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		rule_add(filter, SCMP_ACT_NOTIFY, calls[i].name);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), refused[i]);
	/* By i386's common call its address is in memory, which no filter reads: told of each time. */
	error = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(socketcall), 1,
				 SCMP_A0(SCMP_CMP_EQ, SYS_SENDTO, 0));
	if (error && error != -EDOM)
		errx(BEE_SOFTWARE, "the filter, socketcall: %s", strerrordesc_np(-error));
	if (seccomp_export_bpf(filter, fd) || (size = lseek(fd, 0, SEEK_END)) <= 0)
		errx(BEE_OSERR, "no filter can be made");
	program.filter = xcalloc(NEWER_LINES + (size_t)size / sizeof(struct sock_filter),
				 sizeof(struct sock_filter));
	first = newer_put(program.filter);
	program.len = (unsigned short)(first + (size_t)size / sizeof(struct sock_filter));
	if (pread(fd, program.filter + first, (size_t)size, 0) != size)
		err_system("the filter");
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
