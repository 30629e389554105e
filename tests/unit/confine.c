/* What is given up, at work in a child: under each version of Landlock, and for readers. */
#include "confine.h"
#include "cgroup.h"
#include "compile.h"
#include "gather_msg.h"
#include "look.h"
#include "slots.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ABI_NEWEST 9 /* one that nobody knows yet must be no worse than the last known */

#define HEAD                                                                             \
	"policy 1\ncollector t\nemits system\nsyscalls @tool\nopen read-write\n"         \
	"default kill\n"

/* Bits of the child's exit code: what it could open to write. */
enum { OPENED_GRANTED = 1, OPENED_OTHER = 2, SETUP_FAILED = 4, NO_LANDLOCK = 8 };

static int writable(const char *path)
{
	return open(path, O_WRONLY | O_CLOEXEC) >= 0;
}

/* In no tree that a rule could name. */
static int outside(void)
{
	return open_tree(AT_FDCWD, "/dev/zero", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static _Noreturn void tool(const struct step *step, int abi)
{
	const struct jail_program program = { .path = "/bin/true" };
	struct jail_failure failure;
	struct jail jail;
	struct confined confined;
	int code;

	policy_jail(step, "", &jail);
	jail.tool.uid = UID_TOOL(7000);
	jail.landlock_abi = abi;
	if (confine_tool(&jail, &program, outside(), &confined, &failure))
		_exit(failure.stage == STAGE_LANDLOCK && failure.error == ENOSYS
			      ? NO_LANDLOCK
			      : SETUP_FAILED);
	code = writable("/dev/null") ? OPENED_GRANTED : 0;
	_exit(code | (writable("/dev/zero") ? OPENED_OTHER : 0));
}

/* The exit code of a tool under `text`, or -1 and the signal that ended it. */
static int outcome(const char *text, int abi)
{
	struct policy *policy = policy_parse("t", text, strlen(text), stderr);
	int status = -1;
	pid_t pid;

	if (!policy || filter_build(&policy->steps[0]))
		return -1;
	pid = fork();
	if (pid == 0)
		tool(&policy->steps[0], abi);
	(void)waitpid(pid, &status, 0);
	policy_free(policy);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void need_rights(void)
{
#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no filter lets through");
#endif
	if (geteuid() != 0)
		tap_skip("only root has rights to give up");
}

static void test_landlock(void)
{
	const char *device = HEAD "[s]\nrun x\ndevice /dev/null readwrite\n";
	const char *reading = HEAD "[s]\nrun x\ndevice /dev/null read\n";
	int newest = confine_landlock_abi();

	need_rights();
	CHECK_INT(outcome(device, 0), OPENED_GRANTED | OPENED_OTHER);
	CHECK_INT(outcome(reading, 0), OPENED_GRANTED | OPENED_OTHER);
	CHECK_INT(outcome(HEAD "[s]\nrun x\nexec /usr/bin\n", 0), NO_LANDLOCK);
	/* A newer kernel takes the rulesets of every older version. */
	for (int abi = 1; abi <= newest && abi <= ABI_NEWEST; abi++) {
		CHECK_INT(outcome(device, abi), OPENED_GRANTED);
		CHECK_INT(outcome(reading, abi), 0);
	}
	if (newest >= 7)
		CHECK_INT(outcome(device, ABI_NEWEST), OPENED_GRANTED);
}

/* Another process of the tool's uid, outside its jail. */
static pid_t bystander(void)
{
	int ends[2];
	pid_t pid;
	char byte;

	CHECK(!pipe(ends));
	pid = fork();
	if (pid == 0) {
		CHECK(!setresuid(UID_TOOL(7000), UID_TOOL(7000), UID_TOOL(7000)));
		CHECK_INT(write(ends[1], "", 1), 1);
		for (;;)
			(void)pause();
	}
	CHECK_INT(read(ends[0], &byte, 1), 1);
	return pid;
}

/* landlock(7): from version 6 on signals end at the jail's border. The filter lets abort(3)'s through. */
static void test_scope(void)
{
	static const char text[] = HEAD "[s]\nrun x\n";
	struct policy *policy = policy_parse("t", text, strlen(text), stderr);
	int newest = confine_landlock_abi();

	need_rights();
	if (newest < 6)
		tap_skip("Landlock %d knows no scopes", newest);
	CHECK(policy && !filter_build(&policy->steps[0]));
	for (int abi = 5; abi <= newest && abi <= ABI_NEWEST; abi++) {
		pid_t other = bystander(), pid = fork();
		int status;

		if (pid == 0) {
			const struct jail_program program = { .path = "/bin/true" };
			struct jail_failure failure;
			struct confined confined;
			struct jail jail;

			policy_jail(&policy->steps[0], "", &jail);
			jail.tool.uid = UID_TOOL(7000);
			jail.landlock_abi = abi;
			if (confine_tool(&jail, &program, outside(), &confined, &failure))
				_exit(SETUP_FAILED);
			_exit(tgkill(other, other, SIGABRT) ? errno : 0);
		}
		CHECK_INT(waitpid(pid, &status, 0), pid);
		CHECK(WIFEXITED(status));
		CHECK_INT(WEXITSTATUS(status), abi < 6 ? 0 : EPERM);
		/* Who has got the first needs no second, which would come before it. */
		if (abi >= 6)
			CHECK(!kill(other, SIGKILL));
		CHECK_INT(waitpid(other, &status, 0), other);
		CHECK_INT(WTERMSIG(status), abi < 6 ? SIGABRT : SIGKILL);
	}
	policy_free(policy);
}

/* What a tool of such a jail would be told to be under, or minus the stage that failed. */
static int enforced(uid_t uid, unsigned tasks, int abi, int other_file)
{
	struct policy *policy = policy_parse("t", HEAD "[s]\nrun x\n",
					     strlen(HEAD "[s]\nrun x\n"), stderr);
	const struct jail_program program = { .path = "/bin/true" };
	struct confined confined = { .listener = -1 };
	struct jail_failure failure;
	struct jail jail;
	int ends[2], answer = -1;

	if (!policy || filter_build(&policy->steps[0]) || pipe(ends))
		return -1;
	policy_jail(&policy->steps[0], "", &jail);
	jail.tool.uid = uid;
	jail.limits.tasks = tasks;
	jail.landlock_abi = abi;
	if (fork() == 0) {
		answer = confine_tool(&jail, &program, other_file, &confined, &failure)
				 ? -(int)failure.stage
				 : (int)confined.enforced;
		(void)!write(ends[1], &answer, sizeof(answer));
		_exit(0);
	}
	CHECK_INT(read(ends[0], &answer, sizeof(answer)), sizeof(answer));
	return answer;
}

static void test_enforced(void)
{
	const uid_t tool = UID_TOOL(7000);
	int all = ENFORCED_SECCOMP | ENFORCED_RLIMIT_MEMORY;

	need_rights();
	CHECK_INT(enforced(tool, 1, 0, -1), all | ENFORCED_TASKS_FILTER);
	CHECK_INT(enforced(tool, 4, 0, -1), all | ENFORCED_TASKS_RLIMIT);
	CHECK_INT(enforced(0, 4, 0, -1), all);
	if (confine_landlock_abi() == 0)
		return;
	CHECK_INT(enforced(tool, 1, 1, outside()),
		  all | ENFORCED_TASKS_FILTER | ENFORCED_LANDLOCK);
	/* A rule leads to this one: as if Landlock were not there. */
	CHECK_INT(enforced(tool, 1, 1, open("/dev/null", O_RDONLY | O_CLOEXEC)),
		  -STAGE_LANDLOCK);
}

static void leaf_make(const char *folder, unsigned number, const char *name)
{
	AUTO_FREE char *leaf = xasprintf("%s/bee-job-0-%d-%u", folder, getpid(), number);
	AUTO_FREE char *path = xasprintf("%s/%s", leaf, name);

	CHECK(!mkdir(leaf, 0755) || errno == EEXIST);
	CHECK(!close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)));
}

/* Files that take what is written, as where somebody else's group is in the way. */
static void test_groups(void)
{
	const struct jail_limits limits = { .memory_bytes = 1 << 20, .tasks = 4 };
	char folder[] = "/tmp/bee-groups-XXXXXX";
	struct cgroup cgroup = { .owner = getpid() };

	CHECK(mkdtemp(folder));
	AUTO_FREE char *clean = xasprintf("rm -r %s", folder);
	(void)snprintf(cgroup.v1_memory, sizeof(cgroup.v1_memory), "%s", folder);
	(void)snprintf(cgroup.v1_pids, sizeof(cgroup.v1_pids), "%s", folder);
	leaf_make(folder, 7, "memory.limit_in_bytes");
	leaf_make(folder, 7, "pids.max");
	leaf_make(folder, 7, "cgroup.procs");
	CHECK_INT(cgroup_make(&cgroup, 7, &limits), -1);
	CHECK_INT(cgroup_enter(&cgroup, 7, &limits), 0);
	(void)snprintf(cgroup.v2, sizeof(cgroup.v2), "%s", folder);
	CHECK_INT(cgroup_enter(&cgroup, 7, &limits), 0);
	CHECK_INT(system(clean), 0); /* NOLINT(cert-env33-c) */
}

/* What a process that was confined is: a bit for each thing that it should not have. */
enum {
	HAS_UID = 1,
	HAS_CAPS = 2,
	HAS_BOUNDING = 4,
	HAS_SECUREBITS = 8,
	HAS_PRIVS = 16,
	HAS_CORE = 32,
	HAS_DUMP = 64,
	HAS_PARENT = 128,
};

static int left(uid_t uid, int cap)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct have[2];
	uint32_t wanted = cap < 0 ? 0 : 1u << cap;
	uid_t uids[3];
	gid_t gids[3];
	struct rlimit core;
	int bits = 0, signo = 0;

	if (getresuid(uids, uids + 1, uids + 2) || getresgid(gids, gids + 1, gids + 2) ||
	    capget(&header, have) || getrlimit(RLIMIT_CORE, &core) ||
	    prctl(PR_GET_PDEATHSIG, &signo))
		return -1;
	for (int i = 0; i < 3; i++)
		bits |= uids[i] != uid || gids[i] != uid ? HAS_UID : 0;
	bits |= getgroups(0, NULL) ? HAS_UID : 0;
	if (have[0].permitted != wanted || have[0].effective != wanted ||
	    have[0].inheritable || have[1].permitted || have[1].effective ||
	    have[1].inheritable)
		bits |= HAS_CAPS;
	for (int i = 0; prctl(PR_CAPBSET_READ, i) >= 0; i++)
		bits |= prctl(PR_CAPBSET_READ, i) != (i == cap) ? HAS_BOUNDING : 0;
	if (prctl(PR_GET_SECUREBITS) !=
	    (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
	     SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED))
		bits |= HAS_SECUREBITS;
	bits |= prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ? HAS_PRIVS : 0;
	bits |= core.rlim_cur != 1 || core.rlim_max != 1 ? HAS_CORE : 0;
	bits |= prctl(PR_GET_DUMPABLE) != 0 ? HAS_DUMP : 0;
	bits |= signo != SIGKILL ? HAS_PARENT : 0;
	return bits;
}

static int collector_left(void)
{
	struct jail_failure failure;

	return confine_reader(UID_COLLECTOR(7000), 0, &failure)
		       ? -1
		       : left(UID_COLLECTOR(7000), -1);
}

static int stub_left(void)
{
	return confine_core() || confine_stub(UID_STUB) ? -1 : left(UID_STUB, CAP_KILL);
}

static int helper_left(void)
{
	return confine_core() || confine_drop(UID_REPORT) ? -1 : left(UID_REPORT, -1);
}

static int in_child(int (*confined)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(confined());
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void test_left(void)
{
	need_rights();
	CHECK_INT(in_child(collector_left), 0);
	CHECK_INT(in_child(stub_left), 0);
	CHECK_INT(in_child(helper_left), 0);
}

enum reading { READS, WRITES, SIGNALS, SECRETS };

static int reader(enum reading what)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		char text[64];
		int fd;

		look_confine(UINT64_C(1) << CAP_SYS_PTRACE);
		if (what == WRITES)
			_exit(open("/dev/null", O_WRONLY | O_CLOEXEC) < 0);
		if (what == SIGNALS)
			_exit(kill(1, 0) != 0);
		if (what == SECRETS)
			_exit(open("/etc/shadow", O_RDONLY | O_CLOEXEC) >= 0);
		fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
		_exit(fd < 0 || read(fd, text, sizeof(text)) <= 0);
	}
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void test_reader(void)
{
	need_rights();
	CHECK_INT(reader(READS), 0);
	CHECK_INT(reader(WRITES), -SIGSYS);
	CHECK_INT(reader(SIGNALS), -SIGSYS);
	CHECK_INT(reader(SECRETS), 0);
}

static void test_limit(void)
{
	struct rlimit own = { 100, 200 };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (setrlimit(RLIMIT_NOFILE, &own) || confine_limit(RLIMIT_NOFILE, 300) ||
		    getrlimit(RLIMIT_NOFILE, &own) || own.rlim_cur != 200)
			_exit(1);
		_exit(confine_limit(RLIMIT_NOFILE, 50) ||
		      getrlimit(RLIMIT_NOFILE, &own) || own.rlim_max != 50);
	}
	(void)waitpid(pid, &status, 0);
	CHECK_INT(status, 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a limit is lowered, never raised", test_limit, 0 },
		{ "each version of Landlock, and none", test_landlock, 0 },
		{ "where Landlock knows signals none gets out", test_scope, 0 },
		{ "what is told to be enforced was asked for after it was set",
		  test_enforced, 0 },
		{ "a group that was not entered enforces nothing", test_groups, 0 },
		{ "collector, stub and helper keep nothing but CAP_KILL of the stub",
		  test_left, 0 },
		{ "who reads /proc opens, reads and writes, as nobody", test_reader, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
