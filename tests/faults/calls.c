/*
 * Which errors a call can give to bee. From each page of the manual those are left out that speak of
 * wrong arguments (EFAULT, EBADF, most EINVAL): the arguments are the program's, no fault changes them.
 * Nor is EINTR in it, but for the calls where a stop and a continue bring it: no program of bee has a
 * handler that returns (signal(7)).
 */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

/* By path: what a file system, its device or a security module may say to any walk of it. */
#define WALK " EACCES EIO ELOOP ENOENT ENOMEM ENOTDIR ESTALE"
#define MAKE " EACCES EDQUOT EIO ENOENT ENOMEM ENOSPC EROFS"

static const struct call table[] = {
	{ SYS_access, "access", WALK " EROFS", "access(2)", false },
	{ SYS_arch_prctl, "arch_prctl", "", "arch_prctl(2): wrong arguments only",
	  false },
	{ SYS_brk, "brk", "ENOMEM", "brk(2)", false },
	{ SYS_capget, "capget", "EPERM", "capget(2)", false },
	{ SYS_capset, "capset", "EPERM", "capget(2)", false },
	{ SYS_chdir, "chdir", WALK, "chdir(2)", false },
	{ SYS_chroot, "chroot", WALK " EPERM", "chroot(2)", false },
	{ SYS_clock_nanosleep, "clock_nanosleep", "EINTR", "clock_nanosleep(2)", false },
	{ SYS_clone, "clone", "EAGAIN ENOMEM ENOSPC EPERM", "clone(2)", false },
	{ SYS_clone3, "clone3", "EAGAIN EBUSY ENOMEM ENOSPC EOPNOTSUPP EPERM ENOSYS",
	  "clone(2)", false },
	{ SYS_close, "close", "EIO ENOSPC EDQUOT", "close(2): it is closed even so",
	  true },
	{ SYS_close_range, "close_range", "EMFILE ENOMEM ENOSYS EPERM",
	  "close_range(2); the last two: filters of containers that do not know it",
	  false },
	{ SYS_dup, "dup", "EMFILE", "dup(2)", false },
	{ SYS_dup2, "dup2", "EBUSY EMFILE", "dup(2)", false },
	{ SYS_dup3, "dup3", "EBUSY EMFILE", "dup(2)", false },
	{ SYS_epoll_create1, "epoll_create1", "EMFILE ENFILE ENOMEM", "epoll_create(2)",
	  false },
	{ SYS_epoll_ctl, "epoll_ctl", "ENOMEM ENOSPC", "epoll_ctl(2)", false },
	{ SYS_epoll_wait, "epoll_wait", "EINTR", "epoll_wait(2)", false },
	{ SYS_epoll_pwait, "epoll_pwait", "EINTR", "epoll_wait(2)", false },
	{ SYS_execve, "execve", WALK " E2BIG EAGAIN EPERM ETXTBSY ENOEXEC", "execve(2)",
	  false },
	{ SYS_execveat, "execveat", "EACCES E2BIG EAGAIN EIO ENOENT ENOMEM EPERM ETXTBSY",
	  "execve(2), execveat(2)", false },
	{ SYS_exit, "exit", "", "does not return", false },
	{ SYS_exit_group, "exit_group", "", "does not return", false },
	{ SYS_faccessat2, "faccessat2", WALK " EPERM EROFS", "access(2)", false },
	{ SYS_fchdir, "fchdir", "EACCES EIO", "chdir(2)", false },
	{ SYS_fchmod, "fchmod", "EIO EPERM EROFS", "chmod(2)", false },
	{ SYS_fchownat, "fchownat", "EIO EPERM EROFS ENOMEM", "chown(2)", false },
	{ SYS_fcntl, "fcntl", "EACCES EAGAIN EMFILE ENOLCK", "fcntl(2)", false },
	{ SYS_flock, "flock", "ENOLCK EWOULDBLOCK", "flock(2)", false },
	{ SYS_fork, "fork", "EAGAIN ENOMEM", "fork(2)", false },
	{ SYS_fsconfig, "fsconfig", "EBUSY EINVAL ENOMEM EPERM", "kernel, fs/fsopen.c",
	  false },
	{ SYS_fsmount, "fsmount", "EBUSY EMFILE ENOMEM ENOSPC EPERM",
	  "kernel, fs/namespace.c", false },
	{ SYS_fsopen, "fsopen", "EMFILE ENODEV ENOMEM EPERM ENOSYS",
	  "kernel, fs/fsopen.c", false },
	{ SYS_fstat, "fstat", "EIO ENOMEM ESTALE", "stat(2)", false },
	{ SYS_fsync, "fsync", "EDQUOT EIO ENOSPC EROFS", "fsync(2)", false },
	{ SYS_ftruncate, "ftruncate", "EIO EFBIG EPERM", "truncate(2)", false },
	{ SYS_futex, "futex", "EINTR", "futex(2)", false },
	{ SYS_getcwd, "getcwd", "EACCES ENOENT ENOMEM", "getcwd(2)", false },
	{ SYS_getdents64, "getdents64", "EIO ENOENT ESTALE", "getdents(2)", false },
	{ SYS_getegid, "getegid", "", "getuid(2)", false },
	{ SYS_geteuid, "geteuid", "", "getuid(2)", false },
	{ SYS_getgid, "getgid", "", "getuid(2)", false },
	{ SYS_getgroups, "getgroups", "", "getgroups(2): wrong arguments only", false },
	{ SYS_getpgrp, "getpgrp", "", "getpgrp(2)", false },
	{ SYS_getpid, "getpid", "", "getpid(2)", false },
	{ SYS_getppid, "getppid", "", "getpid(2)", false },
	{ SYS_getrandom, "getrandom", "EAGAIN ENOSYS", "getrandom(2)", false },
	{ SYS_getrlimit, "getrlimit", "", "getrlimit(2): wrong arguments only", false },
	{ SYS_gettid, "gettid", "", "gettid(2)", false },
	{ SYS_getuid, "getuid", "", "getuid(2)", false },
	{ SYS_getxattr, "getxattr", "ENODATA ENOTSUP", "getxattr(2)", false },
	{ SYS_ioctl, "ioctl", "EIO ENOENT ENOTTY", "ioctl(2), seccomp_unotify(2)",
	  false },
	{ SYS_ioprio_set, "ioprio_set", "EPERM", "ioprio_set(2)", false },
	{ SYS_kill, "kill", "EPERM ESRCH", "kill(2)", false },
	{ SYS_landlock_add_rule, "landlock_add_rule", "ENOMEM", "landlock_add_rule(2)",
	  false },
	{ SYS_landlock_create_ruleset, "landlock_create_ruleset",
	  "EOPNOTSUPP ENOSYS ENOMEM EMFILE", "landlock_create_ruleset(2)", false },
	{ SYS_landlock_restrict_self, "landlock_restrict_self", "E2BIG ENOMEM EPERM",
	  "landlock_restrict_self(2)", false },
	{ SYS_lseek, "lseek", "ESPIPE", "lseek(2)", false },
	{ SYS_lstat, "lstat", WALK, "stat(2)", false },
	{ SYS_madvise, "madvise", "EAGAIN ENOMEM", "madvise(2)", false },
	{ SYS_memfd_create, "memfd_create", "EMFILE ENFILE ENOMEM", "memfd_create(2)",
	  false },
	{ SYS_mkdir, "mkdir", MAKE " EEXIST EPERM", "mkdir(2)", false },
	{ SYS_mkdirat, "mkdirat", MAKE " EPERM", "mkdir(2)", false },
	{ SYS_mknodat, "mknodat", MAKE " EPERM", "mknod(2)", false },
	{ SYS_mmap, "mmap", "EAGAIN ENFILE ENOMEM EPERM", "mmap(2)", false },
	{ SYS_mount, "mount", "EPERM ENOMEM EINVAL", "mount(2)", false },
	{ SYS_mount_setattr, "mount_setattr", "EBUSY ENOMEM EPERM ENOSYS",
	  "mount_setattr(2)", false },
	{ SYS_move_mount, "move_mount", "EINVAL ENOMEM ENOSPC EPERM ENOENT",
	  "kernel, fs/namespace.c", false },
	{ SYS_mprotect, "mprotect", "EACCES ENOMEM", "mprotect(2)", false },
	{ SYS_mremap, "mremap", "EAGAIN ENOMEM", "mremap(2)", false },
	{ SYS_munmap, "munmap", "ENOMEM", "munmap(2)", false },
	{ SYS_nanosleep, "nanosleep", "EINTR", "nanosleep(2)", false },
	{ SYS_newfstatat, "newfstatat", WALK, "stat(2)", false },
	{ SYS_open_tree, "open_tree", WALK " EMFILE EPERM ENOSPC",
	  "kernel, fs/namespace.c", false },
	{ SYS_openat, "openat",
	  WALK " EDQUOT EMFILE ENFILE ENODEV ENOSPC ENXIO EPERM EROFS", "open(2)",
	  false },
	{ SYS_openat2, "openat2", WALK " EAGAIN EMFILE ENFILE EXDEV", "openat2(2)",
	  false },
	{ SYS_pause, "pause", "", "no handler of ours returns", false },
	{ SYS_personality, "personality", "", "personality(2)", false },
	{ SYS_pidfd_getfd, "pidfd_getfd", "EMFILE EPERM ESRCH", "pidfd_getfd(2)", false },
	{ SYS_pidfd_open, "pidfd_open", "EMFILE ENFILE ENOMEM ESRCH", "pidfd_open(2)",
	  false },
	{ SYS_pidfd_send_signal, "pidfd_send_signal", "EPERM ESRCH",
	  "pidfd_send_signal(2)", false },
	{ SYS_pipe2, "pipe2", "EMFILE ENFILE", "pipe(2)", false },
	/* Not EINVAL: that is an initramfs, and there the jail is made by chroot(2). */
	{ SYS_pivot_root, "pivot_root", "EBUSY EPERM ENOENT", "pivot_root(2)", false },
	{ SYS_poll, "poll", "ENOMEM", "poll(2)", false },
	{ SYS_ppoll, "ppoll", "ENOMEM", "poll(2)", false },
	{ SYS_prctl, "prctl", "EPERM", "prctl(2)", false },
	{ SYS_pread64, "pread64", "EIO", "pread(2)", false },
	{ SYS_prlimit64, "prlimit64", "EPERM", "getrlimit(2)", false },
	{ SYS_process_vm_readv, "process_vm_readv", "EFAULT ENOMEM EPERM ESRCH",
	  "process_vm_readv(2)", false },
	{ SYS_process_vm_writev, "process_vm_writev", "EFAULT ENOMEM EPERM ESRCH",
	  "process_vm_readv(2)", false },
	{ SYS_pwrite64, "pwrite64", "EIO ENOSPC", "pwrite(2)", false },
	{ SYS_read, "read", "EAGAIN EIO ESTALE", "read(2)", false },
	{ SYS_readlink, "readlink", WALK, "readlink(2)", false },
	{ SYS_readlinkat, "readlinkat", WALK, "readlink(2)", false },
	{ SYS_recvfrom, "recvfrom", "EAGAIN ENOMEM ECONNRESET", "recv(2)", false },
	{ SYS_recvmsg, "recvmsg", "EAGAIN ENOMEM ECONNRESET", "recv(2)", false },
	{ SYS_rename, "rename", MAKE " EBUSY EISDIR EPERM EXDEV", "rename(2)", false },
	{ SYS_renameat, "renameat", MAKE " EBUSY EISDIR EPERM EXDEV", "rename(2)",
	  false },
	{ SYS_renameat2, "renameat2", MAKE " EBUSY EISDIR EPERM EXDEV", "rename(2)",
	  false },
	{ SYS_restart_syscall, "restart_syscall", "EINTR", "restart_syscall(2)", false },
	{ SYS_rmdir, "rmdir", WALK " EBUSY ENOTEMPTY EPERM EROFS", "rmdir(2)", false },
	{ SYS_rseq, "rseq", "ENOSYS", "glibc goes on without", false },
	{ SYS_rt_sigaction, "rt_sigaction", "", "sigaction(2): wrong arguments only",
	  false },
	{ SYS_rt_sigprocmask, "rt_sigprocmask", "",
	  "sigprocmask(2): wrong arguments only", false },
	{ SYS_rt_sigreturn, "rt_sigreturn", "", "does not return", false },
	{ SYS_sched_getaffinity, "sched_getaffinity", "EPERM", "sched_setaffinity(2)",
	  false },
	{ SYS_sched_setaffinity, "sched_setaffinity", "EINVAL EPERM",
	  "sched_setaffinity(2)", false },
	{ SYS_sched_setattr, "sched_setattr", "EBUSY EPERM", "sched_setattr(2)", false },
	{ SYS_sched_getscheduler, "sched_getscheduler", "", "sched_setscheduler(2)",
	  false },
	{ SYS_sched_setscheduler, "sched_setscheduler", "EPERM", "sched_setscheduler(2)",
	  false },
	{ SYS_seccomp, "seccomp", "EACCES EBUSY ENOMEM ESRCH", "seccomp(2)", false },
	{ SYS_sendmmsg, "sendmmsg", "EAGAIN ECONNRESET ENOBUFS ENOMEM EPIPE ETOOMANYREFS",
	  "sendmsg(2), of its first message", false },
	{ SYS_sendmsg, "sendmsg", "EAGAIN ECONNRESET ENOBUFS ENOMEM EPIPE ETOOMANYREFS",
	  "send(2), unix(7)", false },
	{ SYS_sendto, "sendto", "EAGAIN ECONNRESET ENOBUFS ENOMEM EPIPE", "send(2)",
	  false },
	{ SYS_set_robust_list, "set_robust_list", "", "wrong arguments only", false },
	{ SYS_set_tid_address, "set_tid_address", "", "cannot fail", false },
	{ SYS_setgid, "setgid", "EPERM", "setgid(2)", false },
	{ SYS_setgroups, "setgroups", "ENOMEM EPERM", "setgroups(2)", false },
	{ SYS_sethostname, "sethostname", "EPERM", "sethostname(2)", false },
	{ SYS_setitimer, "setitimer", "", "setitimer(2): wrong arguments only", false },
	{ SYS_setns, "setns", "ENOMEM EPERM", "setns(2)", false },
	{ SYS_setpgid, "setpgid", "EACCES EPERM", "setpgid(2)", false },
	{ SYS_setpriority, "setpriority", "EACCES EPERM", "setpriority(2)", false },
	{ SYS_setresgid, "setresgid", "EPERM", "setresuid(2)", false },
	{ SYS_setresuid, "setresuid", "EAGAIN EPERM", "setresuid(2)", false },
	{ SYS_setsid, "setsid", "EPERM", "setsid(2)", false },
	{ SYS_setuid, "setuid", "EAGAIN EPERM", "setuid(2)", false },
	{ SYS_shutdown, "shutdown", "", "shutdown(2): wrong arguments only", false },
	{ SYS_signalfd4, "signalfd4", "EMFILE ENFILE ENODEV ENOMEM", "signalfd(2)",
	  false },
	{ SYS_socket, "socket", "EAFNOSUPPORT EMFILE ENFILE ENOBUFS ENOMEM", "socket(2)",
	  false },
	{ SYS_socketpair, "socketpair", "EMFILE ENFILE ENOMEM", "socketpair(2)", false },
	{ SYS_splice, "splice", "EAGAIN EINVAL ENOMEM EPIPE", "splice(2)", false },
	{ SYS_stat, "stat", WALK, "stat(2)", false },
	{ SYS_statfs, "statfs", WALK, "statfs(2)", false },
	{ SYS_symlinkat, "symlinkat", MAKE " EPERM", "symlink(2)", false },
	{ SYS_sysinfo, "sysinfo", "", "sysinfo(2)", false },
	{ SYS_tee, "tee", "EAGAIN ENOMEM", "tee(2)", false },
	{ SYS_tgkill, "tgkill", "EAGAIN ESRCH", "tgkill(2)", false },
	{ SYS_umask, "umask", "", "umask(2)", false },
	{ SYS_umount2, "umount2", "EBUSY ENOMEM EPERM", "umount(2)", false },
	{ SYS_uname, "uname", "", "uname(2)", false },
	{ SYS_unlink, "unlink", WALK " EBUSY EPERM EROFS", "unlink(2)", false },
	{ SYS_unlinkat, "unlinkat", WALK " EBUSY EPERM EROFS", "unlink(2)", false },
	{ SYS_unshare, "unshare", "ENOMEM ENOSPC EPERM EUSERS", "unshare(2)", false },
	{ SYS_wait4, "wait4", "ECHILD", "wait(2)", false },
	{ SYS_waitid, "waitid", "ECHILD", "wait(2)", false },
	{ SYS_write, "write", "EAGAIN EDQUOT EFBIG EIO ENOSPC EPERM EPIPE", "write(2)",
	  false },
	{ SYS_writev, "writev", "EAGAIN EDQUOT EFBIG EIO ENOSPC EPERM EPIPE", "write(2)",
	  false },
};

#define COUNT (sizeof(table) / sizeof(*table))

const struct call *call_find(long number)
{
	for (size_t i = 0; i < COUNT; i++)
		if (table[i].number == number)
			return &table[i];
	return NULL;
}

const struct call *call_named(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

bool call_can_fail(const struct call *call, const unsigned long long arguments[6])
{
	switch (call->number) {
	case SYS_fcntl: /* of an open descriptor: its flags can be asked for and set */
		return arguments[1] != F_GETFD && arguments[1] != F_SETFD &&
		       arguments[1] != F_GETFL && arguments[1] != F_SETFL;
	case SYS_prlimit64: /* only a new limit can be refused */
		return arguments[2] != 0;
	default:
		return true;
	}
}

int error_number(const char *name)
{
	for (int error = 1; error < 200; error++) {
		const char *known = strerrorname_np(error);

		if (known && !strcmp(known, name))
			return error;
	}
	return !strcmp(name, "EWOULDBLOCK") ? EWOULDBLOCK
	       : !strcmp(name, "ENOTSUP")   ? ENOTSUP
					    : 0;
}

void calls_print(void)
{
	printf("{");
	for (size_t i = 0; i < COUNT; i++)
		printf("%s\"%s\": \"%s\"", i ? ",\n" : "\n", table[i].name,
		       table[i].errors);
	printf("\n}\n");
}
