/* What a policy grants that a run of its program did not need, line by line. */
#include "wider.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define HEAD "policy 1\ncollector t\nemits system\nopen read-only\n"

static struct policy *parse(const char *text)
{
	struct policy *policy = policy_parse("t", text, strlen(text), stderr);

	CHECK(policy);
	return policy;
}

/* What is said of a policy beside one that a run was written down as. */
static void check_wider(const char *policy, const char *run, const char *wanted)
{
	struct policy *wide = parse(policy), *narrow = parse(run);
	char *said = NULL;
	size_t size = 0;
	unsigned found, lines = 0;
	FILE *out = open_memstream(&said, &size);

	CHECK(out);
	found = policy_wider(wide, &wide->steps[0], &narrow->steps[0], out);
	CHECK_INT(fclose(out), 0);
	CHECK_STR(said, wanted);
	for (const char *at = said; (at = strchr(at, '\n')); at++)
		lines++;
	CHECK_INT(found, lines);
	free(said);
	policy_free(wide);
	policy_free(narrow);
}

static void test_same(void)
{
	static const char step[] =
		HEAD "[s]\nrun x\nsyscalls @tool\nsee /sys/block\ncaps CAP_SYS_ADMIN\n"
		     "ioctl BLKGETSIZE64=0x80081272\ndevice /dev/sda read\n";

	check_wider(step, step, "");
}

static void test_paths(void)
{
	check_wider(HEAD "[s]\nrun x\nsee /sys/block\nsee /sys/class\nexec /bin/y\n",
		    HEAD "[s]\nrun x\nsee /sys/block/sda/size\n",
		    "t:8:1: s: that run did not need see /sys/class\n"
		    "t:9:1: s: that run did not need exec /bin/y\n");
	/* A program that was looked at is none that was run. */
	check_wider(HEAD "[s]\nrun x\nexec /opt/y\n", HEAD "[s]\nrun x\nsee /opt/y\n",
		    "t:7:1: s: that run did not need exec /opt/y\n");
	check_wider(HEAD "[s] each /sys/block/*\nrun x\nsee /sys/block/{instance}\n",
		    HEAD "[s]\nrun x\nsee /sys/block/sda\n", "");
}

static void test_ioctls(void)
{
	check_wider(HEAD "[s]\nrun x\ndevice /dev/sda read\n"
			 "ioctl BLKGETSIZE64=0x80081272\nioctl BLKSSZGET=0x1268\n",
		    HEAD "[s]\nrun x\ndevice /dev/sda read\nioctl BLKSSZGET=0x1268\n",
		    "t:8:1: s: that run did not need ioctl BLKGETSIZE64=0x80081272\n");
}

static void test_commands(void)
{
	check_wider(HEAD "[s]\nrun x\ndevice /dev/nvme0 read\n"
			 "nvme-admin Identify Get_Log_Page:02h,05h\n",
		    HEAD "[s]\nrun x\ndevice /dev/nvme0 read\n"
			 "nvme-admin Get_Log_Page:05h\n",
		    "t:8:1: s: that run did not need nvme-admin Identify\n"
		    "t:8:1: s: that run did not need nvme-admin Get_Log_Page:02h\n");
}

static void test_calls(void)
{
	check_wider(HEAD "[s]\nrun x\nsyscalls read write getpid\n",
		    HEAD "[s]\nrun x\nsyscalls write\n",
		    "t:7:1: s: that run did not need the calls read getpid\n");
}

static void test_rights(void)
{
	check_wider("policy 1\ncollector t\nemits system\nopen read-write\n"
		    "limits tasks 4\n[s]\nrun x\nnetwork host\nuid 0\n"
		    "caps CAP_SYS_ADMIN CAP_SYS_RAWIO\n",
		    HEAD "limits tasks 1\n[s]\nrun x\ncaps CAP_SYS_RAWIO\n",
		    "t:8:1: s: that run did not need network host\n"
		    "t:9:1: s: that run did not need uid 0\n"
		    "t:10:1: s: that run did not need CAP_SYS_ADMIN\n"
		    "t:6:1: s: that run did not need open read-write\n"
		    "t:6:1: s: that run did not need tasks 4, but 1\n"
		    /* who has children may wait for them */
		    "t:6:1: s: that run did not need the calls wait4 waitid\n");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what a run needed is not too much", test_same, 0 },
		{ "paths that it used nothing of are told", test_paths, 0 },
		{ "so are ioctls", test_ioctls, 0 },
		{ "so are device commands, and what was chosen of one", test_commands,
		  0 },
		{ "so are calls", test_calls, 0 },
		{ "so are rights, open and tasks", test_rights, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
