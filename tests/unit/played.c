/* Sandboxes that play root answer calls without making them: nothing that was not done is believed. */
#include "compile.h"
#include "confine.h"
#include "slots.h"
#include "tap.h"

#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLICY                                                                           \
	"policy 1\ncollector t\nemits system\nsyscalls @tool\nopen read-only\n"          \
	"default kill\n[s]\nrun x\n"

/* From now on that call says 0, and does nothing. */
static void play(int call)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_LEN(code), code };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(1);
}

static void need_rights(void)
{
#ifdef BEE_SANITIZED
	tap_skip("a sanitizer's runtime makes calls that no filter lets through");
#endif
	if (geteuid() != 0)
		tap_skip("only root has rights to give up");
}

static int code_of(pid_t pid)
{
	int status;

	CHECK(pid > 0);
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The error of giving up all but `caps` where `call` is played. */
static int reader(int call, uid_t uid, uint64_t caps)
{
	struct jail_failure failure = { .error = 0 };
	const gid_t group = 7;
	pid_t pid = fork();

	if (pid == 0) {
		if (setgroups(1, &group))
			_exit(1);
		play(call);
		(void)!confine_reader(uid, caps, &failure);
		_exit(failure.error);
	}
	return code_of(pid);
}

static void test_rights(void)
{
	need_rights();
	CHECK_INT(reader(SYS_getpid, UID_TOOL(7000), 0), 0);
	CHECK_INT(reader(SYS_setresuid, UID_TOOL(7000), 0), EOPNOTSUPP);
	CHECK_INT(reader(SYS_setresgid, UID_TOOL(7000), 0), EOPNOTSUPP);
	CHECK_INT(reader(SYS_setgroups, UID_TOOL(7000), 0), EOPNOTSUPP);
	CHECK_INT(reader(SYS_capset, UID_TOOL(7000), 0), EOPNOTSUPP);
	CHECK_INT(reader(SYS_capset, 0, 0), EOPNOTSUPP);
}

/* The stub's own rights; what its kind of change leaves to be inherited is nothing. */
static void test_stub(void)
{
	pid_t pid;

	need_rights();
	pid = fork();
	if (pid == 0) {
		play(SYS_setresuid);
		_exit(-confine_stub(UID_STUB));
	}
	CHECK_INT(code_of(pid), EOPNOTSUPP);
}

/* A tool whose filter was not made has none: the stage that fails is that one. */
static void test_filter(void)
{
	struct policy *policy = policy_parse("t", POLICY, strlen(POLICY), stderr);
	const struct jail_program program = { .path = "/bin/true" };
	struct jail_failure failure = { .error = 0 };
	struct confined confined;
	struct jail jail;
	pid_t pid;

	need_rights();
	CHECK(policy && !filter_build(&policy->steps[0]));
	pid = fork();
	if (pid == 0) {
		policy_jail(&policy->steps[0], "", &jail);
		jail.tool.uid = UID_TOOL(7000);
		play(SYS_seccomp);
		if (!confine_tool(&jail, &program, -1, &confined, &failure))
			_exit(0);
		_exit((int)failure.stage);
	}
	CHECK_INT(code_of(pid), STAGE_SECCOMP);
	policy_free(policy);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "uids, groups and capabilities are what was asked for, or nothing runs",
		  test_rights, 0 },
		{ "nor does a stub go on", test_stub, 0 },
		{ "a filter that is none is no filter", test_filter, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
