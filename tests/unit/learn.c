/* bee-learn: from what a run was seen to do to a policy that is taken. */
#include "device_commands.h"
#include "tap.h"
#include "write.h"

#include <stdlib.h>
#include <string.h>

static char *words[] = { (char[]){ "nvme" }, (char[]){ "list" }, NULL };

static char *written(struct run_log *log, unsigned wanted)
{
	unsigned lost = 0;
	char *text = policy_write(log, "t", words, &lost);
	struct policy *policy = policy_parse("t.policy", text, strlen(text), stderr);

	CHECK_INT(lost, wanted);
	CHECK(policy != NULL);
	CHECK_INT((int)policy_lint(policy, stderr), 0);
	policy_free(policy);
	log_done(log);
	return text;
}

static void test_choices(void)
{
	struct run_log log = { .tasks_most = 1 };
	AUTO_FREE char *text = NULL;

	(void)log_add(&log, FIND_NODE, "/dev/nvme0", "nvme");
	(void)log_add(&log, FIND_COMMAND, "nvme-admin Get_Log_Page:02h", "nvme");
	(void)log_add(&log, FIND_COMMAND, "nvme-admin Identify", "nvme");
	(void)log_add(&log, FIND_COMMAND, "nvme-admin Get_Log_Page:03h", "nvme");
	text = written(&log, 0);
	CHECK(strstr(text, "\nnvme-admin Get_Log_Page:02h,03h  # sent by nvme\n"));
	CHECK(strstr(text, "\nnvme-admin Identify  # sent by nvme\n"));
}

static void test_refused(void)
{
	struct run_log log = { .tasks_most = 1 };
	AUTO_FREE char *text = NULL;
	int call = syscall_number("ptrace");

	call_add(log.calls, call);
	log.call_by[call] = xstrdup("nvme");
	(void)log_add(&log, FIND_PATH, "/proc/kcore", "nvme");
	(void)log_add(&log, FIND_PATH, "/etc/a b", "nvme");
	(void)log_add(&log, FIND_IOCTL, "0x5412", "nvme");
	text = written(&log, 4);
	CHECK(strstr(text, "\nanswer   ptrace EPERM"));
	CHECK(!strstr(text, "\nsee "));
	CHECK(!strstr(text, "\nioctl "));
}

/* The whole of a command tells which name it has. */
static void test_lines(void)
{
	static const struct {
		struct command command;
		const char *line;
	} cases[] = {
		/* The body of a group extension is in the data: PICMG 00h, VITA 03h. */
		{ { COMMAND_IPMI, COMMAND_IN, 4, 0, 272, 0, { 0x2c, 0, 0, 0 } },
		  "ipmi Get_PICMG_Properties" },
		{ { COMMAND_IPMI, COMMAND_IN, 4, 0, 272, 0, { 0x2c, 0, 0, 3 } },
		  "ipmi Get_VSO_Capabilities" },
		{ { COMMAND_SCSI, COMMAND_IN, 6, 0, 36, 0, { 0x12, 0, 0, 0, 36, 0 } },
		  "scsi INQUIRY" },
		{ { COMMAND_SCSI, COMMAND_IN, 10, 0, 512, 0, { 0x28 } }, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char line[96] = "";
		bool found = command_line_of(&cases[i].command, NULL, line, sizeof(line));

		CHECK(found == (cases[i].line != NULL));
		CHECK_STR(line, found ? cases[i].line : "");
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what was chosen of a command is one word", test_choices, 0 },
		{ "what no policy grants is said, and not granted", test_refused, 0 },
		{ "a command has the name that lets it through", test_lines, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
