/* What a document says of the whole machine: its health, its model, its serial number. */
#include "derive.h"
#include "gather_made.h"
#include "health.h"
#include "tap.h"

#include <string.h>

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
