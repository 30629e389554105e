/* What the words of a policy file may be followed by: paths, calls, numbers. What is wrong is named, with its place. */
#include "policy_mistakes.h"
#include "tap.h"

#include <string.h>

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
		{ HEAD "syscalls @tool -read -close_range\n[s]\nrun x\n",
		  "t:4:16: read is needed to start a tool: it stays\n"
		  "t:4:22: close_range is needed to start a tool: it stays\n" },
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

int main(void)
{
	static const struct tap_test tests[] = {
		{ "mistakes in paths and devices are named", test_paths, 0 },
		{ "what is a process's, or is kept out, cannot be seen", test_seen, 0 },
		{ "mistakes in calls, ioctls and capabilities are named", test_calls, 0 },
		{ "mistakes in limits and exit codes are named", test_numbers, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
