/* Hostile records, and what becomes of a job's status. */
#include "gather_made.h"
#include "said.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static void test_refused(void)
{
	static char deep[300000], long_key[600];

	setup(1);
	refused("");
	refused("hello");
	refused("[]");
	refused("{}");
	refused("{\"type\":\"storage.drives\",\"key\":\"sda\"");
	refused("{\"type\":\"storage.drives\",\"key\":\"sda\",\"props\":[]}");
	refused("{\"type\":\"storage.drives\",\"key\":7,\"props\":{}}");
	refused("{\"type\":\"gpus\",\"key\":\"x\",\"props\":{}}");
	refused("{\"type\":\"nonsense\",\"key\":\"x\",\"props\":{}}");
	refused("{\"type\":\"storage.drives\",\"key\":\"x\",\"props\":{\"src\":[\"other/"
		"job\"]}}");
	refused("{\"type\":\"storage.drives\",\"key\":\"x\",\"key\":\"y\",\"props\":{}}");
	refused("{\"type\":\"storage.drives\",\"key\":\"x\",\"props\":{\"a\":1,\"a\":2}"
		"}");
	refused(GOOD " {}");
	refused("{\"type\":\"storage.drives\",\"key\":\"x\",\"props\":{\"a\":01}}");
	memset(deep, '[', 100000);
	refused(deep);
	(void)snprintf(long_key, sizeof(long_key),
		       "{\"type\":\"storage.drives\",\"key\":\"%0300d\",\"props\":{}}",
		       1);
	refused(long_key);
	CHECK_INT(gather.jobs[0].records, 0);
	check_status(0, JOB_FAILED);
	line(0, GOOD);
	check_status(0, JOB_PARTIAL);
	gather_done(&gather);
}

/* A killed process that is still runnable has had no processor to die on. */
static void test_killed_and_runnable(void)
{
	static const struct {
		const char *states;
		enum job_status status;
	} cases[] = {
		{ "RS", JOB_STARVED }, { "SR", JOB_STARVED }, { "DS", JOB_STUCK },
		{ "RDS", JOB_STUCK },  { "S", JOB_STUCK },    { "", JOB_STUCK },
	};

	setup(1);
	gather.jobs[0].end->status = JOB_STUCK;
	strcpy(gather.jobs[0].end->reason, "pid 7 was not reaped after KILL and grace");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		look_of(&gather.jobs[0].look, cases[i].states);
		check_status(0, cases[i].status);
	}
	gather_done(&gather);
}

/* A record of `levels` arrays and objects inside each other. */
static char *nested(unsigned levels)
{
	AUTO_FREE char *open = xcalloc(levels, 1), *closed = xcalloc(levels, 1);

	memset(open, '[', levels - 2);
	memset(closed, ']', levels - 2);
	return xasprintf("{\"type\":\"storage.drives\",\"key\":\"x\",\"props\":"
			 "{\"a\":%s%s}}",
			 open, closed);
}

static void test_depth(void)
{
	AUTO_FREE char *fits = nested(INTAKE_DEPTH_MAX);
	AUTO_FREE char *over = nested(INTAKE_DEPTH_MAX + 1);

	CHECK_INT(INTAKE_DEPTH_MAX, 32); /* as bee-audit.json(5) has it */
	setup(1);
	line(0, fits);
	CHECK(!gather.jobs[0].refused);
	CHECK_INT(gather.jobs[0].records, 1);
	refused(over);
	CHECK(strstr(gather.jobs[0].problems[0].reason, "deeper than 32") != NULL);
	gather_done(&gather);
}

static json_t *only_value(void)
{
	CHECK_INT(gather.merge.count, 1);
	return json_object_get(gather.merge.records[0].props, "a");
}

/* What can be carried without a guess is kept, and the document says what was done. */
static void test_mended(void)
{
	setup(1);
	line(0, "{\"type\":\"storage.drives\",\"key\":\"x\",\"props\":{\"a\":"
		"9223372036854775808}}");
	CHECK_STR(json_string_value(only_value()), "9223372036854775808");
	CHECK_INT(gather.jobs[0].problem_count, 1);
	check_status(0, JOB_OK);
	gather_done(&gather);
	setup(1);
	line(0, "{\"type\":\"storage.drives\",\"key\":\"x\",\"props\":{\"a\":"
		"\"\xff\\u001b\"}}");
	CHECK_STR(json_string_value(only_value()), "\\xff\\x1b");
	CHECK_INT(gather.jobs[0].problem_count, 1);
	gather_done(&gather);
}

static void test_status(void)
{
	setup(7);
	line(0, GOOD);
	check_status(0, JOB_OK);
	check_status(1, JOB_OK);
	gather.jobs[1].end->collector_exit = BEE_DATAERR;
	check_status(1, JOB_FAILED);
	line(1, GOOD);
	check_status(1, JOB_PARTIAL);
	gather.jobs[2].end->collector_signal = 11;
	line(2, GOOD);
	check_status(2, JOB_CRASHED);
	gather.jobs[3].end->status = JOB_FAILED;
	strcpy(gather.jobs[3].end->reason, "exit status 1");
	check_status(3, JOB_FAILED);
	line(3, GOOD);
	check_status(3, JOB_PARTIAL);
	gather.jobs[4].end->status = JOB_TIMEOUT;
	strcpy(gather.jobs[4].end->reason, "after 20 s");
	line(4, GOOD);
	check_status(4, JOB_TIMEOUT);
	free(gather.jobs[5].end);
	gather.jobs[5].end = NULL;
	check_status(5, JOB_SKIPPED);
	line(6,
	     "{\"type\":\"errors\",\"key\":\"line 3\",\"props\":{\"message\":\"no\"}}");
	line(6,
	     "{\"type\":\"errors\",\"key\":\"line 3\",\"props\":{\"message\":\"no\"}}");
	check_status(6, JOB_OK);
	CHECK_INT(gather.jobs[6].problem_count, 1);
	CHECK_INT(gather.jobs[6].problems[0].count, 2);
	gather_done(&gather);
}

/* A job of that tool whose stderr is `words`, and how it ends; the problems it has then. */
static unsigned says(const char *tool, const char *words, enum job_status status)
{
	struct gathered *job;
	unsigned count;

	setup(1);
	job = &gather.jobs[0];
	free(job->argv);
	job->argv = xstrdup(tool);
	job->argv_len = (uint32_t)strlen(tool) + 1;
	buffer_add(&job->error_text, 65536, words, strlen(words));
	job->end->status = (unsigned)status;
	job->end->exit_code = status == JOB_OK ? 0 : 1;
	strcpy(job->end->reason, status == JOB_OK ? "" : "the tool exited with 1");
	line(0, GOOD);
	said_look(&gather);
	check_status(0, status == JOB_OK && job->lost ? JOB_PARTIAL : status);
	CHECK(status != JOB_OK || job->lost == (job->problem_count > 0));
	count = job->problem_count;
	for (unsigned i = 0; i < count; i++)
		CHECK(strstr(words, job->problems[i].reason + strlen(tool) + 7) ||
		      strlen(words) > 200);
	gather_done(&gather);
	return count;
}

/* Sentences of dmi_table_decode and dmi_table in dmidecode.c, 3.4, where they go to stderr. */
static void test_said(void)
{
	static const char count[] = "Wrong DMI structures count: 94 announced, only ";
	AUTO_FREE char *one = xasprintf("%s93 decoded.\n", count);
	AUTO_FREE char *many = xasprintf("%s92 decoded.\n", count);
	AUTO_FREE char *broken = xasprintf(
		"Invalid entry length (0). DMI table is broken! Stop.\n\n%s", many);
	static char hostile[70000];

	CHECK_INT(says("dmidecode", broken, JOB_OK), 2);
	CHECK_INT(says("dmidecode", many, JOB_OK), 1);
	CHECK_INT(says("dmidecode", one, JOB_OK), 0);
	CHECK_INT(says("dmidecode", "Failed to read table, sorry.", JOB_OK), 1);
	CHECK_INT(says("dmidecode",
		       "Wrong DMI structures length: 900 bytes announced, only 64 bytes "
		       "available.\n",
		       JOB_OK),
		  1);
	CHECK_INT(says("dmidecode",
		       "Invalid entry length (16). Fixed up to 11.\nWrong DMI structures "
		       "length: 900 bytes announced, structures occupy 899 bytes.\n",
		       JOB_OK),
		  0);
	CHECK_INT(says("other", broken, JOB_OK), 0);
	CHECK_INT(says("nvme", "\n \nNVMe status: Invalid Log Page\nmore\n", JOB_PARTIAL),
		  1);
	CHECK_INT(says("nvme", "NVMe status: ABSENT", JOB_ABSENT), 0);
	CHECK_INT(says("nvme", " \n\r\n", JOB_PARTIAL), 0);
	memset(hostile, '9', sizeof(hostile) - 1);
	memcpy(hostile + 60000, count + strlen("Wrong DMI structures count: 94"), 17);
	CHECK_INT(says("nvme", hostile, JOB_PARTIAL), 1);
	CHECK_INT(says("dmidecode", hostile, JOB_OK), 0);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "records that break a rule are refused and the job says so",
		  test_refused, 0 },
		{ "a record may be nested 32 levels deep and no deeper", test_depth, 0 },
		{ "bytes that are no text and numbers too large are kept, and told",
		  test_mended, 0 },
		{ "a job's status follows from the monitor's word and its records",
		  test_status, 0 },
		{ "what was killed and waits for a processor is starved, not stuck",
		  test_killed_and_runnable, 0 },
		{ "a tool that says on stderr what it lost is heard", test_said, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
