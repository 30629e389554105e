/* Attempts at what the kernel offers to every process: a hole behind one of these calls needs no right. */
#include "attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define raw(...) syscall(__VA_ARGS__)
/* The kernel has looked at it: not refused, by the jail's ENOSYS. */
#define reached(...) (raw(__VA_ARGS__) >= 0 || (errno != ENOSYS && errno != EPERM))

/* calls-memory */
static bool memory_file(void)
{
	return raw(SYS_memfd_create, "x", 0) >= 0;
}
static bool memory_secret(void)
{
	return raw(SYS_memfd_secret, 0) >= 0;
}
/* calls-keys */
static bool key_session(void)
{
	return raw(SYS_keyctl, 1 /* JOIN_SESSION_KEYRING */, "bee") >= 0;
}
static bool key_add(void)
{
	return raw(SYS_add_key, "user", "bee", "x", 1, -3) >= 0;
}
/* calls-trace */
static bool trace_me(void)
{
	return raw(SYS_ptrace, 0, 0, 0, 0) == 0;
}
static bool trace_memory(void)
{
	char here[8], there[8] = "";
	struct iovec to = { here, 8 }, from = { there, 8 };

	return raw(SYS_process_vm_readv, getpid(), &to, 1, &from, 1, 0) == 8;
}
static bool trace_pidfd(void)
{
	return raw(SYS_pidfd_open, getpid(), 0) >= 0;
}
static bool trace_kcmp(void)
{
	return raw(SYS_kcmp, getpid(), getpid(), 0, 0, 1) >= 0;
}
/* calls-mount: without rights the kernel says EPERM, but for what follows. */
static bool mount_tree(void)
{
	return raw(SYS_open_tree, AT_FDCWD, "/", O_CLOEXEC) >= 0;
}
static bool mount_tmpfs(void)
{
	return raw(SYS_mount, "none", "/proc", "tmpfs", 0, NULL) == 0;
}
static bool mount_writable(void)
{
	return raw(SYS_mount, NULL, "/", NULL, 32 | 4096 /* MS_REMOUNT | MS_BIND */,
		   NULL) == 0;
}
static bool mount_new(void)
{
	return raw(SYS_fsopen, "tmpfs", 0) >= 0;
}
/* calls-namespaces */
static bool space_user(void)
{
	return raw(SYS_unshare, CLONE_NEWUSER) == 0;
}
static bool space_user_clone3(void)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long pid = raw(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid > 0;
}
static bool space_mount(void)
{
	return raw(SYS_unshare, CLONE_NEWNS) == 0;
}
/* calls-fork */
static bool fork_one(void)
{
	long pid = raw(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	return pid > 0;
}
/* args-clone */
static bool space_user_clone(void)
{
	long pid = raw(SYS_clone, (long)CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	return pid > 0;
}
/* calls-rings */
static bool ring(void)
{
	char params[120] = { 0 };

	return raw(SYS_io_uring_setup, 4, params) >= 0;
}
static bool ring_old(void)
{
	unsigned long context = 0;

	return raw(SYS_io_setup, 1, &context) == 0;
}
/* calls-watch */
static bool watch_faults(void)
{
	return raw(SYS_userfaultfd, 1 /* of its own mode alone */) >= 0;
}
static bool watch_events(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_TASK_CLOCK,
					.exclude_kernel = 1 };

	return raw(SYS_perf_event_open, &attr, 0, -1, -1, 0) >= 0;
}
static bool watch_files(void)
{
	return raw(SYS_inotify_init1, 0) >= 0;
}
static bool watch_all(void)
{
	return raw(SYS_fanotify_init, 0x200 /* FAN_REPORT_FID */, 0) >= 0;
}
static bool program_load(void)
{
	char attr[128] = { 0 };

	return reached(SYS_bpf, 999, attr, sizeof(attr));
}
/* args-socket: a socket of these, where those of IPv4 are granted */
static bool socket_of(int family, int type, int protocol)
{
	return raw(SYS_socket, family, type, protocol) >= 0;
}
static bool socket_netlink(void)
{
	return socket_of(AF_NETLINK, SOCK_RAW, 0);
}
static bool socket_netfilter(void)
{
	return socket_of(AF_NETLINK, SOCK_RAW, 12);
}
static bool socket_unix(void)
{
	return socket_of(AF_UNIX, SOCK_STREAM, 0);
}
static bool socket_tcp(void)
{
	return socket_of(AF_INET, SOCK_STREAM, 0);
}
static bool socket_ipv6(void)
{
	return socket_of(AF_INET6, SOCK_DGRAM, 0);
}
/* calls-sockets */
static bool socket_pair(void)
{
	int ends[2];

	return raw(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, ends) == 0;
}
/* calls-ipc */
static bool ipc_memory(void)
{
	return raw(SYS_shmget, 0, 4096, 01600) >= 0;
}
static bool ipc_semaphore(void)
{
	return raw(SYS_semget, 0, 1, 01600) >= 0;
}
static bool ipc_queue(void)
{
	return raw(SYS_mq_open, "bee", O_CREAT | O_RDWR, 0600, NULL) >= 0;
}
/* calls-pipes: descriptors of others' pages */
static bool pipe_splice(void)
{
	int ends[2], fd = open("/proc/self/exe", O_RDONLY);
	loff_t at = 0;

	return raw(SYS_pipe2, ends, 0) == 0 &&
	       raw(SYS_splice, fd, &at, ends[1], NULL, 1, 0) >= 0;
}
static bool pipe_memory(void)
{
	struct iovec part = { (char[]){ "" }, 0 };

	return raw(SYS_vmsplice, 1, &part, 1, 0) >= 0;
}
static bool event_counter(void)
{
	return raw(SYS_eventfd2, 0, 0) >= 0;
}
/* calls-session, -scheduling, -timers */
/* It is a session's first process already, which the kernel tells it. */
static bool session_group(void)
{
	return raw(SYS_setpgid, 0, 0) == 0 || errno != ENOSYS;
}
static bool session_new(void)
{
	return raw(SYS_setsid) >= 0 || errno != ENOSYS;
}
static bool schedule_nice(void)
{
	return raw(SYS_setpriority, 0, 0, 19) == 0;
}
static bool schedule_idle(void)
{
	int none = 0;

	return raw(SYS_sched_setscheduler, 0, SCHED_IDLE, &none) == 0;
}
static bool timer_posix(void)
{
	int id;

	return raw(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id) == 0;
}
static bool timer_file(void)
{
	return raw(SYS_timerfd_create, CLOCK_MONOTONIC, 0) >= 0;
}
/* calls-files */
static bool file_handle(void)
{
	struct {
		unsigned bytes;
		int type;
		char handle[128];
	} handle = { .bytes = 128 };
	int mount;

	return raw(SYS_name_to_handle_at, AT_FDCWD, "/proc", &handle, &mount, 0) == 0 ||
	       (errno != ENOSYS && errno != EPERM);
}
static bool file_openat2(void)
{
	uint64_t how[3] = { 0 };

	return raw(SYS_openat2, AT_FDCWD, "/", how, sizeof(how)) >= 0;
}
static bool file_folder(void)
{
	return reached(SYS_chdir, "/");
}
/* calls-table */
static bool table_personality(void)
{
	return raw(SYS_personality, 0xffffffffL) >= 0;
}
static bool table_filter(void)
{
	return reached(SYS_seccomp, 2 /* GET_ACTION_AVAIL */, 0, NULL);
}
static bool table_landlock(void)
{
	return raw(SYS_landlock_create_ruleset, NULL, 0, 1) >= 0;
}
/* calls-machine */
static bool machine_clock(void)
{
	char timex[256] = { 0 };

	return raw(SYS_clock_adjtime, CLOCK_REALTIME, timex) >= 0;
}
static bool machine_name(void)
{
	return raw(SYS_sethostname, "x", 1) == 0;
}
/* calls-signals */
static bool signal_self(void)
{
	return raw(SYS_kill, getpid(), SIGCONT) == 0;
}
static bool signal_queue(void)
{
	siginfo_t info = { .si_signo = SIGCONT, .si_code = -1 };

	return raw(SYS_rt_sigqueueinfo, getpid(), SIGCONT, &info) == 0;
}
/* Arguments */
static bool args_open_excl(void)
{
	return raw(SYS_openat, AT_FDCWD, "/proc/self/status", O_EXCL) >= 0;
}
static bool args_dumpable(void)
{
	return raw(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}
static bool args_tracer(void)
{
	return raw(SYS_prctl, PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) == 0;
}
static bool args_owner(void)
{
	return raw(SYS_fcntl, 1, F_SETOWN, getpid()) == 0;
}
static bool args_async(void)
{
	return raw(SYS_fcntl, 1, F_SETFL, O_WRONLY | O_ASYNC) == 0;
}
static bool args_limit(void)
{
	struct rlimit now = { 16, 16 };

	return raw(SYS_prlimit64, 0, RLIMIT_NOFILE, &now, NULL) == 0;
}
static bool args_ioctl(void)
{
	int bytes;

	return ioctl(1, FIONREAD, &bytes) == 0;
}
static bool args_ioctl_long(void)
{
	int bytes;

	return raw(SYS_ioctl, 1L, 0x100000000L | FIONREAD, &bytes) == 0;
}
static bool args_type(void)
{
	return ioctl(0, 0x5412 /* TIOCSTI */, "x") == 0;
}
static bool args_page_zero(void)
{
	return mmap((void *)0x1000, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}
static bool args_made_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}
static bool args_page_out(void)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return raw(SYS_madvise, page, 4096, 21 /* MADV_PAGEOUT */) == 0;
}
static bool args_remap(void)
{
	void *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return raw(SYS_mremap, page, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED,
		   (char *)page + 4096) != -1;
}
static bool args_signal(void)
{
	return raw(SYS_tgkill, getpid(), raw(SYS_gettid), SIGCONT) == 0;
}
static bool args_clock(void)
{
	struct timespec none = { 0, 1 };

	return raw(SYS_clock_nanosleep, CLOCK_TAI, 0, &none, NULL) == 0;
}

const struct attempt attempts_calls[] = {
	{ "memory-file", memory_file },
	{ "memory-secret", memory_secret },
	{ "key-session", key_session },
	{ "key-add", key_add },
	{ "trace-me", trace_me },
	{ "trace-memory", trace_memory },
	{ "trace-pidfd", trace_pidfd },
	{ "trace-kcmp", trace_kcmp },
	{ "mount-tree", mount_tree },
	{ "mount-tmpfs", mount_tmpfs },
	{ "mount-writable", mount_writable },
	{ "mount-new", mount_new },
	{ "space-user", space_user },
	{ "space-user-clone3", space_user_clone3 },
	{ "space-user-clone", space_user_clone },
	{ "space-mount", space_mount },
	{ "fork-one", fork_one },
	{ "ring", ring },
	{ "ring-old", ring_old },
	{ "watch-faults", watch_faults },
	{ "watch-events", watch_events },
	{ "watch-files", watch_files },
	{ "watch-all", watch_all },
	{ "program-load", program_load },
	{ "socket-netlink", socket_netlink },
	{ "socket-netfilter", socket_netfilter },
	{ "socket-unix", socket_unix },
	{ "socket-tcp", socket_tcp },
	{ "socket-ipv6", socket_ipv6 },
	{ "socket-pair", socket_pair },
	{ "ipc-memory", ipc_memory },
	{ "ipc-semaphore", ipc_semaphore },
	{ "ipc-queue", ipc_queue },
	{ "pipe-splice", pipe_splice },
	{ "pipe-memory", pipe_memory },
	{ "event-counter", event_counter },
	{ "session-new", session_new },
	{ "session-group", session_group },
	{ "schedule-nice", schedule_nice },
	{ "schedule-idle", schedule_idle },
	{ "timer-posix", timer_posix },
	{ "timer-file", timer_file },
	{ "file-handle", file_handle },
	{ "file-openat2", file_openat2 },
	{ "file-folder", file_folder },
	{ "table-personality", table_personality },
	{ "table-filter", table_filter },
	{ "table-landlock", table_landlock },
	{ "machine-clock", machine_clock },
	{ "machine-name", machine_name },
	{ "signal-self", signal_self },
	{ "signal-queue", signal_queue },
	{ "open-exclusive", args_open_excl },
	{ "prctl-dumpable", args_dumpable },
	{ "prctl-reaper", args_tracer },
	{ "fcntl-owner", args_owner },
	{ "fcntl-async", args_async },
	{ "prlimit-set", args_limit },
	{ "ioctl-other", args_ioctl },
	{ "ioctl-long", args_ioctl_long },
	{ "ioctl-type", args_type },
	{ "mmap-page-zero", args_page_zero },
	{ "mmap-made-code", args_made_code },
	{ "madvise-page-out", args_page_out },
	{ "mremap-fixed", args_remap },
	{ "tgkill-other", args_signal },
	{ "clock-other", args_clock },
	{ NULL, NULL },
};
