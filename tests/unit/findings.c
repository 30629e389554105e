/* Every rule on a record that it is made for, and on one just below it. */
#include "findings.h"
#include "findings_examples.h"
#include "merge.h"
#include "record.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static json_t *document_of(const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);
	json_error_t error;
	json_t *document;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	document = json_loads(copy, 0, &error);
	if (!document)
		tap_fail(__FILE__, __LINE__, "%s: %s", text, error.text);
	return document;
}

/* The list; the counts where somebody wants them. */
static json_t *found(const json_t *document, unsigned *counts)
{
	struct findings findings;
	json_t *list;

	findings_build(&findings, document);
	list = json_incref(findings.list);
	if (counts)
		memcpy(counts, findings.counts, sizeof(findings.counts));
	findings_done(&findings);
	return list;
}

static unsigned count_of(const char *text, const char *id)
{
	AUTO_JSON json_t *document = document_of(text);
	unsigned counts[SEVERITY_COUNT], seen = 0;
	AUTO_JSON json_t *findings = found(document, counts);
	json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding) seen += rule_is(finding, "id", id);
	return seen;
}

static const struct rule *find_rule(const char *id)
{
	for (int t = 0; rule_tables[t]; t++)
		for (const struct rule *rule = rule_tables[t]; rule->id; rule++)
			if (!strcmp(rule->id, id))
				return rule;
	return NULL;
}

static void test_examples(void)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		const struct example *e = &examples[i];

		if (!find_rule(e->id))
			tap_fail(__FILE__, __LINE__, "no rule %s", e->id);
		if (count_of(e->fires, e->id) != 1) {
			printf("# %s does not fire once: %s\n", e->id, e->fires);
			wrong++;
		}
		if (count_of(e->stays_silent, e->id) != 0) {
			printf("# %s fires: %s\n", e->id, e->stays_silent);
			wrong++;
		}
	}
	CHECK_INT(wrong, 0);
}

/* A rule that nobody tried is a rule that nobody knows. */
static void test_complete(void)
{
	for (int t = 0; rule_tables[t]; t++) {
		for (const struct rule *rule = rule_tables[t]; rule->id; rule++) {
			unsigned seen = 0;

			for (size_t i = 0; i < ARRAY_LEN(examples); i++)
				seen += !strcmp(examples[i].id, rule->id);
			if (seen != 1)
				tap_fail(__FILE__, __LINE__, "%s has %u examples",
					 rule->id, seen);
			CHECK(find_rule(rule->id) == rule);
			CHECK(rule->condition && rule->message && rule->resolution);
			CHECK(rule->source && rule->check);
			CHECK(!rule->jobs || rule->type);
			CHECK(rule->share <= SHARE_OFTEN ||
			      rule->severity == SEVERITY_OK);
		}
	}
}

/* {name} in a message is a property the rule names, or one its check puts there. */
static void test_messages(void)
{
	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		AUTO_JSON json_t *document = document_of(examples[i].fires);
		unsigned counts[SEVERITY_COUNT];
		AUTO_JSON json_t *findings = found(document, counts);
		json_t *finding;
		size_t n;

		json_array_foreach(findings, n, finding)
		{
			const char *message = rule_text(finding, "message");

			CHECK(message != NULL);
			if (strpbrk(message, "{}[]?"))
				tap_fail(__FILE__, __LINE__, "%s", message);
			CHECK(json_is_object(json_object_get(finding, "evidence")));
		}
	}
}

static void test_nothing(void)
{
	unsigned counts[SEVERITY_COUNT];
	AUTO_JSON json_t *nothing = json_object();
	AUTO_JSON json_t *odd = document_of(
		"{'storage':{'drives':[7,null,'x',[],{},{'key':7,'health':[]},{'key':'a',"
		"'capacity_bytes':'many','temperature_celsius':{},'conflicts':3}]},'pcie'"
		":[],"
		"'memory':{'modules':{'no':'list'},'summary':[]},'gpus':[{'ecc_errors':[]"
		"}],"
		"'cpu':3,'collectors':{},'chassis':'x','power_supplies':[[]]}");
	AUTO_JSON json_t *none = found(nothing, counts);
	AUTO_JSON json_t *few = NULL;

	CHECK_INT(json_array_size(none), 0);
	CHECK_INT(counts[SEVERITY_OK] + counts[SEVERITY_WARNING], 0);
	few = found(odd, counts);
	CHECK_INT(json_array_size(few), 0);
}

/* A job's time on the clock is not always time that its device had. */
static void test_busy_machine(void)
{
#define SLOW "'step':'smart','instance':'sda','status':'timeout','duration_ms':"
	CHECK_INT(count_of(JOB("storage", "'instance':'sda','status':'starved',"
					  "'duration_ms':20000"),
			   "drive-slow-to-answer"),
		  0);
	CHECK_INT(count_of(JOB("storage", "'instance':'sda','status':'starved',"
					  "'stuck':[{'wchan':'x'}]"),
			   "drive-not-answering"),
		  0);
	CHECK_INT(count_of("{'audit':{'stopped_ms':1000},'collectors':[{'collector':"
			   "'storage'," SLOW "5999}]}",
			   "drive-slow-to-answer"),
		  0);
	CHECK_INT(count_of("{'audit':{'stopped_ms':1000},'collectors':[{'collector':"
			   "'storage'," SLOW "6000}]}",
			   "drive-slow-to-answer"),
		  1);
}

/* Two steps may hang on one device, and another collector's instance may have its name. */
static void test_jobs_of_one_device(void)
{
#define HUNG(collector, instance)                                                        \
	"{'collector':'" collector "','step':'smart','instance':'" instance              \
	"','status':'stuck','stuck':[{'wchan':'x'}]}"
	CHECK_INT(count_of("{'collectors':[" HUNG("storage", "sda") "," HUNG(
				   "storage", "sda") "," HUNG("storage", "sdb") "]}",
			   "drive-not-answering"),
		  2);
	CHECK_INT(count_of("{'collectors':[" HUNG("network", "sda") "]}",
			   "drive-not-answering"),
		  0);
}

/* Ports that lead to each other, and a chain with no end: neither may hang us. */
static void test_circles(void)
{
	AUTO_JSON json_t *document = document_of(
		"{'pcie':{'devices':[{'key':'a','upstream_port':'b'," X8_OF_16 DISPLAY
		"},{'key':'b','upstream_port':'a'," X8_OF_16 DISPLAY "}]}}");
	unsigned counts[SEVERITY_COUNT];
	AUTO_JSON json_t *findings = found(document, counts);

	CHECK_INT(json_array_size(findings), 0);
}

/* The switch's own bus is no link, and neither is what its lower port says of the other
 * side. */
static void test_levels(void)
{
	CHECK_INT(count_of("{'pcie':{'devices':[{'key':'0000:00:01.0'," X8_OF_16
			   "},{'key':'0000:01:00.0','upstream_port':'0000:00:01.0',"
			   "'max_link_width_lanes':16},{'key':'0000:02:00.0','upstream_"
			   "port':"
			   "'0000:01:00.0'," X8_OF_16 "}]}}",
			   "pcie-link-narrow"),
		  0);
	/* The second function of a device shares the first one's link. */
	CHECK_INT(count_of("{'pcie':{'devices':[{'key':'0000:00:01.0',"
			   "'max_link_width_lanes':16},{'key':'0000:01:00.0','upstream_"
			   "port':"
			   "'0000:00:01.0'," X8_OF_16
			   "},{'key':'0000:01:00.1','upstream_port':"
			   "'0000:00:01.0'," X8_OF_16 "}]}}",
			   "pcie-link-narrow"),
		  1);
}

static const struct {
	const char *key, *job, *props;
} given[] = {
	{ "sda", "storage/smart@sda",
	  "{\"pending_sector_count\":3,\"serial_number\":\"A\"}" },
	{ "sda", "storage/lsblk", "{\"serial_number\":\"B\"}" },
	{ "sdb", "storage/smart@sdb", "{\"health\":\"Critical\"}" },
	{ "sdc", "storage/smart@sdc", "{\"health\":\"OK\",\"pending_sector_count\":1}" },
};

static char *found_in_order(const unsigned order[ARRAY_LEN(given)])
{
	AUTO_JSON json_t *document = json_object(), *storage = json_object();
	unsigned counts[SEVERITY_COUNT];
	AUTO_JSON json_t *findings = NULL;
	struct merge merge = { 0 };

	for (unsigned i = 0; i < ARRAY_LEN(given); i++)
		merge_add(&merge, record_type_find("storage.drives"), given[order[i]].key,
			  json_loads(given[order[i]].props, 0, NULL), given[order[i]].job,
			  order[i], 0);
	merge_sort(&merge);
	json_put(storage, "drives",
		 merge_type(&merge, record_type_find("storage.drives")));
	json_put(document, "storage", json_incref(storage));
	findings = found(document, counts);
	merge_done(&merge);
	return json_dumps(findings, JSON_SORT_KEYS | JSON_COMPACT);
}

static void test_order(void)
{
	static const unsigned orders[][ARRAY_LEN(given)] = {
		{ 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 1, 3, 0, 2 }, { 2, 0, 3, 1 }
	};
	AUTO_FREE char *first = found_in_order(orders[0]);
	const char *failing = strstr(first, "drive-failing");
	const char *pending = strstr(first, "drive-pending-sectors");

	for (size_t i = 1; i < ARRAY_LEN(orders); i++) {
		AUTO_FREE char *text = found_in_order(orders[i]);

		CHECK_STR(text, first);
	}
	CHECK(failing && pending && failing < pending);
	CHECK(strstr(first, "serial-numbers-conflict") != NULL);
}

static void test_many(void)
{
	AUTO_JSON json_t *document = document_of("{'storage':{'drives':[]}}");
	json_t *drives = json_object_get(json_object_get(document, "storage"), "drives");
	unsigned counts[SEVERITY_COUNT];
	AUTO_JSON json_t *findings = NULL;

	for (int i = 0; i < FINDINGS_MAX + 10; i++) {
		AUTO_FREE char *key = xasprintf("sd%d", i);
		json_t *drive = json_object();

		json_put(drive, "key", json_string(key));
		json_put(drive, "reallocated_sector_count", json_integer(5));
		if (i == FINDINGS_MAX)
			json_put(drive, "health", json_string("Critical"));
		json_push(drives, drive);
	}
	findings = found(document, counts);
	CHECK_INT(json_array_size(findings), FINDINGS_MAX);
	CHECK_INT(counts[SEVERITY_OK], FINDINGS_MAX + 10);
	CHECK_INT(counts[SEVERITY_CRITICAL], 1);
	CHECK_STR(rule_text(json_array_get(findings, 0), "id"), "drive-failing");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "every rule fires on its example and not just below it", test_examples,
		  0 },
		{ "every rule has an example, words and an id of its own", test_complete,
		  0 },
		{ "messages name what is in the evidence", test_messages, 0 },
		{ "nothing is said of what was not collected, or is of another type",
		  test_nothing, 0 },
		{ "a job that was starved, or stopped with the audit, is no finding",
		  test_busy_machine, 0 },
		{ "two jobs that hang on one device are one finding, and only of the "
		  "rule's collector",
		  test_jobs_of_one_device, 0 },
		{ "PCI ports in a circle are no link", test_circles, 0 },
		{ "only the lower end of a link is judged, once", test_levels, 0 },
		{ "the order of records changes nothing, and the worst stand first",
		  test_order, 0 },
		{ "a thousand findings are listed and all are counted", test_many, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
