/*
 * The jail with its layers to be switched off, one or more of those below by name in BEE_LAYERS_OFF: so
 * it is seen what each of them stops. The programs themselves have no switches: this file takes the
 * place of the calls that they make (ld --wrap), and only in build/escape. A program that it is in says
 * so at its start, and refuses to run from anywhere else, or without the variable.
 */
#include "layers.h"
#include "cgroup.h"
#include "jail.h"
#include "util.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* --- What is around a tool: namespaces, mounts. */

WRAPS(pid_t, clone_child, uint64_t flags, int cgroup, int *pidfd)
{
	flags &= off("ns-pid") ? ~(uint64_t)CLONE_NEWPID : ~UINT64_C(0);
	return __real_clone_child(flags, cgroup, pidfd);
}

WRAPS(int, cgroup_make, const struct cgroup *cgroup, unsigned number,
      const struct jail_limits *limits)
{
	return off("cgroup") ? -1 : __real_cgroup_make(cgroup, number, limits);
}

WRAPS(uint32_t, cgroup_enter, const struct cgroup *cgroup, unsigned number,
      const struct jail_limits *limits)
{
	return off("cgroup") ? 0 : __real_cgroup_enter(cgroup, number, limits);
}

WRAPS(int, unshare, int flags)
{
	static const struct {
		const char *layer;
		int flag;
	} kinds[] = { { "ns-mount", CLONE_NEWNS },
		      { "ns-net", CLONE_NEWNET },
		      { "ns-ipc", CLONE_NEWIPC },
		      { "ns-uts", CLONE_NEWUTS },
		      { "ns-cgroup", CLONE_NEWCGROUP } };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (off(kinds[i].layer))
			flags &= ~kinds[i].flag;
	return __real_unshare(flags);
}

WRAPS(int, setns, int space, int kind)
{
	return off("ns-mount") ? 0 : __real_setns(space, kind);
}

WRAPS(int, sethostname, const char *name, size_t size)
{
	return off("ns-uts") ? 0 : __real_sethostname(name, size);
}

WRAPS(int, umount2, const char *path, int flags)
{
	return off("old-root") ? 0 : __real_umount2(path, flags);
}

/* Of the root, when all is in it; else of a tree that is to go there. */
WRAPS(int, mount_setattr, int fd, const char *path, unsigned flags,
      struct mount_attr *attr, size_t size)
{
	struct mount_attr less = *attr;

	if (!(flags & AT_EMPTY_PATH))
		return off("root-readonly")
			       ? 0
			       : __real_mount_setattr(fd, path, flags, attr, size);
	less.attr_set &=
		off("tree-readonly") ? ~(uint64_t)MOUNT_ATTR_RDONLY : ~UINT64_C(0);
	less.attr_set &= off("tree-nodev") ? ~(uint64_t)MOUNT_ATTR_NODEV : ~UINT64_C(0);
	less.attr_set &= off("tree-noexec") ? ~(uint64_t)MOUNT_ATTR_NOEXEC : ~UINT64_C(0);
	less.attr_set &= off("tree-nosuid") ? ~(uint64_t)MOUNT_ATTR_NOSUID : ~UINT64_C(0);
	return __real_mount_setattr(fd, path, flags, &less, size);
}

WRAPS(int, fsconfig, int fd, unsigned command, const char *key, const void *value,
      int aux)
{
	if (key && ((!strcmp(key, "subset") && off("proc-subset")) ||
		    (!strcmp(key, "hidepid") && off("proc-hidepid"))))
		return 0;
	return __real_fsconfig(fd, command, key, value, aux);
}

WRAPS(int, fsmount, int fd, unsigned flags, unsigned attrs)
{
	if (off("proc-readonly") && attrs & MOUNT_ATTR_RDONLY)
		attrs &= ~(unsigned)MOUNT_ATTR_RDONLY;
	return __real_fsmount(fd, flags, attrs);
}

/* The null device in a real one's place: here zero(4) is the real one. */
WRAPS(int, mknodat, int fd, const char *path, mode_t mode, dev_t number)
{
	if (off("null-node") && number == makedev(1, 3))
		number = makedev(1, 5);
	return __real_mknodat(fd, path, mode, number);
}

/* --- What a tool is: uid, capabilities, limits, descriptors. */

/* What a process was told that it has done: it asks. */
static struct {
	bool uid, gid, groups;
	uid_t effective_uid;
	gid_t effective_gid;
} pretended;

WRAPS(int, setresuid, uid_t real, uid_t effective, uid_t saved)
{
	/* The stub's is pid 1's; all the others are of processes that run something. */
	pretended.uid = off(getpid() == 1 ? "stub-uid" : "uid");
	pretended.effective_uid = effective;
	return pretended.uid ? 0 : __real_setresuid(real, effective, saved);
}

WRAPS(uid_t, geteuid, void)
{
	return pretended.uid ? pretended.effective_uid : __real_geteuid();
}

WRAPS(int, setresgid, gid_t real, gid_t effective, gid_t saved)
{
	pretended.gid = off("gid");
	pretended.effective_gid = effective;
	return pretended.gid ? 0 : __real_setresgid(real, effective, saved);
}

WRAPS(gid_t, getegid, void)
{
	return pretended.gid ? pretended.effective_gid : __real_getegid();
}

WRAPS(int, setgroups, size_t count, const gid_t *groups)
{
	pretended.groups = off("groups");
	return pretended.groups ? 0 : __real_setgroups(count, groups);
}

WRAPS(int, getgroups, int count, gid_t *groups)
{
	return pretended.groups ? 0 : __real_getgroups(count, groups);
}

WRAPS(int, process_hide, void)
{
	return off("dumpable") ? 0 : __real_process_hide();
}

int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);
int __wrap_prctl(int option, ...)
{
	unsigned long args[4];
	va_list list;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		args[i] = va_arg(list, unsigned long);
	va_end(list);
	if ((option == PR_SET_NO_NEW_PRIVS && off("no-new-privs")) ||
	    (option == PR_CAPBSET_DROP && (off("bounding") || off("capabilities"))) ||
	    /* The tool's: pid 1 and who writes our output could not go on without. */
	    (option == PR_SET_SECUREBITS && off("securebits") && getppid() == 1))
		return 0;
	return __real_prctl(option, args[0], args[1], args[2], args[3]);
}

WRAPS(int, setrlimit, __rlimit_resource_t resource, const struct rlimit *limit)
{
	static const struct {
		const char *layer;
		__rlimit_resource_t resource;
	} kinds[] = {
		{ "rlimit-memory", RLIMIT_AS },       { "rlimit-files", RLIMIT_NOFILE },
		{ "rlimit-size", RLIMIT_FSIZE },      { "rlimit-tasks", RLIMIT_NPROC },
		{ "rlimit-queues", RLIMIT_MSGQUEUE }, { "rlimit-core", RLIMIT_CORE }
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].resource == resource && off(kinds[i].layer))
			return 0;
	return __real_setrlimit(resource, limit);
}

WRAPS(int, close_range, unsigned from, unsigned to, int flags)
{
	return off("descriptors") ? 0 : __real_close_range(from, to, flags);
}

WRAPS(int, execve, const char *path, char *const *argv, char *const *env)
{
	return __real_execve(path, argv, off("environment") ? environ : env);
}

/* Copier and performer, which have layers too. */
WRAPS(int, execveat, int fd, const char *path, char *const *argv, char *const *env,
      int flags)
{
	AUTO_FREE char *word = xasprintf("BEE_LAYERS_OFF=%s", off_list);
	char *told[] = { word, NULL };

	if (!strcmp(argv[0], "bee-copier") || !strcmp(argv[0], "bee-performer"))
		env = told;
	return __real_execveat(fd, path, argv, env, flags);
}
