/* What a process gives up before it runs what it must not trust, in an order that counts. */
#include "confine.h"
#include "enforced.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
/* Landlock rights newer than the oldest headers we build with, by ABI. */
#define FS_RIGHTS_ABI1 ((1ULL << 13) - 1)
#define FS_REFER (1ULL << 13)     /* ABI 2 */
#define FS_TRUNCATE (1ULL << 14)  /* ABI 3 */
#define FS_IOCTL_DEV (1ULL << 15) /* ABI 5 */
#define SCOPE_ALL 3ULL            /* ABI 6: abstract sockets, signals */

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

#define FS_READ_EXECUTE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE)

#define TOOL_NICE 10
#ifdef BEE_SANITIZED /* shadow memory is address space */
#define READER_MEMORY RLIM_INFINITY
#else
#define READER_MEMORY (512u << 20)
#endif

#define SECUREBITS_ALL                                                                   \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |                 \
	 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED)

/* The ruleset as the newest kernels know it; older ones are given a shorter size. */
struct ruleset {
	uint64_t handled_fs, handled_net, scoped;
};

static int fail(struct jail_failure *failure, enum jail_stage stage)
{
	*failure = (struct jail_failure){ .stage = stage, .error = errno };
	return -1;
}

int confine_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

/* Where the caller's own limit is lower, that one stays: raising it takes a right. */
int confine_limit(int resource, uint64_t value)
{
	struct rlimit both;

	if (getrlimit((__rlimit_resource_t)resource, &both))
		return -1;
	if (value < both.rlim_max)
		both.rlim_max = value;
	both.rlim_cur = both.rlim_max;
	return setrlimit((__rlimit_resource_t)resource, &both);
}

/*
 * A crash must not hand a tool's memory to the machine's core handler, which is root's and
 * outside of every jail. Where core_pattern is a pipe the limit counts for nothing, 0 as
 * little as any other; only exactly 1 stops it (fs/coredump.c).
 */
int confine_core(void)
{
	static const struct rlimit one = { 1, 1 };

	return setrlimit(RLIMIT_CORE, &one);
}

/* What the bounding set may still hold. A child inherits both the set and this. */
static uint64_t bounding = ~UINT64_C(0);

/* Takes all but `caps` out of the bounding set. */
static int bounding_keep(uint64_t caps)
{
	for (int cap = 0; cap < 64; cap++) {
		uint64_t bit = UINT64_C(1) << cap;

		if (!(bounding & ~caps & bit))
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0)) {
			if (errno != EINVAL)
				return -1;
			bounding &= bit - 1; /* past the kernel's last capability */
			break;
		}
		bounding &= ~bit;
	}
	return 0;
}

int confine_bounding(uint64_t caps)
{
	return bounding_keep(caps | UINT64_C(1) << CAP_KILL) ? -errno : 0;
}

uint64_t confine_caps(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct have[2];

	if (syscall(SYS_capget, &header, have))
		return 0;
	return have[0].effective | (uint64_t)have[1].effective << 32;
}

static int caps_put(uint64_t caps, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++) {
		uint32_t half = (uint32_t)(caps >> (32 * i));

		data[i] = (struct __user_cap_data_struct){
			half, half, (uint32_t)(inheritable >> (32 * i))
		};
	}
	return (int)syscall(SYS_capset, &header, data);
}

static int uid_set(uid_t uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		return -1;
	/* After the uids: their change undoes both (prctl(2), PR_SET_DUMPABLE). */
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || process_hide();
}

/* Signals as a fresh program expects them; both the stub and the monitor block most. */
static int signals_reset(void)
{
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		if (signo != SIGKILL && signo != SIGSTOP &&
		    signal(signo, SIG_DFL) == SIG_ERR && errno != EINVAL)
			return -1;
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * uid and capabilities, for good; `hand_on`: what it starts has them too. With NO_SETUID_FIXUP
 * the uid change keeps capabilities: they are set right after.
 */
static int rights_set(uid_t uid, uint64_t caps, bool hand_on,
		      struct jail_failure *failure)
{
	if (prctl(PR_SET_SECUREBITS, SECUREBITS_ALL, 0, 0, 0))
		return fail(failure, STAGE_CAPS);
	if (uid_set(uid))
		return fail(failure, STAGE_UID);
	if (bounding_keep(caps) || caps_put(caps, hand_on ? caps : 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail(failure, STAGE_CAPS);
	for (int cap = 0; hand_on && cap < 64; cap++)
		if (caps >> cap & 1 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return fail(failure, STAGE_CAPS);
	/* Sandboxes that play root say that it was done, and do nothing. */
	errno = EOPNOTSUPP;
	if (geteuid() != uid || getegid() != uid || getgroups(0, NULL) ||
	    confine_caps() != caps)
		return fail(failure, STAGE_UID);
	return 0;
}

int confine_drop(uid_t uid)
{
	struct jail_failure failure;

	if (geteuid() == 0)
		return rights_set(uid, 0, true, &failure) ? -failure.error : 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}

int confine_look(uid_t uid, uint64_t caps, const struct sock_fprog *filter)
{
	struct jail_failure failure;

	/* In a container some may not be there to keep. */
	if (rights_set(uid, caps & confine_caps(), false, &failure))
		return -failure.error;
#ifdef BEE_SANITIZED /* sanitizers need calls the filter has no place for */
	(void)filter;
#else
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter))
		return -errno;
#endif
	return 0;
}

int confine_reader(uid_t uid, uint64_t caps, struct jail_failure *failure)
{
	if (signals_reset())
		return fail(failure, STAGE_SIGNALS);
	if (confine_limit(RLIMIT_AS, READER_MEMORY) || confine_core() ||
	    confine_limit(RLIMIT_FSIZE, 0))
		return fail(failure, STAGE_RLIMIT);
	return rights_set(uid, caps, true, failure);
}

static int rule_add_fd(int ruleset, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr attr = { .allowed_access = access,
						   .parent_fd = fd };

	return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
			    &attr, 0);
}

static int rule_add(int ruleset, const char *path, uint64_t access)
{
	AUTO_CLOSE int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	return rule_add_fd(ruleset, fd, access);
}

/*
 * Reading everywhere in the jail (it holds only what the policy lists), writing only to
 * devices that are granted for it, executing only the program and its loader.
 */
static int landlock_apply(const struct jail *jail, const struct jail_program *program)
{
	const char *const executable[] = { "/lib64/ld-linux-x86-64.so.2",
					   "/lib/ld-linux-aarch64.so.1", program->path,
					   program->interpreter };
	int abi = jail->landlock_abi;
	struct ruleset rules = { .handled_fs = FS_RIGHTS_ABI1 };
	size_t size = offsetof(struct ruleset, handled_net);
	uint64_t device_extra = 0;
	AUTO_CLOSE int fd = -1;

	if (abi >= 2)
		rules.handled_fs |= FS_REFER;
	if (abi >= 3)
		rules.handled_fs |= FS_TRUNCATE;
	if (abi >= 5)
		rules.handled_fs |= device_extra = FS_IOCTL_DEV;
	if (abi >= 6) {
		rules.scoped = SCOPE_ALL;
		size = sizeof(rules);
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (fd < 0 || rule_add(fd, "/", FS_READ))
		return -1;
	/*
	 * execve(2) of a dynamic program opens its loader as well, so the loader must be
	 * executable too. The tool cannot start the loader by itself: without an `exec` line the
	 * filter lets no second execve through.
	 */
	for (size_t i = 0; i < ARRAY_LEN(executable); i++)
		if (executable[i][0] &&
		    rule_add(fd, executable[i], LANDLOCK_ACCESS_FS_EXECUTE))
			return -1;
	/* A program of ours is opened outside the jail: only its descriptor can name it. */
	if (jail->tool.fd >= 0 && rule_add_fd(fd, jail->tool.fd, FS_READ_EXECUTE))
		return -1;
	for (unsigned i = 0; i < jail->tree_count; i++)
		if (jail->trees[i].use == JAIL_START &&
		    rule_add(fd, jail->trees[i].path, LANDLOCK_ACCESS_FS_EXECUTE))
			return -1;
	for (unsigned i = 0; i < jail->node_count; i++)
		if (rule_add(fd, jail->nodes[i].path,
			     LANDLOCK_ACCESS_FS_READ_FILE | device_extra |
				     (jail->nodes[i].write ? LANDLOCK_ACCESS_FS_WRITE_FILE
							   : 0)))
			return -1;
	return (int)syscall(SYS_landlock_restrict_self, fd, 0);
}

static int rlimits_apply(const struct jail_limits *limits)
{
	rlim_t seconds = (rlim_t)(limits->wall / NSEC_PER_SEC) + 2;

	(void)setpriority(PRIO_PROCESS, 0, TOOL_NICE);
	return confine_limit(RLIMIT_AS, limits->memory_bytes) || confine_core() ||
	       confine_limit(RLIMIT_FSIZE, 0) ||
	       confine_limit(RLIMIT_CPU, seconds * limits->tasks) ||
	       confine_limit(RLIMIT_MSGQUEUE, 0) ||
	       confine_limit(RLIMIT_NOFILE, limits->files);
}

static bool starts_others(const struct jail *jail)
{
	for (unsigned i = 0; i < jail->tree_count; i++)
		if (jail->trees[i].use == JAIL_START)
			return true;
	return false;
}

/*
 * Whether Landlock is in force cannot be asked, only tried: `outside` is a file that everybody
 * may read, opened outside the jail, where no rule leads.
 */
static int landlock_check(int outside)
{
	char path[FD_PATH_SIZE];
	AUTO_CLOSE int fd = open(fd_path(path, outside), O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES)
		return 0;
	errno = ENOTRECOVERABLE;
	return -1;
}

static bool limit_holds(__rlimit_resource_t resource, uint64_t most)
{
	struct rlimit now;

	return !getrlimit(resource, &now) && now.rlim_cur <= most && now.rlim_max <= most;
}

/* What of a policy's limits the kernel now says of this process. */
static uint32_t limits_enforced(const struct jail_limits *limits)
{
	uint32_t bits = limits->tasks == 1 ? ENFORCED_TASKS_FILTER : 0;

	if (limit_holds(RLIMIT_AS, limits->memory_bytes))
		bits |= ENFORCED_RLIMIT_MEMORY;
	/* Of uid 0 the kernel counts no processes; a copier, if there is one, is of this uid. */
	if (limits->tasks > 1 && getuid() != 0 &&
	    limit_holds(RLIMIT_NPROC, limits->tasks + 1))
		bits |= ENFORCED_TASKS_RLIMIT;
	return bits;
}

int confine_tool(const struct jail *jail, const struct jail_program *program, int outside,
		 struct confined *confined, struct jail_failure *failure)
{
	long fd;

	if (signals_reset())
		return fail(failure, STAGE_SIGNALS);
	/* Its own session: TERM and KILL go to all of it, and it has no terminal. */
	if (setsid() < 0)
		return fail(failure, STAGE_SIGNALS);
	if (rlimits_apply(&jail->limits))
		return fail(failure, STAGE_RLIMIT);
	if (rights_set(jail->tool.uid, jail->tool.caps, true, failure))
		return -1;
	/* After the uid: else execve(2) fails where it has another process, of an audit in
	 * another pid namespace. What counts, fork(2), is refused all the same. */
	if (confine_limit(RLIMIT_NPROC,
			  jail->limits.tasks + (jail->broker.request_count > 0)))
		return fail(failure, STAGE_RLIMIT);
	/* The filter lets tools that start others exec: what, only Landlock can say. */
	if (jail->landlock_abi == 0 && starts_others(jail)) {
		errno = ENOSYS;
		return fail(failure, STAGE_LANDLOCK);
	}
	confined->enforced = limits_enforced(&jail->limits);
	if (jail->landlock_abi > 0) {
		if (landlock_apply(jail, program) || landlock_check(outside))
			return fail(failure, STAGE_LANDLOCK);
		confined->enforced |= ENFORCED_LANDLOCK;
	}
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     SECCOMP_FILTER_FLAG_NEW_LISTENER |
			     SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
		     &jail->filter);
	if (fd <= STDERR_FILENO) /* 0 is a sandbox's word, and no listener */
		return fail(failure, STAGE_SECCOMP);
	confined->listener = (int)fd; /* the kernel's own word that the filter is on */
	confined->enforced |= ENFORCED_SECCOMP;
	/* The table was the stub's until here: from now on the tool has its own, and only
	 * 0, 1 and 2 outlive the exec. */
	if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC))
		return fail(failure, STAGE_DESCRIPTORS);
	return 0;
}

int confine_stub(uid_t uid)
{
	struct jail_failure failure;

	/* `uid` is not 0: a tool of uid 0 could send the stub signals, without a capability. */
	return rights_set(uid, UINT64_C(1) << CAP_KILL, false, &failure) ? -failure.error
									 : 0;
}
