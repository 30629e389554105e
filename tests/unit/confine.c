/* What is given up, at work in a child: under each version of Landlock, and for readers. */
#include "monitor.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
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

static _Noreturn void tool(const struct step *step, int abi)
{
	const struct job_program program = { .path = "/bin/true" };
	struct job_context ctx = {
		.step = step,
		.instance = "",
		.tool_uid = UID_TOOL(7000),
		.landlock_abi = abi,
	};
	struct job_failure failure;
	int listener, code;

	if (confine_tool(&ctx, &program, &listener, &failure))
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
	int newest = confine_landlock_abi();

	need_rights();
	CHECK_INT(outcome(device, 0), OPENED_GRANTED | OPENED_OTHER);
	CHECK_INT(outcome(HEAD "[s]\nrun x\nexec /usr/bin\n", 0), NO_LANDLOCK);
	/* A newer kernel takes the rulesets of every older version. */
	for (int abi = 1; abi <= newest && abi <= ABI_NEWEST; abi++)
		CHECK_INT(outcome(device, abi), OPENED_GRANTED);
	if (newest >= 7)
		CHECK_INT(outcome(device, ABI_NEWEST), OPENED_GRANTED);
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
		{ "who reads /proc opens, reads and writes, as nobody", test_reader, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
