/* Policy files that are wrong: the exact words, and the place, for every kind of mistake.
 */
#include "policy_mistakes.h"
#include "tap.h"

#include <string.h>

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
		{ "mistakes in order, replay and major are named", test_order_and_major,
		  0 },
		{ "the name that was meant is said", test_near, 0 },
		{ "one more than fits is a mistake", test_bounds, 0 },
		{ "all mistakes are said at once, up to a bound", test_all_at_once, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
