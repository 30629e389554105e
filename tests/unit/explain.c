/* What `bee policy explain` says is what the jail is told, tree by tree and node by node. */
#include "compile.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define HEAD "policy 1\ncollector t\nemits system\ndefault report ENOSYS\n"
#define FOLDERS " /usr/lib /usr/lib32 /usr/lib64 /etc/ld.so.cache"

static char said[65536];

static struct policy *parsed(const char *text)
{
	struct policy *policy = policy_parse("t", text, strlen(text), stderr);

	CHECK(policy);
	return policy;
}

static void explain(const struct policy *policy, const char *instance)
{
	FILE *out = fmemopen(said, sizeof(said), "w");

	CHECK(out);
	memset(said, 0, sizeof(said));
	policy_explain_step(policy, &policy->steps[0], instance, out);
	CHECK_INT(fclose(out), 0);
}

/* The absolute paths of a section: from its label to the next one, each after a blank. */
static void section(const char *label, char paths[2000])
{
	AUTO_FREE char *start = xasprintf("\n  %-13s", label);
	char *at = strstr(said, start);
	size_t used = 0;

	paths[0] = '\0';
	for (bool first = true; at && (first || !strncmp(at, "\n     ", 6));
	     first = false) {
		char *end = strchrnul(at + 1, '\n');

		for (char *word = at + 1; word < end;) {
			size_t len = strcspn(word, " ,\n");

			if (*word == '/')
				used += (size_t)snprintf(paths + used, 2000 - used,
							 " %.*s", (int)len, word);
			word += len + 1;
		}
		at = *end ? end : NULL;
	}
}

struct place {
	const char *text, *instance;
	const char *sees, *starts, *devices; /* paths, each after a blank */
};

/* What the compiled jail holds, as section() gives it. */
static void compiled(const struct jail *jail, bool start, char paths[2000])
{
	size_t used = 0;

	paths[0] = '\0';
	if (!start && jail->libraries)
		used = (size_t)snprintf(paths, 2000, FOLDERS);
	for (unsigned i = 0; i < jail->tree_count; i++)
		if ((jail->trees[i].use == JAIL_START) == start)
			used += (size_t)snprintf(paths + used, 2000 - used, " %s",
						 jail->trees[i].path);
}

static void check_places(const struct place *place)
{
	struct policy *policy = parsed(place->text);
	char have[2000], told[2000];
	struct jail jail;

	explain(policy, place->instance[0] ? place->instance : NULL);
	policy_jail(&policy->steps[0], place->instance, &jail);
	section("sees", told);
	CHECK_STR(told, place->sees);
	compiled(&jail, false, have);
	CHECK_STR(told, have);
	section("may start", told);
	CHECK_STR(told, place->starts);
	compiled(&jail, true, have);
	CHECK_STR(told, have);
	section("devices", told);
	CHECK_STR(told, place->devices);
	CHECK(jail.node_count == 0 || strstr(told, jail.nodes[jail.node_count - 1].path));
	policy_jail_done(&jail);
	policy_free(policy);
}

static void test_places(void)
{
	static const struct place steps[] = {
		{ HEAD "[s]\nread /sys/class/net/*/mtu /sys/bus/pci/{a,b}\n", "",
		  " /sys/class/net /sys/bus/pci /sys/devices", "", "" },
		{ HEAD "[s]\nread /sys/devices/*/mtu\n", "", " /sys/devices", "", "" },
		{ HEAD "[s]\nread /run/x/* /proc/cpuinfo /proc/driver/*\n", "",
		  " /run/x /proc/cpuinfo /proc/driver", "", "" },
		{ HEAD "[s]\nread /sys/kernel/uevent_seqnum /sys/kernel/mm/*\n", "",
		  " /sys/kernel/uevent_seqnum /sys/kernel/mm /sys/devices", "", "" },
		{ HEAD "[s] each /a/*\nread /a/{instance}/b/*/c\n", "i0", " /a/i0/b", "",
		  "" },
		{ HEAD
		  "[s] each /a/*\nrun x {instance}\nsee /a/{instance} /b # why\nsee? /c\n"
		  "device /dev/{instance} read\n",
		  "i0", FOLDERS " /a/i0 /b /c", "", " /dev/i0" },
		{ HEAD "[s]\nrun @x\nexec /usr/bin/a /usr/bin/b\nsee /proc/devices\n", "",
		  FOLDERS " /proc/devices", " /usr/bin/a /usr/bin/b", "" },
		{ HEAD "open read-write\n[s]\nrun @x\nsee /a\ndevice /dev/a /dev/b read\n"
		       "device? /dev/c readwrite major some_driver\n",
		  "", " /a", "", " /dev/a /dev/b /dev/c /proc/devices" },
		{ HEAD "[s]\nrun @x\n", "", "", "", "" },
		{ NULL, NULL, NULL, NULL, NULL },
	};

	for (const struct place *place = steps; place->text; place++)
		check_places(place);
}

/* Without an instance the words of the policy stay, and lead to the same folders. */
static void test_any_instance(void)
{
	struct policy *policy =
		parsed(HEAD "[s] each /a/*\nread /a/{instance}/b/{c,d}\n");
	char told[2000];

	explain(policy, NULL);
	section("sees", told);
	CHECK_STR(told, " /a/{instance}/b");
	policy_free(policy);
}

static void test_about(void)
{
	struct policy *policy = parsed("# One.\n# Two words.\n#\n\n#Three.\n" HEAD
				       "[s]\nrun x y\nnowake -n z\nreplay all.txt\n");
	FILE *out = fmemopen(said, sizeof(said), "w");

	CHECK(out);
	CHECK_STR(policy->about, "One.\nTwo words.\n\nThree.");
	policy_explain(policy, out);
	CHECK_INT(fclose(out), 0);
	CHECK(strstr(
		said,
		"\n  about        One. Two words.\n               Three.\n  emits "));
	CHECK(strstr(said, "\n  replay       all.txt of a captured folder"));
	CHECK(strstr(said, "\n  nowake       -n z before these arguments, with bee audit "
			   "--no-wake\n"));
	policy_free(policy);
}

static void test_major(void)
{
	struct policy *policy =
		parsed(HEAD "[s]\nrun @x\ndevice /dev/a read major some_driver\n"
			    "device? /dev/b read\n");
	struct jail jail;

	policy_jail(&policy->steps[0], "", &jail);
	CHECK_INT(jail.node_count, 2);
	CHECK_STR(jail.nodes[0].major, "some_driver");
	CHECK(!jail.nodes[1].major && !jail.nodes[0].optional && jail.nodes[1].optional);
	policy_jail_done(&jail);
	policy_free(policy);
}

/* Masks make every other code ok, wherever they stand; 0 is said where it is not the rest. */
static void test_exits(void)
{
	static const struct {
		const char *lines, *said;
	} list[] = {
		{ "exitmask 0x01 failed\nexit 9 absent\n",
		  "with a bit of 0x01: failed, 9: absent, others: ok\n" },
		{ "exit 9 absent\n", "9: absent, 0: ok, others: failed\n" },
		{ "exit 0 partial 9 absent\n",
		  "0: partial, 9: absent, others: failed\n" },
		{ "exit 0 ok\n", "0: ok, others: failed\n" },
		{ "", "0: ok, others: failed\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		AUTO_FREE char *text = xasprintf(HEAD "[s]\nrun x\n%s", list[i].lines);
		AUTO_FREE char *line = xasprintf("\n  exit code    %s", list[i].said);
		struct policy *policy = parsed(text);

		explain(policy, NULL);
		if (!strstr(said, line))
			tap_fail(__FILE__, __LINE__, "not said: %s", line);
		policy_free(policy);
	}
}

/* What each limit of the policy's is, in words. */
static void test_limits(void)
{
	struct policy *policy = parsed(
		HEAD "limits wall 3s  term 200ms  kill 1500ms  stdout 4M  stderr 64K  "
		     "memory 1G  tasks 2  files 64\n[s]\nrun x\n");
	char *at;

	explain(policy, "");
	at = strstr(said, "\n  time  ");
	CHECK(at && strstr(at, "\n  exit code"));
	*strstr(at, "\n  exit code") = '\0';
	CHECK_STR(at,
		  "\n  time         3 s to run; then TERM, 200 ms later KILL, 1500 ms "
		  "later it counts\n               as stuck"
		  "\n  limits       4 MiB of output, 64 KiB of messages, 1 GiB of "
		  "memory, 2 tasks, 64\n               files");
	policy_free(policy);
}

/* Device commands by line: what they are, each with its logs, and the line's reason once, behind. */
static void test_commands(void)
{
	struct policy *policy =
		parsed(HEAD "[s]\nrun x\ndevice /dev/null read # node\n"
			    "nvme-admin Identify Get_Log_Page:01h,02h,81h # first\n"
			    "nvme-admin Get_Features:06h # second\n");
	char *at, *end;

	explain(policy, "");
	at = strstr(said, "NVMe admin:");
	end = strstr(said, "\n  capabilities");
	CHECK(at && end && at < end);
	*end = '\0';
	for (char *c = at; *c; c++) /* lines are folded */
		if (*c == '\n')
			memmove(c, c + strspn(c + 1, " "),
				strlen(c + strspn(c + 1, " ")) + 1);
	CHECK_STR(at, "NVMe admin: Identify Get_Log_Page (01h, 02h, 81h) -- first "
		      "NVMe admin: Get_Features (06h) -- second");
	policy_free(policy);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "every tree and node of the jail is told, and no other", test_places,
		  0 },
		{ "a step for each of several devices is told once", test_any_instance,
		  0 },
		{ "the comment at a file's head is told", test_about, 0 },
		{ "the driver of a node goes to the jail", test_major, 0 },
		{ "exit codes are told with what the others mean", test_exits, 0 },
		{ "times and limits are told", test_limits, 0 },
		{ "device commands are explained line by line", test_commands, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
