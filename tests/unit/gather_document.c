/* The document as it is written: when it is too large, in ASCII, with right times, and what becomes of too many records. */
#include "gather_made.h"
#include "tap.h"
#include "values.h"
#include "write_document.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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

int main(void)
{
	static const struct tap_test tests[] = {
		{ "and the monitor is told so", test_told, 0 },
		{ "a thousand notes are 32 entries", test_problems_are_bounded, 0 },
		{ "a job that takes all memory costs only its own records", test_memory,
		  60 },
		{ "a document that is too large loses the largest job's records",
		  test_too_large, 0 },
		{ "a document that is far too large is cut in a few turns",
		  test_many_too_large, 0 },
		{ "the document is ASCII", test_ascii, 0 },
		{ "times are right around leap days and to the year 9999", test_time, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
