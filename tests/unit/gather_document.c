/* Hostile records, what becomes of a job's status, and the document's size. */
#include "derive.h"
#include "health.h"
#include "intake.h"
#include "record.h"
#include "said.h"
#include "tap.h"
#include "values.h"
#include "verdict.h"
#include "write_document.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct gather gather;

static void setup(unsigned jobs)
{
	struct gather_job entry = { .policy = 0 };

	intake_init();
	gather.policies = xcalloc(1, sizeof(*gather.policies));
	gather.policy_count = 1;
	strcpy(gather.policies[0].collector, "storage");
	gather.policies[0].emits = UINT64_C(1) << record_type_find("storage.drives");
	for (unsigned i = 0; i < jobs; i++) {
		(void)snprintf(entry.name, sizeof(entry.name), "storage/smart@sd%u", i);
		CHECK_INT(gather_add_job(&gather, &entry), 0);
		gather.jobs[i].had_pipes = true;
		gather.jobs[i].end = xcalloc(1, sizeof(struct gather_end));
		gather.jobs[i].end->exit_code = -1;
	}
}

static void line(uint32_t job, const char *text)
{
	intake_line(&gather, job, text, strlen(text));
}

static void check_status(uint32_t job, enum job_status status)
{
	struct verdict verdict = verdict_of(&gather.jobs[job]);

	CHECK_STR(job_status_names[verdict.status], job_status_names[status]);
	CHECK(status == JOB_OK || *verdict.reason);
	free(verdict.reason);
}

#define GOOD "{\"type\":\"storage.drives\",\"key\":\"sda\",\"props\":{\"a\":1}}"

static void refused(const char *text)
{
	uint64_t kept = gather.jobs[0].records;

	gather.jobs[0].refused = false;
	line(0, text);
	if (!gather.jobs[0].refused || gather.jobs[0].records != kept)
		tap_fail(__FILE__, __LINE__, "kept: %.80s", text);
}

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

/* The states of proc_pid_stat(5), each process with its six fields. */
static void look_of(struct buffer *look, const char *states)
{
	static const char before[] = "7\0"
				     "99\0"
				     "smartctl\0",
			  after[] = "\0"
				    "0\0"
				    "\0";
	buffer_drop(look);
	for (; *states; states++) {
		buffer_add(look, 65536, before, sizeof(before) - 1);
		buffer_add(look, 65536, states, 1);
		buffer_add(look, 65536, after, sizeof(after));
	}
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

static void test_problems_are_bounded(void)
{
	setup(1);
	for (int i = 0; i < 1000; i++) {
		char text[128];

		(void)snprintf(
			text, sizeof(text),
			"{\"type\":\"errors\",\"key\":\"%d\",\"props\":{\"message\":1}}",
			i);
		line(0, text);
	}
	CHECK_INT(gather.jobs[0].problem_count, GATHER_PROBLEMS_MAX);
	CHECK_INT(gather.jobs[0].problems[GATHER_PROBLEMS_MAX - 1].count,
		  1000 - GATHER_PROBLEMS_MAX + 1);
	gather_done(&gather);
}

/* A line of 1 MiB of "[]," takes some forty times that when it is parsed. */
static void test_memory(void)
{
	static char text[1 << 20];
	size_t len;

	setup(2);
	len = (size_t)snprintf(text, sizeof(text),
			       "{\"type\":\"storage.drives\",\"key\":\"sda\","
			       "\"props\":{\"a\":[[]");
	while (len + 8 < sizeof(text)) {
		memcpy(text + len, ",[]", 3);
		len += 3;
	}
	memcpy(text + len, "]}}", 4);
	for (int i = 0; i < 8; i++)
		line(0, text);
	CHECK(gather.jobs[0].refused);
	CHECK(gather.jobs[0].memory <= INTAKE_JOB_MEMORY);
	CHECK(gather.jobs[0].records < 8);
	line(1, GOOD);
	CHECK_INT(gather.jobs[1].records, 1);
	check_status(1, JOB_OK);
	gather_done(&gather);
}

static struct gather_reply reply; /* of the last document */

static json_t *written(uint64_t max, uint64_t *bytes)
{
	static char text[8 << 20];
	char path[] = "/tmp/bee-gather-test-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);
	json_error_t error;
	json_t *document;

	CHECK(fd >= 0);
	(void)unlink(path);
	CHECK_INT(document_write(&gather, fd, max, &reply), 0);
	CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
	/* json_loadfd(3) asks for one byte at a time. */
	CHECK_INT(read_full(fd, text, sizeof(text)), reply.document_bytes);
	document = json_loadb(text, reply.document_bytes, JSON_REJECT_DUPLICATES, &error);
	CHECK(document != NULL);
	close(fd);
	*bytes = reply.document_bytes;
	return document;
}

/* The monitor called both stuck: one word for each, also where it says which jobs are the worst. */
static void test_told(void)
{
	uint64_t bytes;

	setup(10);
	for (unsigned i = 0; i < 10; i++)
		gather.jobs[i].end->status = i == 3 || i == 9 ? JOB_STUCK : JOB_STARVED;
	look_of(&gather.jobs[3].look, "D");
	look_of(&gather.jobs[9].look, "R");
	json_decref(written(UINT64_MAX, &bytes));
	CHECK_INT(reply.incomplete, 10);
	for (size_t i = 0; i < sizeof(reply.starved); i++)
		CHECK_INT(reply.starved[i], i == 1 ? 1 << 1 : 0);
	gather_done(&gather);
}

static void test_too_large(void)
{
	static char text[70000];
	json_t *document, *entries;
	uint64_t bytes;

	setup(3);
	(void)snprintf(text, sizeof(text),
		       "{\"type\":\"storage.drives\",\"key\":\"big\",\"props\":{\"a\":\"%"
		       "060000d\"}}",
		       1);
	line(1, text);
	line(2, GOOD);
	document = written(20000, &bytes);
	CHECK(bytes <= 20000);
	entries = json_object_get(document, "collectors");
	CHECK_STR(
		json_string_value(json_object_get(json_array_get(entries, 1), "status")),
		"truncated");
	CHECK_STR(
		json_string_value(json_object_get(json_array_get(entries, 2), "status")),
		"ok");
	CHECK_INT(json_array_size(json_object_get(json_object_get(document, "storage"),
						  "drives")),
		  1);
	CHECK_INT(json_array_size(json_object_get(document, "errors")), 1);
	json_decref(document);
	document = written(1000, &bytes); /* even the statuses are more than that */
	CHECK_INT(json_array_size(json_object_get(document, "collectors")), 3);
	json_decref(document);
	gather_done(&gather);
}

/* As on a machine of thousands of disks: there is half a second for all of it. */
static void test_many_too_large(void)
{
	static char text[4000];
	json_t *document;
	uint64_t bytes;
	size_t drives;

	setup(2000);
	for (unsigned i = 0; i < 2000; i++) {
		(void)snprintf(text, sizeof(text),
			       "{\"type\":\"storage.drives\",\"key\":\"sd%u\",\"props\":{"
			       "\"a\":\"%03000u\"}}",
			       i, i);
		line(i, text);
	}
	document = written(4000000, &bytes);
	CHECK(bytes <= 4000000);
	drives = json_array_size(
		json_object_get(json_object_get(document, "storage"), "drives"));
	CHECK(drives > 500);
	json_decref(document);
	gather_done(&gather);
}

static void test_ascii(void)
{
	AUTO_FREE char *text = NULL;
	json_t *document;
	uint64_t bytes;

	setup(1);
	line(0, "{\"type\":\"storage.drives\",\"key\":\"sda\",\"props\":{\"model\":"
		"\"\\u001b[31m\xc2\x9b\xe2\x80\xae\"}}");
	document = written(100000, &bytes);
	text = json_dumps(document, JSON_ENSURE_ASCII);
	CHECK(strstr(text, "\\\\x1b[31m\\\\xc2\\\\x9b\\\\xe2\\\\x80\\\\xae") != NULL);
	json_decref(document);
	gather_done(&gather);
}

static void check_time(int64_t unix_ms, const char *wanted)
{
	AUTO_JSON json_t *time = value_time(unix_ms);

	CHECK_STR(json_string_value(time), wanted);
}

static void test_time(void)
{
	check_time(0, "1970-01-01T00:00:00.000Z");
	check_time(INT64_C(951782399999), "2000-02-28T23:59:59.999Z");
	check_time(INT64_C(951782400000), "2000-02-29T00:00:00.000Z");
	check_time(INT64_C(951868800000), "2000-03-01T00:00:00.000Z");
	check_time(INT64_C(1735689599000), "2024-12-31T23:59:59.000Z");
	check_time(INT64_C(4107542400000), "2100-03-01T00:00:00.000Z");
	check_time(INT64_C(253402300799999), "9999-12-31T23:59:59.999Z");
	check_time(INT64_C(253402300800000), NULL);
	check_time(-1, NULL);
}

static const char *health_of(const char *document_text_)
{
	AUTO_JSON json_t *document = json_loads(document_text_, 0, NULL);
	AUTO_JSON json_t *health = NULL;
	struct findings findings;
	static char rollup[16];

	CHECK(document != NULL);
	findings_build(&findings, document);
	health = health_build(document, &gather, NULL, &findings);
	findings_done(&findings);
	(void)snprintf(rollup, sizeof(rollup), "%s",
		       json_string_value(json_object_get(health, "rollup")));
	return rollup;
}

static void test_health(void)
{
	CHECK_STR(health_of("{}"), "Unknown");
	CHECK_STR(health_of("{\"storage\":{\"drives\":[{\"health\":\"OK\"}]}}"), "OK");
	CHECK_STR(health_of("{\"storage\":{\"drives\":[{\"health\":\"OK\"},{}]}}"),
		  "Unknown");
	CHECK_STR(health_of("{\"storage\":{\"drives\":[{\"health\":\"OK\"},{\"state\":"
			    "\"Absent\"}]}}"),
		  "OK");
	CHECK_STR(health_of("{\"storage\":{\"drives\":[{\"health\":\"Critical\"},{}]},"
			    "\"gpus\":[{\"health\":\"Warning\"}]}"),
		  "Critical");
	CHECK_STR(health_of("{\"gpus\":[{\"health\":\"Warning\"},{\"health\":\"OK\"}]}"),
		  "Warning");
	/* A finding of Warning, and nothing wrong with the drive's own word. */
	CHECK_STR(
		health_of("{\"storage\":{\"drives\":[{\"key\":\"sda\",\"health\":\"OK\","
			  "\"pending_sector_count\":1}]}}"),
		"Warning");
	CHECK_STR(
		health_of("{\"storage\":{\"drives\":[{\"key\":\"sda\",\"health\":\"OK\","
			  "\"reallocated_sector_count\":1}]}}"),
		"OK");
}

/* Nobody knows what a job without a processor would have said. */
static void check_rollup(const char *drive, const char *wanted)
{
	AUTO_FREE char *text =
		xasprintf("{\"storage\":{\"drives\":[{\"key\":\"a\"%s}]}}", drive);
	AUTO_JSON json_t *document = json_loads(text, 0, NULL);
	const json_t *storage = json_object_get(document, "storage"), *value;
	struct findings findings;

	findings_build(&findings, document);
	/* A document that is too large is built twice from the same records. */
	health_put_rollups(document, &findings);
	health_put_rollups(document, &findings);
	findings_done(&findings);
	value = json_object_get(json_array_get(json_object_get(storage, "drives"), 0),
				"health_rollup");
	CHECK_STR(!value                ? "missing"
		  : json_is_null(value) ? "null"
					: json_string_value(value),
		  wanted);
}

static void test_rollup(void)
{
	check_rollup("", "missing");
	check_rollup(",\"health_rollup\":\"OK\"", "missing");
	check_rollup(",\"health\":null", "null");
	check_rollup(",\"health\":\"OK\"", "OK");
	check_rollup(",\"health\":\"OK\",\"pending_sector_count\":1", "Warning");
	check_rollup(",\"pending_sector_count\":1", "Warning");
	check_rollup(",\"health\":\"Critical\",\"pending_sector_count\":1", "Critical");
	/* What is information makes nobody well. */
	check_rollup(",\"reallocated_sector_count\":1", "missing");
}

static void test_starved(void)
{
	AUTO_JSON json_t *document =
		json_loads("{\"storage\":{\"drives\":[{\"health\":\"OK\"}]}}", 0, NULL);
	struct verdict verdict = { JOB_STARVED, NULL };
	AUTO_JSON json_t *health = NULL;
	struct findings findings;

	setup(1);
	gather.jobs[0].end->status = JOB_STARVED;
	strcpy(gather.jobs[0].end->reason, "waited for a processor");
	line(0, GOOD);
	check_status(0, JOB_STARVED);
	CHECK(verdict_incomplete(JOB_STARVED));
	gather_sort(&gather);
	findings_build(&findings, document);
	health = health_build(document, &gather, &verdict, &findings);
	findings_done(&findings);
	CHECK_STR(json_string_value(json_object_get(health, "rollup")), "Unknown");
	CHECK_STR(json_string_value(
			  json_array_get(json_object_get(health, "unassessed"), 0)),
		  "storage/smart@sd0");
	gather_done(&gather);
}

static void test_identity(void)
{
	AUTO_JSON json_t *document = json_loads(
		"{\"system\":{\"manufacturer\":\"Dell "
		"Inc.\",\"model\":\"R640\",\"uuid\":null,"
		"\"serial_number\":null},\"chassis\":[{\"serial_number\":"
		"null},{\"serial_number\":\"CH7\",\"model\":\"no\"}],\"baseboards\":[{"
		"\"serial_number\":\"BB1\"}]}",
		0, NULL);
	AUTO_JSON json_t *identity = derive_identity(document);
	AUTO_FREE char *text = json_dumps(identity, JSON_SORT_KEYS | JSON_COMPACT);

	CHECK_STR(text,
		  "{\"manufacturer\":\"Dell Inc.\",\"model\":\"R640\",\"serial_number\":"
		  "\"CH7\",\"sources\":{\"manufacturer\":\"system\",\"model\":\"system\","
		  "\"serial_number\":\"chassis\"},\"uuid\":null}");
}

static void check_model(const char *system, const char *board, const char *model,
			const char *source)
{
	AUTO_FREE char *text = xasprintf(
		"{\"system\":{%s},\"baseboards\":[{\"product\":%s}]}", system, board);
	AUTO_JSON json_t *document = json_loads(text, 0, NULL);
	AUTO_JSON json_t *identity = derive_identity(document);

	CHECK_STR(json_string_value(json_object_get(identity, "model")), model);
	CHECK_STR(json_string_value(
			  json_object_get(json_object_get(identity, "sources"), "model")),
		  source);
}

#define LENOVO "\"manufacturer\":\"LENOVO\","
#define MODEL(text) "\"model\":\"" text "\""

/* As these machines' makers have it: Supermicro's X10SRi-F, Lenovo's P720 (30BB) and SR650. */
static void test_model(void)
{
	check_model(MODEL("Super Server"), "\"X10SRi-F\"", "X10SRi-F", "baseboards");
	check_model(MODEL("SERVER"), "\"S7025\"", "S7025", "baseboards");
	check_model(MODEL("Super Server"), "null", "Super Server", "system");
	check_model(MODEL("SYS-6029P-WTRT"), "\"X11DPU\"", "SYS-6029P-WTRT", "system");
	check_model(LENOVO MODEL("30BBS1PF00") ",\"version\":\"ThinkStation P720\"",
		    "\"1037\"", "ThinkStation P720", "system");
	check_model(LENOVO MODEL("30BBS1PF00") ",\"version\":\"07\"", "\"1037\"",
		    "30BBS1PF00", "system");
	check_model(LENOVO MODEL("ThinkSystem SR650") ",\"version\":\"Rev a\"",
		    "\"7X06CTO1WW\"", "ThinkSystem SR650", "system");
	check_model(MODEL("30BBS1PF00") ",\"version\":\"Rev a\"", "\"1037\"",
		    "30BBS1PF00", "system");
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
		{ "and the monitor is told so", test_told, 0 },
		{ "a tool that says on stderr what it lost is heard", test_said, 0 },
		{ "a thousand notes are 32 entries", test_problems_are_bounded, 0 },
		{ "a job that takes all memory costs only its own records", test_memory,
		  60 },
		{ "a document that is too large loses the largest job's records",
		  test_too_large, 0 },
		{ "a document that is far too large is cut in a few turns",
		  test_many_too_large, 0 },
		{ "the document is ASCII", test_ascii, 0 },
		{ "times are right around leap days and to the year 9999", test_time, 0 },
		{ "health is the worst that was said, and Unknown where one was silent",
		  test_health, 0 },
		{ "a record has the worse of its source's word and the findings'",
		  test_rollup, 0 },
		{ "a job that was starved is not assessed, and incomplete", test_starved,
		  0 },
		{ "where the system has no serial number the chassis is asked",
		  test_identity, 0 },
		{ "the model is what people call the machine", test_model, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
