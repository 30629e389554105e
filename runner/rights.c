/* Whether the caller has the rights that jails are made with. */
#include "rights.h"

#include "confine.h"
#include "helper.h"
#include "policy.h"
#include "slots.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BIT(cap) (UINT64_C(1) << (cap))
/* Namespaces and mounts; to enter a namespace of mounts and a root in it; uids of their own; a
 * bounding set; device nodes, and whose they are; files in a root whose folders nobody may write
 * to; signals to other uids. */
#define NEEDED                                                                           \
	(BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_CHROOT) | BIT(CAP_SETUID) | BIT(CAP_SETGID) |  \
	 BIT(CAP_SETPCAP) | BIT(CAP_MKNOD) | BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) |    \
	 BIT(CAP_KILL))
#define INITIAL_USER_NAMESPACE 0xEFFFFFFDu /* PROC_USER_INIT_INO of the kernel */
#define ERRNO_END 4096                     /* numbers of errors are below it */
/* Descriptors: bee's programs, its other processes and one jail while it is built; then three of each
 * job, of which twice `--jobs` may be there: those that run and those that only end. */
#define FILES_FIXED 64
#define FILES_PER_JOB 6
#define FILES_MIN (FILES_FIXED + 8 * FILES_PER_JOB)

char *rights_lacking(uint64_t caps)
{
	uint64_t lacking = caps & ~confine_caps();
	char *names = NULL;

	for (int cap = 0; cap < 64; cap++)
		if (lacking & BIT(cap)) {
			char *more = xasprintf("%s%s%s", names ?: "", names ? ", " : "",
					       capability_name(cap) ?: "?");

			free(names);
			names = more;
		}
	return names;
}

/* Whether one line of the map, "FIRST OUTSIDE COUNT", holds every id of ours. */
static bool ids_mapped(const char *path)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	char line[128], *save;

	while (file && fgets(line, sizeof(line), file)) {
		const char *first = strtok_r(line, " \n", &save);
		const char *outside = strtok_r(NULL, " \n", &save);
		const char *count = strtok_r(NULL, " \n", &save);
		uint64_t from, ids;

		if (outside && count && !parse_u64(first, UINT32_MAX, &from) &&
		    !parse_u64(count, UINT32_MAX, &ids) && from <= UID_BASE &&
		    UID_STUB < from + ids)
			return true;
	}
	return !file;
}

/* Jails have it on their standard input, and tools write to it: a file of that name would keep that. */
static bool null_there(void)
{
	struct stat st;

	return !stat("/dev/null", &st) && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(1, 3);
}

static bool cores_allowed(void)
{
	struct rlimit cores;

	return getrlimit(RLIMIT_CORE, &cores) || cores.rlim_max > 0 ||
	       confine_caps() & BIT(CAP_SYS_RESOURCE);
}

/* A place where capabilities are not all: no container is given CAP_SYS_MODULE. */
static bool is_odd(void)
{
	struct stat user;

	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) ||
	       !(confine_caps() & BIT(CAP_SYS_MODULE)) ||
	       stat("/proc/self/ns/user", &user) || user.st_ino != INITIAL_USER_NAMESPACE;
}

static int try_namespaces(void)
{
	return unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
		       CLONE_NEWUTS | CLONE_NEWCGROUP);
}

/* Its own, which it is in already. */
static int try_entering(void)
{
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);

	return self < 0 || setns(self, CLONE_NEWNS);
}

static int try_mount(void)
{
	/* EINVAL: a chroot, whose root is no mount; jail/root.c finds the way out of it. */
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) && errno != EINVAL;
}

static int file_system(const char *type)
{
	int fs = fsopen(type, FSOPEN_CLOEXEC);

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -1;
	return fsmount(fs, FSMOUNT_CLOEXEC, 0);
}

static int try_proc(void)
{
	return file_system("proc") < 0;
}

static int try_tree(void)
{
	return open_tree(AT_FDCWD, "/usr", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC) < 0;
}

static int try_node(void)
{
	int root = file_system("tmpfs");

	return root < 0 || mknodat(root, "node", S_IFCHR | 0400, makedev(1, 3));
}

/* Where a sandbox plays root all of it works, and nothing is done. */
static int try_uid(void)
{
	if (setgroups(0, NULL) || setresgid(UID_BASE, UID_BASE, UID_BASE) ||
	    setresuid(UID_BASE, UID_BASE, UID_BASE))
		return -1;
	errno = EOPNOTSUPP;
	return geteuid() != UID_BASE || getegid() != UID_BASE || getgroups(0, NULL);
}

static int try_filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = { 1, &allow };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter) < 0;
}

/* In the order of a jail; each is tried in what those before it have made. */
static const struct {
	const char *what;
	int (*fails)(void);
} trials[] = {
	{ "namespaces of its own (unshare)", try_namespaces },
	{ "to enter a namespace (setns)", try_entering },
	{ "to mount (mount)", try_mount },
	{ "device nodes in a tmpfs (fsopen, mknod)", try_node },
	{ "a /proc of its own (fsopen)", try_proc },
	{ "copies of the machine's files (open_tree)", try_tree },
	{ "uids of its own (setresuid)", try_uid },
	{ "a filter that reports (seccomp)", try_filter },
};

static _Noreturn void trials_child(const struct helper *helper)
{
	helper_keep_pipe(helper);
	for (size_t i = 0; i < ARRAY_LEN(trials); i++)
		if (trials[i].fails())
			helper_answer(helper, (int)i * ERRNO_END + errno);
	helper_answer(helper, 0);
}

/* The first that fails; one that does not answer is not known to fail. */
static char *trials_run(void)
{
	struct audit_clock clock = { .signals = -1, .end = clock_now() + PROBE_TIME };
	struct helper helper;
	int answer = helper_start(&helper);

	if (answer)
		return xasprintf("children of its own (clone3): %s",
				 strerrordesc_np(-answer) ?: "?");
	if (helper.pid == 0)
		trials_child(&helper);
	answer = helper_wait(&helper, &clock, 0);
	if (answer <= 0 || (size_t)answer / ERRNO_END >= ARRAY_LEN(trials))
		return NULL;
	return xasprintf("%s: %s", trials[answer / ERRNO_END].what,
			 strerrordesc_np(answer % ERRNO_END) ?: "?");
}

char *rights_missing(void)
{
	AUTO_FREE char *caps = rights_lacking(NEEDED), *refused = NULL;

	if (caps)
		return xasprintf("it needs %s, which root has not got here", caps);
	if (!ids_mapped("/proc/self/uid_map") || !ids_mapped("/proc/self/gid_map"))
		return xasprintf("it needs uids and gids from %u to %u, which this user "
				 "namespace has not got",
				 UID_BASE, UID_STUB);
	if (!cores_allowed())
		return xstrdup("it needs CAP_SYS_RESOURCE, or a hard limit for cores of "
			       "1 or more: with 0 the machine's core handler gets them");
	if (!null_there())
		return xstrdup("it needs /dev/null, and the null device is not there");
	refused = is_odd() ? trials_run() : NULL;
	return refused ? xasprintf("it needs %s", refused) : NULL;
}

static rlim_t files_limit(void)
{
	struct rlimit files;

	return getrlimit(RLIMIT_NOFILE, &files) ? RLIM_INFINITY : files.rlim_cur;
}

static bool is_kernels(const char *path, __fsword_t magic)
{
	struct statfs at;

	return !statfs(path, &at) && at.f_type == magic;
}

char *rights_audit_missing(void)
{
	if (files_limit() < FILES_MIN)
		return xasprintf("it needs %d open files at a time, of which the hard "
				 "limit here leaves %llu, or CAP_SYS_RESOURCE",
				 FILES_MIN, (unsigned long long)files_limit());
	if (!is_kernels("/proc", PROC_SUPER_MAGIC))
		return xstrdup("it needs /proc: the kernel's is not mounted there");
	/* Some containers have an empty /sys of their own, and the kernel's folders in it. */
	if (!is_kernels("/sys/devices", SYSFS_MAGIC))
		return xstrdup("it needs /sys: the kernel's is not mounted there, and "
			       "any hardware would be absent");
	return NULL;
}

uint32_t rights_jobs(uint32_t jobs)
{
	rlim_t files = files_limit();
	rlim_t most = files < FILES_MIN ? 1 : (files - FILES_FIXED) / FILES_PER_JOB;

	return most < jobs ? (uint32_t)most : jobs;
}
