/* Policy files that are wrong: the exact words, and the place, for every kind of mistake.
 */
#include "policy.h"
#include "tap.h"

#include <string.h>

#define HEAD "policy 1\ncollector t\nemits system\n"
#define STEP HEAD "[s]\n" /* its lines start with line 5 */

static char said[16384]; /* what the last parse wrote */

static struct policy *parse_bytes(const char *text, size_t len)
{
	FILE *errors = fmemopen(said, sizeof(said), "w");
	struct policy *policy;

	CHECK(errors);
	memset(said, 0, sizeof(said));
	policy = policy_parse("t", text, len, errors);
	CHECK_INT(fclose(errors), 0);
	return policy;
}

static struct policy *parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

struct mistake {
	const char *text;
	const char *said; /* every line ends in a newline */
};

static void check_mistakes(const struct mistake *list)
{
	for (; list->text; list++) {
		CHECK(!parse(list->text));
		CHECK_STR(said, list->said);
	}
}

static void test_file_level(void)
{
	static const struct mistake list[] = {
		{ "",
		  "t:1:1: the first line must be 'policy 1'\nt:1:1: no 'collector' line\n"
		  "t:1:1: no 'emits' line\nt:1:1: no [step]\n" },
		{ "collector t\nemits system\n[s]\nrun x\n",
		  "t:1:1: the first line must be 'policy 1'\n" },
		{ "collector t\npolicy 1\nemits system\n[s]\nrun x\n",
		  "t:1:1: the first line must be 'policy 1'\n" },
		{ "policy 2\ncollector t\nemits system\n[s]\nrun x\n",
		  "t:1:8: version 2 is not known here, only 1\n" },
		{ "policy one\ncollector t\nemits system\n[s]\nrun x\n",
		  "t:1:8: 'one' is not a version number\n" },
		{ "policy\ncollector t\nemits system\n[s]\nrun x\n",
		  "t:1:1: 'policy' needs a version\n" },
		{ "policy 1 2\ncollector t\nemits system\n[s]\nrun x\n",
		  "t:1:10: 'policy' takes one number\n" },
		{ "policy 1\ncollector T\nemits system\n[s]\nrun x\n",
		  "t:2:11: bad collector name 'T': use a-z, 0-9 and '-'\n" },
		{ "policy 1\ncollector a b\nemits system\n[s]\nrun x\n",
		  "t:2:13: 'collector' takes one name\n" },
		{ HEAD "collector t\n[s]\nrun x\n",
		  "t:4:1: 'collector' is there twice, first on line 2\n" },
		{ "policy 1\ncollector t\nemits system cows\n[s]\nrun x\n",
		  "t:3:14: unknown record type 'cows'\n" },
		{ "policy 1\ncollector t\nemits system system\n[s]\nrun x\n",
		  "t:3:14: 'system' is there twice\n" },
		{ HEAD "frobnicate\n[s]\nrun x\n", "t:4:1: unknown word 'frobnicate'\n" },
		{ HEAD "run x\n", "t:4:1: 'run' belongs in a step, below a [name]\n"
				  "t:4:1: no [step]\n" },
		{ STEP "run x\nemits system\n",
		  "t:6:1: 'emits' belongs above the first [step]\n" },
		{ HEAD, "t:3:1: no [step]\n" },
		{ HEAD "open\n[s]\nrun x\n",
		  "t:4:1: 'open' needs none, read-only or read-write\n" },
		{ HEAD "open maybe\n[s]\nrun x\n",
		  "t:4:6: 'maybe' is not none, read-only or read-write\n" },
		{ HEAD "open none none\n[s]\nrun x\n",
		  "t:4:11: 'open' takes one word\n" },
		{ HEAD "default die\n[s]\nrun x\n",
		  "t:4:9: 'die' is not kill or report\n" },
		{ HEAD "default report\n[s]\nrun x\n",
		  "t:4:9: 'report' needs one error name\n" },
		{ HEAD "default report ENOFISH\n[s]\nrun x\n",
		  "t:4:16: unknown error name 'ENOFISH'\n" },
		{ HEAD "default kill now\n[s]\nrun x\n",
		  "t:4:9: nothing may follow 'kill'\n" },
		{ NULL, NULL },
	};

	check_mistakes(list);
}

static void test_bytes(void)
{
	static const struct mistake list[] = {
		{ STEP "run x\r\n",
		  "t:5:6: carriage return: save the file with Unix line ends\n"
		  "t:4:1: step [s] has neither 'run' nor 'read'\n" },
		{ STEP "run x\n# a\x1b[1m\n", "t:6:4: control byte 0x1b\n" },
		{ STEP "run x\n# caf\xc3\xa9\n", "t:6:6: byte 0xc3 is not ASCII\n" },
		{ NULL, NULL },
	};
	static const char nul[] = STEP "run x\nse\0e /usr\n";
	static char text[POLICY_FILE_MAX + 2];

	check_mistakes(list);
	CHECK(!parse_bytes(nul, sizeof(nul) - 1));
	CHECK_STR(said, "t:6:3: control byte 0x00\n");
	memset(text, 'x', 1025);
	memcpy(text, STEP "run x\n# ", strlen(STEP "run x\n# "));
	memset(text + strlen(text), 'x', 1100);
	CHECK(!parse_bytes(text, strlen(STEP "run x\n") + 1025));
	CHECK_STR(said, "t:6:1025: line is longer than 1024 bytes\n");
	memset(text, '\n', sizeof(text));
	CHECK(!parse_bytes(text, POLICY_FILE_MAX + 1));
	CHECK_STR(said, "t:1:1: file is longer than 65536 bytes\n");
	memset(text, 0, sizeof(text));
	strcat(text, STEP "run x\nsee");
	for (int i = 0; i < 90; i++)
		strcat(text, " /a");
	CHECK(!parse(text));
	CHECK_STR(said, "t:6:242: more than 80 words on a line\n");
}

static void test_steps(void)
{
	static const struct mistake list[] = {
		{ HEAD "[s\nrun x\n", "t:4:1: a step's header is [name]\n" },
		{ HEAD "[]\nrun x\n", "t:4:1: a step's header is [name]\n" },
		{ HEAD "[Big]\nrun x\n",
		  "t:4:2: bad step name 'Big': use a-z, 0-9 and '-'\n" },
		{ HEAD "[abcdefghijklmnopqrstuvwxyzabcdefg]\nrun x\n",
		  "t:4:2: step name 'abcdefghijklmnopqrstuvwxyzabcdefg' is longer than "
		  "31 bytes\n" },
		{ STEP "run x\n[s]\nrun y\n",
		  "t:6:1: step [s] is there twice, first on line 4\n" },
		{ HEAD "[s] for /a*\nrun x\n",
		  "t:4:5: unknown word 'for' in a step's header\n" },
		{ HEAD "[s] each\nrun x\n", "t:4:5: 'each' needs a path with '*'\n" },
		{ HEAD "[s] each a*\nrun x\n",
		  "t:4:10: 'each' needs an absolute path with one '*', at its end\n" },
		{ HEAD "[s] each /a*/b*\nrun x\n",
		  "t:4:10: 'each' needs an absolute path with one '*', at its end\n" },
		{ HEAD "[s] each /a/b each /c/*\nrun x {instance}\n",
		  "t:4:10: 'each' needs an absolute path with one '*', at its end\n" },
		{ HEAD "[s] each /a/b\nrun x\n",
		  "t:4:10: 'each' needs an absolute path with one '*', at its end\n" },
		{ HEAD "[s] each /a/../b*\nrun x\n", "t:4:13: '..' in a path\n" },
		{ HEAD "[s] each /a* each /b*\nrun x\n",
		  "t:4:14: 'each' is there twice\n" },
		{ HEAD "[s] group {instance}\nrun x\n",
		  "t:4:11: {instance} in a step without 'each'\n" },
		{ STEP "see /usr\n", "t:4:1: step [s] has neither 'run' nor 'read'\n" },
		{ STEP "run x\nread /a\n",
		  "t:6:1: step [s] has both 'run' and 'read'\n" },
		{ STEP "read /a\nsee /b\n",
		  "t:6:1: 'see' in a step that reads files itself ('read' on line 5)\n" },
		{ STEP "run x\nrun y\n",
		  "t:6:1: 'run' is there twice, first on line 5\n" },
		{ STEP "run x\nafter b\n",
		  "t:4:1: step [s] is after [b], which is not there\n" },
		{ STEP "run x\nafter s\n", "t:4:1: step [s] comes after itself\n" },
		{ STEP "run x\nafter b\n[b]\nrun x\nafter s\n[c]\nrun x\nafter b\n",
		  "t:4:1: step [s] comes after itself, over other steps\n"
		  "t:7:1: step [b] comes after itself, over other steps\n" },
		{ STEP "run x\nlock a b\n", "t:6:8: 'lock' takes one name\n" },
		{ STEP "run x\nuid 5\n", "t:6:5: only 'uid 0' can be asked for\n" },
		{ STEP "run ../x\n",
		  "t:5:5: '../x' is neither a program's name nor an absolute path\n" },
		{ STEP "run x 'a b'\n", "t:5:7: no quoting here: words end at blanks\n" },
		{ STEP "run x {instance}\n",
		  "t:5:7: {instance} in a step without 'each'\n" },
		{ HEAD "[s] each /a*\nrun x {thing}\n",
		  "t:5:7: '{' stands only in {instance}\n" },
		{ NULL, NULL },
	};
	char text[4096] = HEAD;

	check_mistakes(list);
	for (int i = 0; i <= POLICY_STEPS_MAX; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			       "[s%d]\nrun x\n", i);
	CHECK(!parse(text));
	CHECK_STR(said, "t:36:1: more than 16 steps\n");
}

static void test_paths(void)
{
	static const struct mistake list[] = {
		{ STEP "run x\nsee a/b\n", "t:6:5: 'a/b' is not an absolute path\n" },
		{ STEP "run x\nsee /a/../b\n", "t:6:8: '..' in a path\n" },
		{ STEP "run x\nsee /a/./b\n", "t:6:8: '.' in a path\n" },
		{ STEP "run x\nsee /a//b\n", "t:6:8: empty component in path '/a//b'\n" },
		{ STEP "run x\nsee /a/\n", "t:6:8: empty component in path '/a/'\n" },
		{ STEP "run x\nsee /\n", "t:6:5: the whole root cannot be granted\n" },
		{ STEP "run x\nsee /a*\n", "t:6:7: '*' in a path\n" },
		{ STEP "run x\nsee /a{instance}\n",
		  "t:6:7: {instance} in a step without 'each'\n" },
		{ STEP "run x\nsee /proc\n",
		  "t:6:5: /proc cannot be seen: the jail has its own /proc\n" },
		{ STEP "run x\nsee /dev/sda\n",
		  "t:6:5: /dev/sda cannot be seen: name the nodes in 'device' lines\n" },
		{ STEP "run x\nsee /b /a\nsee? /a\n",
		  "t:7:6: '/a' is there twice, first on line 6\n" },
		{ STEP "run x\ndevice /dev/a\n",
		  "t:6:1: 'device' needs a node and read or readwrite\n" },
		{ STEP "run x\ndevice /dev/a write\n",
		  "t:6:15: 'write' is not read or readwrite\n" },
		{ STEP "run x\ndevice /tmp/a read\n",
		  "t:6:8: '/tmp/a' is not below /dev\n" },
		{ STEP "run x\ndevice /dev/a readwrite\n",
		  "t:6:1: device /dev/a is readwrite but the step is not 'open "
		  "read-write'\n" },
		{ STEP "read /a/{b\n",
		  "t:5:9: braces do not pair up within one component\n" },
		{ STEP "read /a/{b/c,d}\n",
		  "t:5:9: braces do not pair up within one component\n" },
		{ STEP "read /a/{b,{c,d}}\n",
		  "t:5:9: braces do not pair up within one component\n" },
		{ STEP "read /a/b}\n",
		  "t:5:10: braces do not pair up within one component\n" },
		{ STEP "read /a/{b}\n", "t:5:9: write alternatives as {a,b}\n" },
		{ STEP "read /a/{b,}\n", "t:5:9: write alternatives as {a,b}\n" },
		{ STEP "read /a/{b,,c}\n", "t:5:9: write alternatives as {a,b}\n" },
		{ STEP "read /a/{instance}\n",
		  "t:5:9: {instance} in a step without 'each'\n" },
		{ STEP "read a\n", "t:5:6: 'a' is not an absolute path\n" },
		{ NULL, NULL },
	};
	char text[8192] = STEP "run x\n";

	check_mistakes(list);
	for (int i = 0; i <= POLICY_GRANTS_MAX; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			       "see /a%d\n", i);
	CHECK(!parse(text));
	CHECK_STR(said, "t:70:5: more than 64 paths in a step\n");
}

/* What fits just so, and is one too many. */
static void test_bounds(void)
{
	char text[16384] = HEAD, path[300] = "/";
	struct policy *policy;

	memset(path + 1, 'a', 254);
	(void)snprintf(text, sizeof(text), STEP "run x\nsee %s\n", path);
	policy = parse(text);
	CHECK(policy);
	CHECK_STR(policy->steps[0].grants[0].path, path);
	policy_free(policy);
	(void)snprintf(text, sizeof(text), STEP "run x\nsee %sa\n", path);
	CHECK(!parse(text));
	CHECK_STR(said, "t:6:5: path is longer than 255 bytes\n");
	(void)snprintf(text, sizeof(text), STEP "run x\n");
	for (int i = 0; i <= 32; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			       "ioctl X%d=0x%x # x\n", i, 0x7000 + i);
	CHECK(!parse(text));
	CHECK_STR(said, "t:38:7: more than 32 ioctls in a step\n");
	/* What is refused does not count: ioctls, and steps under bad headers. */
	(void)snprintf(text, sizeof(text), STEP "run x\nioctl");
	for (int i = 0; i <= 33; i++)
		strcat(text, " X=0x7000");
	strcat(text, "\n");
	CHECK(!parse(text));
	CHECK(strstr(said, "t:6:16: X is there twice, first on line 6 as X\n"));
	CHECK(!strstr(said, "more than"));
	(void)snprintf(text, sizeof(text), STEP "run x\nioctl");
	for (int i = 0; i < 40; i++)
		strcat(text, " SG_IO=0x1");
	strcat(text, "\n");
	CHECK(!parse(text));
	CHECK(strstr(said, "t:6:397: SG_IO is 0x2285, not 0x1\n"));
	(void)snprintf(text, sizeof(text), HEAD);
	for (int i = 0; i < POLICY_STEPS_MAX; i++)
		strcat(text, "[Bad]\nrun x\n");
	strcat(text, "[s]\nrun x\n");
	CHECK(!parse(text));
	CHECK(!strstr(said, "more than"));
	CHECK(strstr(said, "t:4:2: bad step name 'Bad': use a-z, 0-9 and '-'\n"));
}

#define OUTSIDE "it would be that of a process outside the jail\n"

/* The machine's own /proc, the processes outside, and what is kept out with its folders. */
static void test_seen(void)
{
	static const struct mistake list[] = {
		{ STEP "run x\nsee /proc/self\n",
		  "t:6:5: /proc/self cannot be seen: " OUTSIDE },
		{ STEP "run x\nsee /proc/self/maps\n",
		  "t:6:5: /proc/self/maps cannot be seen: " OUTSIDE },
		{ STEP "run x\nsee /proc/thread-self\n",
		  "t:6:5: /proc/thread-self cannot be seen: " OUTSIDE },
		{ STEP "run x\nsee /proc/mounts\n",
		  "t:6:5: /proc/mounts cannot be seen: " OUTSIDE },
		{ STEP "run x\nsee /proc/net/dev\n",
		  "t:6:5: /proc/net/dev cannot be seen: " OUTSIDE },
		{ STEP "run x\nsee? /proc/1\n",
		  "t:6:6: /proc/1 cannot be seen: " OUTSIDE },
		{ STEP "run x\nexec /proc/1234/exe\n",
		  "t:6:6: /proc/1234/exe cannot be seen: " OUTSIDE },
		{ STEP "run /proc/self/exe\n",
		  "t:5:5: /proc/self/exe cannot be seen: " OUTSIDE },
		{ HEAD "[s] each /a/*\nrun x\nsee /proc/{instance}/maps\n",
		  "t:6:5: /proc/{instance}/maps cannot be seen: " OUTSIDE },
		{ STEP "read /proc/self/maps\n",
		  "t:5:6: /proc/self/maps cannot be seen: " OUTSIDE },
		{ HEAD "[s] each /a/*\nread /proc/{instance}/maps\n",
		  "t:5:6: /proc/{instance}/maps cannot be seen: " OUTSIDE },
		{ STEP "read /proc/*/maps\n",
		  "t:5:6: /proc cannot be seen: the jail has its own /proc\n" },
		{ STEP "read /proc/{a,b}\n",
		  "t:5:6: /proc cannot be seen: the jail has its own /proc\n" },
		{ STEP "run x\nsee /proc/sys/kernel\n",
		  "t:6:5: /proc/sys/kernel cannot be seen: who may write there changes "
		  "the machine\n" },
		{ STEP "run x\nsee /proc/kcore\n",
		  "t:6:5: /proc/kcore cannot be seen: it is the kernel's memory\n" },
		{ STEP "run x\nsee /proc/vmcore\n",
		  "t:6:5: /proc/vmcore cannot be seen: it is the kernel's memory\n" },
		{ STEP "run x\nsee /proc/kmsg\n", "t:6:5: /proc/kmsg cannot be seen: who "
						  "reads it takes it from others\n" },
		{ STEP "run x\nsee /proc/sysrq-trigger\n",
		  "t:6:5: /proc/sysrq-trigger cannot be seen: it can end the machine\n" },
		{ STEP "run x\nsee /dev\n",
		  "t:6:5: /dev cannot be seen: name the nodes in 'device' lines\n" },
		{ STEP "run x\nsee /sys/kernel/debug/x\n",
		  "t:6:5: /sys/kernel/debug/x cannot be seen: debugfs can change the "
		  "machine\n" },
		{ STEP "run x\nsee /sys\n",
		  "t:6:5: /sys cannot be seen: debugfs can change the machine\n" },
		{ STEP "run x\nsee /sys/kernel\n",
		  "t:6:5: /sys/kernel cannot be seen: debugfs can change the machine\n" },
		{ STEP "run x\nsee /sys/kernel/tracing\n",
		  "t:6:5: /sys/kernel/tracing cannot be seen: tracefs can change the "
		  "machine\n" },
		{ STEP "read /sys/*/x\n",
		  "t:5:6: /sys cannot be seen: debugfs can change the machine\n" },
		{ STEP "read /*\n", "t:5:6: / cannot be seen: it is the whole root\n" },
		{ NULL, NULL },
	};
	static const char good[] = STEP "run x\nsee /proc/driver/nvidia /proc/devices "
					"/proc/bus/pci /proc/netware "
					"/proc/selfish /proc/1a /proc/sysv /device "
					"/sys/class /sys/kernel/debugger\n";

	struct policy *policy;

	check_mistakes(list);
	policy = parse(good);
	CHECK(policy);
	policy_free(policy);
	policy = parse(
		STEP
		"read /proc/cpuinfo /proc/driver/* /sys/class/*/x /a /b/{instance,c}\n");
	CHECK(policy);
	policy_free(policy);
}

static void test_order_and_major(void)
{
	static const struct mistake list[] = {
		{ HEAD "order\n[s]\nrun x\n", "t:4:1: 'order' needs a number\n" },
		{ HEAD "order 1 2\n[s]\nrun x\n", "t:4:9: 'order' takes one number\n" },
		{ HEAD "order first\n[s]\nrun x\n",
		  "t:4:7: 'first' is not a number below 1000\n" },
		{ HEAD "order 1000\n[s]\nrun x\n",
		  "t:4:7: '1000' is not a number below 1000\n" },
		{ HEAD "order 1\norder 2\n[s]\nrun x\n",
		  "t:5:1: 'order' is there twice, first on line 4\n" },
		{ STEP "run x\norder 1\n",
		  "t:6:1: 'order' belongs above the first [step]\n" },
		{ STEP "run x\nreplay\n", "t:6:1: 'replay' needs a file's name\n" },
		{ STEP "run x\nreplay a b\n", "t:6:10: 'replay' takes one name\n" },
		{ STEP "run x\nreplay ../a\n",
		  "t:6:8: '../a' is not the name of a file\n" },
		{ STEP "run x\nreplay a/b\n",
		  "t:6:8: 'a/b' is not the name of a file\n" },
		{ STEP "run x\nreplay -a\n", "t:6:8: '-a' is not the name of a file\n" },
		{ STEP "run x\nreplay a\nreplay a\n",
		  "t:7:1: 'replay' is there twice, first on line 6\n" },
		{ STEP "run x\nnowake\n", "t:6:1: 'nowake' needs options\n" },
		{ STEP "run x\nnowake -n\nnowake -n\n",
		  "t:7:1: 'nowake' is there twice, first on line 6\n" },
		{ STEP "run x\nnowake a b c d e\n", "t:6:16: more than 4 words\n" },
		{ STEP "run x\nnowake -n {instance}\n",
		  "t:6:11: '{instance}' is not an option of at most 64 bytes, without "
		  "quotes and braces\n" },
		{ STEP "nowake -n\nread /a\n",
		  "t:5:1: 'nowake' has options of a tool that is run: this step has "
		  "none\n" },
		{ STEP "run @x\nnowake -n\n",
		  "t:6:1: 'nowake' has options of a tool that is run: this step has "
		  "none\n" },
		{ STEP "run x\ndevice /dev/a /dev/b read major m\n",
		  "t:6:27: 'major' is of one node, not of 2\n" },
		{ STEP "run x\ndevice /dev/a read major\n",
		  "t:6:20: 'major' is not read or readwrite\n" },
		{ STEP "run x\ndevice /dev/a read major a/b\n",
		  "t:6:26: 'a/b' is no driver of /proc/devices\n" },
		{ STEP "run x\ndevice /dev/a write major m\n",
		  "t:6:15: 'write' is not read or readwrite\n" },
		{ STEP "run x\ndevice /dev/a read\ndevice /dev/a read major m\n",
		  "t:7:8: '/dev/a' is there twice, first on line 6\n" },
		{ NULL, NULL },
	};

	check_mistakes(list);
}

/* The name that was likely meant is said, one that is far from all is not guessed at. */
static void test_near(void)
{
	static const struct mistake list[] = {
		{ STEP "run x\ndevce /dev/a read\n",
		  "t:6:1: unknown word 'devce': is it 'device'?\n" },
		{ STEP "run x\nsea /a\n", "t:6:1: unknown word 'sea': is it 'see'?\n" },
		{ STEP "run x\nese /a\n", "t:6:1: unknown word 'ese': is it 'see'?\n" },
		{ STEP "run x\nsyscall read\n",
		  "t:6:1: unknown word 'syscall': is it 'syscalls'?\n" },
		{ STEP "run x\nsuu /a\n", "t:6:1: unknown word 'suu'\n" },
		{ "policy 1\ncollector t\nemits storage.drivse\n[s]\nrun x\n",
		  "t:3:7: unknown record type 'storage.drivse': is it "
		  "'storage.drives'?\n" },
		{ STEP "run x\nsyscalls sokcet\n",
		  "t:6:10: unknown system call 'sokcet': is it 'socket'?\n" },
		{ STEP "run x\nsyscalls -sokcet\n",
		  "t:6:10: unknown system call 'sokcet': is it 'socket'?\n" },
		{ STEP "run x\ncaps CAP_SYS_RAWOI\n",
		  "t:6:6: unknown capability 'CAP_SYS_RAWOI': is it 'CAP_SYS_RAWIO'?\n" },
		{ STEP "run x\ncaps cap_sys_rawio\n",
		  "t:6:6: unknown capability 'cap_sys_rawio'\n" },
		{ STEP "run x\ncaps SYS_ADMIN\n",
		  "t:6:6: unknown capability 'SYS_ADMIN'\n" },
		{ STEP "run x\ncaps 21\n", "t:6:6: unknown capability '21'\n" },
		{ STEP "run x\nanswer socket EPREM\n",
		  "t:6:15: unknown error name 'EPREM': is it 'EPERM'?\n" },
		{ HEAD "limits tusks 1\n[s]\nrun x\n",
		  "t:4:8: unknown limit 'tusks': is it 'tasks'?\n" },
		{ STEP "run x\nexit 1 partail\n",
		  "t:6:8: unknown status 'partail': is it 'partial'?\n" },
		{ STEP "run x\nsyscalls "
		       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
		  "t:6:10: unknown system call "
		  "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'\n" },
		{ NULL, NULL },
	};

	check_mistakes(list);
}

static void test_calls(void)
{
	static const struct mistake list[] = {
		{ STEP "run x\nsyscalls @tools\n",
		  "t:6:10: unknown set '@tools': is it '@tool'?\n" },
		{ STEP "run x\nsyscalls @read\n",
		  "t:6:10: @read is what steps with 'read' lines get by themselves\n" },
		{ STEP "run x\nsyscalls fishing\n",
		  "t:6:10: unknown system call 'fishing'\n" },
		{ STEP "run x\nsyscalls kill\nsyscalls kill\n",
		  "t:7:10: kill is allowed twice, first on line 6\n" },
		{ HEAD "syscalls @tool\n[s]\nrun x\nsyscalls read\n",
		  "t:7:10: read is allowed twice, first on line 4\n" },
		{ STEP "run x\nsyscalls -read\n",
		  "t:6:10: read is not allowed before this, nothing to take away\n" },
		{ STEP "run x\nsyscalls openat\n",
		  "t:6:10: openat is decided by the 'open' line\n" },
		{ STEP "run x\nsyscalls clone\n",
		  "t:6:10: clone is decided by 'limits tasks'\n" },
		{ STEP "run x\nsyscalls mount\n",
		  "t:6:10: no policy can grant mount: it changes what the jail sees\n" },
		{ STEP "run x\nsyscalls bpf ptrace\n",
		  "t:6:10: no policy can grant bpf: it loads code into the kernel\n"
		  "t:6:14: no policy can grant ptrace: it reads or changes other "
		  "processes\n" },
		{ STEP "run x\nsyscalls setrlimit pidfd_send_signal\n",
		  "t:6:10: no policy can grant setrlimit: the limits are the 'limits' "
		  "lines'\n"
		  "t:6:20: no policy can grant pidfd_send_signal: it signals past the "
		  "check of "
		  "kill\n" },
		{ STEP "run x\nanswer socket\n",
		  "t:6:1: 'answer' needs a system call and an error\n" },
		{ STEP "run x\nanswer socket ENO\n",
		  "t:6:15: unknown error name 'ENO': is it 'EIO'?\n" },
		{ STEP "run x\nanswer sock ENOSYS\n",
		  "t:6:8: unknown system call 'sock'\n" },
		{ STEP "run x\nanswer socket ENO socket EPERM\n",
		  "t:6:15: unknown error name 'ENO': is it 'EIO'?\n" },
		{ STEP "run x\nanswer sock ENO\n", /* once for a pair */
		  "t:6:8: unknown system call 'sock'\n" },
		{ STEP "run x\nanswer socket ENOSYS\nanswer socket EPERM\n",
		  "t:7:8: socket is answered twice, first on line 6\n" },
		{ STEP "run x\nsyscalls socket\nanswer socket ENOSYS\n",
		  "t:7:1: socket is answered here and allowed on line 6\n" },
		{ STEP "run x\nnetwork peer\n",
		  "t:6:9: only 'network host' or 'network listen' can be asked for\n" },
		{ STEP "run x\nnetwork listen\n",
		  "t:6:9: 'network listen' needs an ethertype like 0x88cc\n" },
		{ STEP "run x\nnetwork listen 0x3\n",
		  "t:6:9: 'network listen' needs an ethertype like 0x88cc\n" },
		{ STEP "run x\nnetwork listen 0x3 0x800\n",
		  "t:6:9: 'network listen' needs an ethertype like 0x88cc\n" },
		{ STEP "run x\nnetwork listen 0x88cc 0x800\n",
		  "t:6:23: 'network listen' takes no more words\n" },
		{ STEP "run x\nnetwork host 0x88cc\n",
		  "t:6:14: 'network host' takes no more words\n" },
		{ STEP "run x\nnetwork listen 0x88cc\nsyscalls bind write\n",
		  "t:7:1: bind in a step that only listens ('network listen' on line "
		  "6)\n" },
		{ STEP "run x\ncaps CAP_FLY\n", "t:6:6: unknown capability 'CAP_FLY'\n" },
		{ STEP "run x\ncaps CAP_KILL CAP_KILL\n",
		  "t:6:15: CAP_KILL is there twice\n" },
		{ STEP "run x\nioctl SG_IO\n", "t:6:7: 'SG_IO' is not NAME=NUMBER\n" },
		{ STEP "run x\nioctl SG_IO=8837\n",
		  "t:6:13: '8837' is not a 32-bit number like 0x2285\n" },
		{ STEP "run x\nioctl SG_IO=0x2286\n",
		  "t:6:7: SG_IO is 0x2285, not 0x2286\n" },
		{ STEP "run x\nioctl SG_IO=0x100002285\n",
		  "t:6:13: '0x100002285' is not a 32-bit number like 0x2285\n" },
		{ STEP "run x\nioctl SG_IO=0x2285 OTHER=0x2285\n",
		  "t:6:20: OTHER is there twice, first on line 6 as SG_IO\n" },
		{ STEP "run x\nioctl TIOCSTI=0x5412\n",
		  "t:6:7: no policy can grant TIOCSTI: it types into a terminal\n" },
		{ STEP "run x\nioctl HARMLESS=0x541c\n",
		  "t:6:7: no policy can grant HARMLESS: it types into a terminal\n" },
		{ STEP "run x\nioctl NEW=0x5413/0xff00\n",
		  "t:6:7: the mask must cover the lower 16 bits and all bits of the "
		  "number\n" },
		{ STEP "run x\nioctl NEW=0x4e43/0xffff\n",
		  "t:6:7: no policy can grant NEW: it writes to the device\n" },
		{ NULL, NULL },
	};

	check_mistakes(list);
}

static void test_numbers(void)
{
	static const struct mistake list[] = {
		{ HEAD "limits wall\n[s]\nrun x\n",
		  "t:4:1: 'limits' needs a limit and its value\n" },
		{ HEAD "limits wall 0s\n[s]\nrun x\n",
		  "t:4:13: wall 0s is out of range: 10ms to 600s\n" },
		{ HEAD "limits wall 20\n[s]\nrun x\n",
		  "t:4:13: '20' is not a time like 20s or 300ms\n" },
		{ HEAD "limits wall 99999999999999999999s\n[s]\nrun x\n",
		  "t:4:13: '99999999999999999999s' is not a time like 20s or 300ms\n" },
		{ HEAD "limits stdout 4T\n[s]\nrun x\n",
		  "t:4:15: '4T' is not a size like 64K or 4M\n" },
		{ HEAD "limits stdout 1G\n[s]\nrun x\n",
		  "t:4:15: stdout 1G is out of range: 1 to 64M\n" },
		{ HEAD "limits tasks 0x1\n[s]\nrun x\n",
		  "t:4:14: '0x1' is not a number\n" },
		{ HEAD "limits tasks 0\n[s]\nrun x\n",
		  "t:4:14: tasks 0 is out of range: 1 to 1024\n" },
		{ HEAD "limits speed 3\n[s]\nrun x\n", "t:4:8: unknown limit 'speed'\n" },
		{ HEAD "limits files 64 wall\n[s]\nrun x\n",
		  "t:4:17: 'wall' needs a time like 20s or 300ms\n" },
		{ HEAD "limits files 64 files 65\n[s]\nrun x\n",
		  "t:4:17: limit 'files' is there twice, first on line 4\n" },
		{ STEP "run x\nexit 0\n",
		  "t:6:1: 'exit' needs an exit code and a status\n" },
		{ STEP "run x\nexit 256 ok\n",
		  "t:6:6: '256' is not a number up to 255\n" },
		{ STEP "run x\nexit 1 fine\n", "t:6:8: unknown status 'fine'\n" },
		{ STEP "run x\nexit 1 stuck\n",
		  "t:6:8: no exit code means 'stuck': bee itself finds that\n" },
		{ STEP "run x\nexit 1 ok 1 failed\n", "t:6:11: '1' is there twice\n" },
		{ STEP "run x\nexit 1 ok 2\n", "t:6:11: '2' needs a status\n" },
		{ STEP "run x\nexitmask 0 ok\n",
		  "t:6:10: a mask without a bit matches nothing\n" },
		{ STEP "run x\nexitmask 0x3 failed 0x6 ok\n",
		  "t:6:21: '0x6' is there twice\n" },
		{ STEP "run x\nlimits term 10s kill 10s\n",
		  "t:4:1: step [s]: term and kill are too long\n" },
		{ NULL, NULL },
	};

	check_mistakes(list);
}

static void test_all_at_once(void)
{
	char text[8192] = STEP "run x\n";

	CHECK(!parse("policy 1\ncollector t\nemits cows\n[s]\nfly\nsee a\n[s]\nrun "
		     "x\nuid 1\n"));
	CHECK_STR(said, "t:3:7: unknown record type 'cows'\n"
			"t:5:1: unknown word 'fly'\n"
			"t:6:5: 'a' is not an absolute path\n"
			"t:4:1: step [s] has neither 'run' nor 'read'\n"
			"t:7:1: step [s] is there twice, first on line 4\n"
			"t:9:5: only 'uid 0' can be asked for\n");
	for (int i = 0; i < 200; i++)
		strcat(text, "fly\n");
	CHECK(!parse(text));
	CHECK(strstr(said, "t:55:1: unknown word 'fly'\nt:55:1: too many errors, stopped "
			   "here\n"));
	CHECK(!strstr(said, "t:56:"));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "mistakes above the steps are named with their place", test_file_level,
		  0 },
		{ "bytes that do not belong in a policy are named", test_bytes, 0 },
		{ "mistakes in headers, commands and order are named", test_steps, 0 },
		{ "mistakes in paths and devices are named", test_paths, 0 },
		{ "what is a process's, or is kept out, cannot be seen", test_seen, 0 },
		{ "mistakes in order, replay and major are named", test_order_and_major,
		  0 },
		{ "the name that was meant is said", test_near, 0 },
		{ "one more than fits is a mistake", test_bounds, 0 },
		{ "mistakes in calls, ioctls and capabilities are named", test_calls, 0 },
		{ "mistakes in limits and exit codes are named", test_numbers, 0 },
		{ "all mistakes are said at once, up to a bound", test_all_at_once, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
