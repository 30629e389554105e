/* The test build's other half: the filter and what it looks at, and calls by number. */
#include "layers.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static const struct {
	const char *layer;
	int calls[14]; /* the rest is 0, which is read(2), and always allowed */
} groups[] = {
	{ "calls-memory",
	  { SYS_memfd_create, SYS_ftruncate, SYS_memfd_secret, SYS_mlockall } },
	{ "calls-keys", { SYS_keyctl, SYS_add_key, SYS_request_key } },
	{ "calls-trace",
	  { SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp,
	    SYS_pidfd_open, SYS_pidfd_getfd, SYS_process_madvise, SYS_get_robust_list } },
	{ "calls-mount",
	  { SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree,
	    SYS_move_mount, SYS_fsopen, SYS_mount_setattr } },
	{ "calls-namespaces", { SYS_unshare, SYS_setns, SYS_clone3, SYS_chdir } },
	{ "calls-fork", { SYS_clone, SYS_wait4 } },
	{ "calls-rings",
	  { SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_io_setup,
	    SYS_io_submit } },
	{ "calls-watch",
	  { SYS_perf_event_open, SYS_bpf, SYS_userfaultfd, SYS_fanotify_init,
	    SYS_inotify_init1 } },
	{ "calls-sockets",
	  { SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_sendto } },
	{ "calls-ipc", { SYS_shmget, SYS_msgget, SYS_semget, SYS_mq_open } },
	{ "calls-ids",
	  { SYS_setuid, SYS_setresuid, SYS_setgid, SYS_setgroups, SYS_capset,
	    SYS_setfsuid } },
	{ "calls-session", { SYS_setsid, SYS_setpgid } },
	{ "calls-pipes", { SYS_splice, SYS_tee, SYS_vmsplice, SYS_pipe2, SYS_eventfd2 } },
	{ "calls-scheduling",
	  { SYS_setpriority, SYS_sched_setscheduler, SYS_sched_setaffinity,
	    SYS_ioprio_set, SYS_sched_setattr } },
	{ "calls-timers", { SYS_timer_create, SYS_setitimer, SYS_timerfd_create } },
	{ "calls-files",
	  { SYS_openat2, SYS_name_to_handle_at, SYS_fchmodat, SYS_getxattr, SYS_mkdirat,
	    SYS_fsync, SYS_flock, SYS_chdir, SYS_umask } },
	{ "calls-exec", { SYS_execve, SYS_execveat } },
	{ "calls-table",
	  { SYS_personality, SYS_seccomp, SYS_landlock_create_ruleset, SYS_membarrier } },
	{ "calls-signals",
	  { SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_pidfd_send_signal,
	    SYS_signalfd4 } },
	{ "calls-machine",
	  { SYS_sethostname, SYS_clock_adjtime, SYS_mincore, SYS_getcpu } },
};

/* A filter that lets a group through ahead of the one that is told. */
static long filter_load(unsigned long flags, const struct sock_fprog *program)
{
	struct sock_filter *code = xcalloc(program->len + 64u, sizeof(*code));
	struct sock_fprog more = { 1, code };
	static const struct sock_filter allow =
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					       offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		for (size_t k = 0; off(groups[i].layer) && groups[i].calls[k]; k++) {
			code[more.len++] = (struct sock_filter)BPF_JUMP(
				BPF_JMP | BPF_JEQ | BPF_K, (unsigned)groups[i].calls[k],
				0, 1);
			code[more.len++] = allow;
		}
	if (off("filter"))
		code[more.len++] = allow;
	memcpy(code + more.len, program->filter, program->len * sizeof(*code));
	more.len = (unsigned short)(more.len + program->len);
	return __real_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &more);
}

/* Arguments are not looked at any more: `args-openat` and so on. */
WRAPS(int, seccomp_rule_add_array, scmp_filter_ctx ctx, uint32_t action, int call,
      unsigned count, const struct scmp_arg_cmp *args)
{
	AUTO_FREE char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);
	AUTO_FREE char *layer = xasprintf("args-%s", name ?: "");
	int error;

	if (count && off(layer))
		count = 0;
	error = __real_seccomp_rule_add_array(ctx, action, call, count, args);
	return error == -EEXIST ? 0 : error;
}

WRAPS(int, seccomp_attr_set, scmp_filter_ctx ctx, enum scmp_filter_attr attr,
      uint32_t value)
{
	if (attr == SCMP_FLTATR_ACT_BADARCH && off("foreign-calls"))
		value = SCMP_ACT_ALLOW;
	return __real_seccomp_attr_set(ctx, attr, value);
}

static long all_caps(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct have[2];
	long error = __real_syscall(SYS_capget, &header, have);

	for (int i = 0; i < 2; i++)
		have[i].inheritable = have[i].effective = have[i].permitted;
	error |= __real_syscall(SYS_capset, &header, have);
	for (unsigned long cap = 0; cap < 64; cap++)
		(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	return error;
}

/* What SYS_capset was asked for where it gave all; the process asks whether it has got that. */
static struct __user_cap_data_struct pretended[2];
static bool pretends;

static bool landlock_skipped;

/* The jail tries whether Landlock is in force, by a file that is outside. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
	va_end(list);
	if (!landlock_skipped)
		return __real_open(path, flags, mode);
	landlock_skipped = false;
	errno = EACCES;
	return -1;
}

long __wrap_syscall(long number, ...)
{
	long args[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_seccomp)
		return filter_load((unsigned long)args[1],
				   (const struct sock_fprog *)args[2]);
	if (number == SYS_capset && off("capabilities") && getpid() != 1) {
		memcpy(pretended, (const void *)args[1], sizeof(pretended));
		pretends = true;
		return all_caps();
	}
	if (number == SYS_capget && pretends) {
		memcpy((void *)args[1], pretended, sizeof(pretended));
		return 0;
	}
	if (number == SYS_landlock_restrict_self && off("landlock")) {
		landlock_skipped = true;
		return 0;
	}
	if (number == SYS_pivot_root && off("pivot-root")) {
		errno = EINVAL; /* as in an initramfs */
		return -1;
	}
	/* A table of its own, and nothing of it is closed. */
	if (number == SYS_close_range && off("descriptors")) {
		args[0] = INT_MAX;
		args[2] = CLOSE_RANGE_UNSHARE;
	}
	return __real_syscall(number, args[0], args[1], args[2], args[3], args[4],
			      args[5]);
}
