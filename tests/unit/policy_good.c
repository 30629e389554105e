/* Policy files that are good: what they mean, what lint says of them, where they lie. */
#include "policy.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HEAD "policy 1\ncollector t\nemits system\n"
#define STEP HEAD "[s]\n" /* its lines start with line 5 */

static char said[16384]; /* what the last parse wrote */

static struct policy *parse(const char *text)
{
	FILE *errors = fmemopen(said, sizeof(said), "w");
	struct policy *policy;

	CHECK(errors);
	memset(said, 0, sizeof(said));
	policy = policy_parse("t", text, strlen(text), errors);
	CHECK_INT(fclose(errors), 0);
	return policy;
}

struct remark {
	const char *text;
	const char *said;
};

static const char good[] = "# a comment\n"
			   "policy 1\n"
			   "collector t\n"
			   "emits    storage.drives system\n"
			   "order    12\n"
			   "limits   wall 10s  stdout 1M  tasks 2\n"
			   "syscalls @tool -dup2 kill   # why kill\n"
			   "answer   socket EAFNOSUPPORT  setrlimit EPERM\n"
			   "open     read-only\n"
			   "default  report EPERM\n"
			   "\n"
			   "# The first of two lines,\n"
			   "# and the second.\n"
			   "[one]  each /sys/block/sd*  group g-{instance}\n"
			   "run      tool -x=#1 /dev/{instance}\n"
			   "nowake   -n standby,0\n"
			   "uid      0                  # root's node \t \n"
			   "device?  /dev/{instance} read # node\n"
			   "see      /sys/block\n"
			   "caps     CAP_SYS_RAWIO      # raw\n"
			   "ioctl    SG_IO=0x2285\n"
			   "limits   wall 300ms\n"
			   "exit     0 ok 9 absent\n"
			   "exitmask 0x03 failed 0x04 partial\n"
			   "lock     l\n"
			   "replay   whole_text.txt\n"
			   "device?  /dev/b read major some_driver # b\n"
			   "\n"
			   "[two]\n"
			   "read     /a/*/{b,c}\n"
			   "after    one\n"
			   "default  kill";

static void test_good(void)
{
	struct policy *policy = parse(good), *zero;
	const struct step *one, *two;

	CHECK_STR(said, "");
	CHECK(policy);
	CHECK_STR(policy->collector, "t");
	CHECK_INT(policy->step_count, 2);
	CHECK_INT(strlen(policy->sha256), 64);
	one = &policy->steps[0];
	two = &policy->steps[1];
	CHECK_STR(one->name, "one");
	CHECK_STR(one->each, "/sys/block/sd*");
	CHECK_STR(one->group, "g-{instance}");
	CHECK_STR(one->about, "The first of two lines, and the second.");
	CHECK_STR(one->argv[1], "-x=#1");
	CHECK_STR(one->argv[2], "/dev/{instance}");
	CHECK(!one->argv[3]);
	policy_nowake(&policy->steps[0]);
	CHECK_STR(one->argv[0], "tool");
	CHECK_STR(one->argv[1], "-n");
	CHECK_STR(one->argv[2], "standby,0");
	CHECK_STR(one->argv[3], "-x=#1");
	CHECK_STR(one->argv[4], "/dev/{instance}");
	CHECK(!one->argv[5]);
	policy_nowake(&policy->steps[0]);
	CHECK(!one->argv[5]);
	policy_nowake(&policy->steps[1]);
	CHECK(!two->argv[0]);
	CHECK(one->uid0 && !two->uid0);
	CHECK_STR(one->uid0_reason, "root's node");
	CHECK_INT(policy->order, 12);
	CHECK_STR(one->replay, "whole_text.txt");
	CHECK_INT(one->grant_count, 3);
	CHECK_STR(one->grants[2].path, "/dev/b");
	CHECK_STR(one->grants[2].major, "some_driver");
	CHECK(one->grants[2].optional && !one->grants[2].write);
	CHECK(!one->grants[0].major);
	CHECK_INT(one->grants[0].kind, GRANT_DEVICE);
	CHECK(one->grants[0].optional && !one->grants[0].write);
	CHECK_INT(one->grants[1].line, 19);
	CHECK(!one->grants[1].reason);
	CHECK_INT(one->caps, 1 << CAP_SYS_RAWIO);
	CHECK_INT(one->ioctls[0].number, 0x2285);
	CHECK_INT(one->ioctls[0].mask, UINT32_MAX);
	CHECK_INT(one->limits.wall, 300 * NSEC_PER_MSEC);
	CHECK_INT(one->limits.stdout_bytes, 1 << 20);
	CHECK_INT(one->limits.tasks, 2);
	CHECK_INT(one->default_error, EPERM);
	CHECK_STR(one->lock, "l");
	CHECK(one->syscalls[SYS_kill / 64] >> (SYS_kill % 64) & 1);
#ifdef SYS_dup2
	CHECK(!(one->syscalls[0] >> SYS_dup2 & 1));
#endif
	CHECK_INT(one->answers[0].syscall, SYS_socket);
	CHECK_INT(one->answers[0].error, EAFNOSUPPORT);
	CHECK_INT(one->answers[1].syscall, SYS_setrlimit);
	/* The number of read(2) is 0. */
	zero = parse(STEP "run x\nsyscalls write\nanswer read EIO\n");
	CHECK(zero);
	CHECK_INT(zero->steps[0].answers[0].syscall, SYS_read);
	policy_free(zero);
	/* Of the two calls arm64 has the second alone, and a policy is written for both. */
	zero = parse(STEP
		     "run x\nsyscalls epoll_wait\nanswer mknod EEXIST  mknodat EEXIST\n");
	CHECK_STR(said, "");
	CHECK(zero);
	CHECK_INT(zero->steps[0].answers[zero->steps[0].answer_count - 1].syscall,
		  SYS_mknodat);
	policy_free(zero);
	CHECK_INT(policy_exit_status(one, 0), JOB_OK);
	CHECK_INT(policy_exit_status(one, 9), JOB_ABSENT);
	CHECK_INT(policy_exit_status(one, 6), JOB_FAILED);
	CHECK_INT(policy_exit_status(one, 4), JOB_PARTIAL);
	CHECK_INT(policy_exit_status(one, 64), JOB_OK);
	CHECK_INT(policy_exit_status(two, 64), JOB_FAILED);
	CHECK_INT(two->limits.wall, 10 * NSEC_PER_SEC);
	CHECK(two->default_kill && !one->default_kill);
	CHECK_STR(two->after, "one");
	CHECK_STR(two->grants[0].path, "/a/*/{b,c}");
	/* A read step has bee-read's calls, whatever the file says. */
	CHECK(!(two->syscalls[SYS_kill / 64] >> (SYS_kill % 64) & 1));
	CHECK(!(two->syscalls[SYS_openat2 / 64] >> (SYS_openat2 % 64) & 1));
	CHECK(two->syscalls[SYS_getdents64 / 64] >> (SYS_getdents64 % 64) & 1);
	CHECK_INT(two->answer_count, 0);
	policy_free(policy);
	policy_free(NULL);
}

static void test_lint(void)
{
	static const struct remark list[] = {
		{ HEAD "default kill\n[s]\nrun x\n", "" },
		{ HEAD "[s]\nrun x\n",
		  "t:1:1: no 'default' line: say what happens to calls that "
		  "are not listed\n" },
		{ HEAD
		  "default kill\n[s]\nrun x\nuid 0\ncaps CAP_KILL # why\ncaps CAP_CHOWN\n"
		  "device /dev/a /dev/b read\nexec /bin/a\nioctl SG_IO=0x2285\n"
		  "syscalls kill\n",
		  "t:7:1: uid 0 without a reason: write a comment on the line or above\n"
		  "t:9:1: a capability without a reason: write a comment on the line or "
		  "above\n"
		  "t:10:1: a device without a reason: write a comment on the line or "
		  "above\n"
		  "t:11:1: exec without a reason: write a comment on the line or above\n"
		  "t:12:1: an ioctl without a reason: write a comment on the line or "
		  "above\n"
		  "t:13:1: a system call beyond the sets without a reason: write a "
		  "comment on "
		  "the line or above\n" },
		{ HEAD "default kill\nsyscalls kill\n[s]\nrun x\n[b]\nrun x\n",
		  "t:5:1: a system call beyond the sets without a reason: write a "
		  "comment on the "
		  "line or above\n" },
		{ NULL, NULL },
	};

	for (const struct remark *m = list; m->text; m++) {
		struct policy *policy = parse(m->text);
		FILE *out;

		CHECK(policy);
		out = fmemopen(said, sizeof(said), "w");
		CHECK(out);
		memset(said, 0, sizeof(said));
		CHECK((policy_lint(policy, out) == 0) == (m->said[0] == '\0'));
		CHECK_INT(fclose(out), 0);
		CHECK_STR(said, m->said);
		policy_free(policy);
	}
}

static void put(const char *path, const char *text)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(write_all(fd, text, strlen(text)), 0);
}

static void check_load(const char *collector, const char *wanted)
{
	FILE *errors = fmemopen(said, sizeof(said), "w");

	CHECK(errors);
	memset(said, 0, sizeof(said));
	CHECK(!policy_find(NULL, ".", collector, errors));
	CHECK_INT(fclose(errors), 0);
	CHECK_STR(said, wanted);
}

static void check_list(const char *dir, int error, const char *wanted)
{
	FILE *errors = fmemopen(said, sizeof(said), "w");
	struct policy_file *files;

	CHECK(errors);
	memset(said, 0, sizeof(said));
	CHECK_INT(policy_list(NULL, dir, &files, errors), error);
	CHECK_INT(fclose(errors), 0);
	CHECK_STR(said, wanted);
}

static void test_folder(void)
{
	char dir[] = "/tmp/bee-policy-XXXXXX";
	struct policy_file *files;
	int lowest, fd;

	CHECK(mkdtemp(dir));
	CHECK_INT(chdir(dir), 0);
	lowest = dup(0);
	CHECK_INT(close(lowest), 0);
	CHECK_INT(policy_list(NULL, ".", &files, stderr), 0);
	policy_files_free(files, 0);
	fd = dup(0);
	CHECK_INT(close(fd), 0);
	CHECK_INT(fd, lowest); /* the folder is closed */
	check_list("./nowhere", -ENOENT, "./nowhere: No such file or directory\n");
	check_list("/dev/null", -ENOTDIR, "/dev/null: Not a directory\n");
	put("psu.policy", STEP "run x\n");
	put("board.policy", "");
	put("aaa.policy", "");
	put(".hidden.policy", "");
	put("psu.policy~", "");
	CHECK_INT(mkfifo("fifo.policy", 0600), 0);
	CHECK_INT(policy_list(NULL, ".", &files, stderr), 4);
	CHECK_STR(files[0].name, "aaa");
	CHECK_STR(files[1].name, "board");
	CHECK_STR(files[3].name, "psu");
	CHECK_STR(files[3].path, "./psu.policy");
	policy_files_free(files, 4);
	check_load("psu",
		   "./psu.policy:2:11: the file is psu.policy but says collector t\n");
	check_load("fifo", "./fifo.policy:1:1: not a regular file\n");
	check_load("none", "none: there is no policy for it in .\n");
	CHECK_INT(unlink("psu.policy") | unlink("board.policy") | unlink("aaa.policy") |
			  unlink(".hidden.policy") | unlink("psu.policy~") |
			  unlink("fifo.policy") | rmdir(dir),
		  0);
}

static void test_order(void)
{
	static const char *const texts[] = {
		"policy 1\ncollector b\nemits system\n[s]\nrun x\n",
		"policy 1\ncollector a\nemits system\n[s]\nrun x\n",
		"policy 1\ncollector d\norder 2\nemits system\n[s]\nrun x\n",
		"policy 1\ncollector e\norder 10\nemits system\n[s]\nrun x\n",
		"policy 1\ncollector c\norder 10\nemits system\n[s]\nrun x\n",
	};
	struct policy *policies[ARRAY_LEN(texts)];
	char order[ARRAY_LEN(texts) + 1] = "";

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		CHECK((policies[i] = parse(texts[i])) != NULL);
	qsort(policies, ARRAY_LEN(texts), sizeof(policies[0]), policy_by_order);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		strcat(order, policies[i]->collector);
		policy_free(policies[i]);
	}
	CHECK_STR(order, "dceab");
}

static void test_expand(void)
{
	AUTO_FREE char *plain = policy_expand("/dev/x", "sda");
	AUTO_FREE char *two = policy_expand("{instance}/{instance}!", "sda");
	AUTO_FREE char *once = policy_expand("{instance}", "{instance}");

	CHECK_STR(plain, "/dev/x");
	CHECK_STR(two, "sda/sda!");
	CHECK_STR(once, "{instance}");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a good file means what it says", test_good, 0 },
		{ "lint wants a reason for each dangerous line", test_lint, 0 },
		{ "files are found by name and must be what they are called", test_folder,
		  0 },
		{ "an order line comes first, then the name", test_order, 0 },
		{ "{instance} is replaced once, everywhere", test_expand, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
