/*
 * Every rule on a record that it is made for, and on one just below it; doc/findings.md
 * lists the rules as they are. ACCEPT=1 writes its table anew.
 */
#include "gather_findings.h"
#include "gather_merge.h"
#include "record.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define DRIVE(props) "{'storage':{'drives':[{'key':'sda'," props "}]}}"
#define JOB(collector, props) "{'collectors':[{'collector':'" collector "'," props "}]}"
#define GPU(props) "{'gpus':[{'key':'0000:18:00.0'," props "}]}"
#define MODULE(props)                                                                    \
	"{'state':'Enabled','system_memory':true,'capacity_bytes':1024," props "}"
#define TWO_MODULES(a, b) "{'memory':{'modules':[" MODULE(a) "," MODULE(b) "]}}"
#define MEMORY(list, props) "{'memory':{'" list "':[{'key':'m'," props "}]}}"
#define CPUS(a, b) "{'processors':[{'key':'a'," a "},{'key':'b'," b "}]}"
#define SUPPLIES(list) "{'power_supplies':[" list "]}"
#define NIC(props) "{'network':{'interfaces':[{'key':'eth0'," props "}]}}"
#define CHASSIS(props) "{'chassis':[{'key':'0x0003'," props "}]}"

/* A root port, a switch below it, and a device below that; the link of the device. */
#define PCIE(device, port)                                                               \
	"{'pcie':{'devices':[{'key':'0000:00:01.0'},"                                    \
	"{'key':'0000:01:00.0','upstream_port':'0000:00:01.0'},"                         \
	"{'key':'0000:02:00.0','upstream_port':'0000:01:00.0'," port "},"                \
	"{'key':'0000:03:00.0','upstream_port':'0000:02:00.0'," device "}]}}"
#define X8_OF_16 "'link_width_lanes':8,'max_link_width_lanes':16"
#define GEN3_OF_4 "'link_speed_gtps':8,'max_link_speed_gtps':16"
#define DISPLAY ",'class_code':'0x030200'"
#define NVIDIA(gpus)                                                                     \
	"{'pcie':{'devices':[{'key':'0000:18:00.0','vendor_id':'0x10de','driver':"       \
	"'nvidia'" DISPLAY "}]},'gpus':[" gpus "],'collectors':[{'collector':'nvidia',"  \
	"'job':'nvidia/smi','status':'ok'}]}"

/* Single quotes stand for double ones. */
static const struct example {
	const char *id, *fires, *stays_silent;
} examples[] = {
	{ "drive-failing", DRIVE("'health':'Critical'"),
	  DRIVE("'health':'Critical','critical_warnings':['x']") },
	{ "drive-critical-warning", DRIVE("'critical_warnings':['media read only']"),
	  DRIVE("'critical_warnings':[]") },
	{ "drive-offline", DRIVE("'device_state':'offline'"),
	  DRIVE("'device_state':'running'") },
	{ "drive-not-answering",
	  JOB("storage", "'instance':'sda','status':'stuck','stuck':[{'wchan':'x'}]"),
	  JOB("storage", "'status':'stuck','stuck':[{'wchan':'x'}]") },
	{ "drive-slow-to-answer",
	  JOB("storage", "'instance':'sda','status':'timeout','duration_ms':5000"),
	  JOB("storage", "'instance':'sda','status':'timeout','duration_ms':4999") },
	{ "drive-attribute-failed", DRIVE("'health':'Warning'"), DRIVE("'health':'OK'") },
	{ "drive-pending-sectors", DRIVE("'pending_sector_count':1"),
	  DRIVE("'pending_sector_count':0") },
	{ "drive-pending-defects", DRIVE("'pending_defect_count':1"),
	  DRIVE("'pending_defect_count':null") },
	{ "drive-uncorrectable-sectors", DRIVE("'uncorrectable_sector_count':1"),
	  DRIVE("'uncorrectable_sector_count':0") },
	{ "drive-uncorrected-reads", DRIVE("'uncorrected_read_errors':1"),
	  DRIVE("'uncorrected_read_errors':0") },
	{ "drive-uncorrected-writes", DRIVE("'uncorrected_write_errors':1"),
	  DRIVE("'uncorrected_write_errors':0") },
	{ "drive-media-errors", DRIVE("'media_errors':'340282366920938463463374607431'"),
	  DRIVE("'media_errors':'none'") },
	{ "drive-many-reallocated-sectors", DRIVE("'reallocated_sector_count':100"),
	  DRIVE("'reallocated_sector_count':99") },
	{ "drive-many-grown-defects", DRIVE("'grown_defect_count':100"),
	  DRIVE("'grown_defect_count':100,'media_type':'SSD'") },
	{ "drive-spare-low",
	  DRIVE("'available_spare_percent':9,'available_spare_threshold_percent':10"),
	  DRIVE("'available_spare_percent':10,'available_spare_threshold_percent':10") },
	{ "drive-worn-out", DRIVE("'predicted_media_life_left_percent':0"),
	  DRIVE("'predicted_media_life_left_percent':1") },
	{ "drive-wearing-out", DRIVE("'predicted_media_life_left_percent':10"),
	  DRIVE("'predicted_media_life_left_percent':11") },
	{ "drive-too-hot",
	  DRIVE("'temperature_celsius':80,'critical_temperature_celsius':80"),
	  DRIVE("'temperature_celsius':79,'critical_temperature_celsius':80") },
	{ "drive-hot", DRIVE("'temperature_celsius':70,'warning_temperature_celsius':70"),
	  DRIVE("'temperature_celsius':70,'temperature_limit_celsius':0") },
	{ "drive-self-test-failed", DRIVE("'self_test':{'passed':false}"),
	  DRIVE("'self_test':{'passed':true,'failed_count':3}") },
	{ "drive-without-capacity", DRIVE("'capacity_bytes':null,'protocol':'SATA'"),
	  DRIVE("'capacity_bytes':null,'protocol':'NVMe'") },
	{ "drive-many-crc-errors", DRIVE("'interface_crc_errors':1000"),
	  DRIVE("'interface_crc_errors':999") },
	{ "drive-crc-errors", DRIVE("'interface_crc_errors':1"),
	  DRIVE("'interface_crc_errors':1000") },
	{ "drive-reallocated-sectors", DRIVE("'reallocated_sector_count':1"),
	  DRIVE("'reallocated_sector_count':0") },
	{ "drive-reported-uncorrectable", DRIVE("'reported_uncorrectable_errors':1"),
	  DRIVE("'reported_uncorrectable_errors':0") },
	{ "drive-grown-defects", DRIVE("'grown_defect_count':1"),
	  DRIVE("'grown_defect_count':0") },
	{ "drive-attribute-failed-once",
	  DRIVE("'smart_exit_reasons':['attribute was below threshold in the past']"),
	  DRIVE("'smart_exit_reasons':['errors in the error log']") },
	{ "drive-logged-errors", DRIVE("'error_log_count':1,'protocol':'SATA'"),
	  DRIVE("'error_log_count':1,'protocol':'NVMe'") },
	{ "drive-was-hot", DRIVE("'critical_temperature_minutes':1"),
	  DRIVE("'critical_temperature_minutes':0,'warning_temperature_minutes':0") },
	{ "drive-link-slow", DRIVE("'negotiated_speed_gbps':3,'capable_speed_gbps':6"),
	  DRIVE("'negotiated_speed_gbps':6,'capable_speed_gbps':6") },
	{ "drive-smart-disabled", DRIVE("'smart_available':true,'smart_enabled':false"),
	  DRIVE("'smart_available':false,'smart_enabled':false") },

	{ "pcie-off-the-bus", PCIE("'health':'Critical'", "'x':1"),
	  PCIE("'health':'OK'", "'x':1") },
	{ "gpu-not-listed", NVIDIA(""), NVIDIA("{'key':'0000:18:00.0'}") },
	{ "pcie-link-narrow", PCIE(X8_OF_16, "'max_link_width_lanes':16"),
	  PCIE(X8_OF_16, "'max_link_width_lanes':8") },
	{ "pcie-link-slow", PCIE(GEN3_OF_4, "'max_link_speed_gtps':16"),
	  PCIE(GEN3_OF_4 DISPLAY, "'max_link_speed_gtps':16") },
	{ "pcie-link-resting", PCIE(GEN3_OF_4 DISPLAY, "'max_link_speed_gtps':16"),
	  PCIE(GEN3_OF_4 DISPLAY, "'max_link_speed_gtps':8") },

	{ "gpu-lost", GPU("'health':'Critical'"),
	  GPU("'health':'Critical','remapped_rows_failed':true") },
	{ "gpu-remapping-failed", GPU("'remapped_rows_failed':true"),
	  GPU("'remapped_rows_failed':null") },
	{ "gpu-uncorrected-errors",
	  GPU("'ecc_errors':{'volatile':{'dram_uncorrectable':1}}"),
	  GPU("'ecc_errors':{'volatile':{'dram_uncorrectable':0,'dram_correctable':9},"
	      "'aggregate':{'dram_uncorrectable':1}}") },
	{ "gpu-not-answering", JOB("nvidia", "'status':'stuck'"),
	  JOB("nvidia", "'status':'timeout'") },
	{ "gpu-row-remapping-pending", GPU("'remapped_rows_pending':true"),
	  GPU("'remapped_rows_pending':false") },
	{ "gpu-page-retirement-pending", GPU("'retired_pages_pending':true"),
	  GPU("'retired_pages_pending':false") },
	{ "gpu-many-retired-pages",
	  GPU("'retired_pages_single_bit':59,'retired_pages_double_bit':1"),
	  GPU("'retired_pages_single_bit':59,'retired_pages_double_bit':0") },
	{ "gpu-sram-threshold",
	  GPU("'ecc_errors':{'aggregate':{'sram_threshold_exceeded':true}}"),
	  GPU("'ecc_errors':{'aggregate':{'sram_threshold_exceeded':false}}") },
	{ "gpu-recovery-needed", GPU("'recovery_action':'Reset'"),
	  GPU("'recovery_action':'None'") },
	{ "gpu-throttled", GPU("'clock_limit_reasons':['hw_slowdown']"),
	  GPU("'clock_limit_reasons':['idle','sw_power_cap']") },
	{ "gpu-too-hot",
	  GPU("'temperature_margin_celsius':-2,'slowdown_margin_celsius':-2"),
	  GPU("'temperature_margin_celsius':-1,'slowdown_margin_celsius':-2") },
	{ "gpu-hot",
	  GPU("'temperature_celsius':87,'max_operating_temperature_celsius':87"),
	  GPU("'temperature_celsius':86,'max_operating_temperature_celsius':87") },
	{ "gpu-link-narrow", GPU(X8_OF_16),
	  GPU("'link_width_lanes':16,'max_link_width_lanes':16") },
	{ "gpu-link-resting", GPU("'link_generation':1,'max_link_generation':4"),
	  GPU("'link_generation':4,'max_link_generation':4") },
	{ "gpu-uncorrected-errors-before",
	  GPU("'ecc_errors':{'aggregate':{'double_bit_total':1}}"),
	  GPU("'ecc_errors':{'aggregate':{'single_bit_total':1}}") },
	{ "gpu-remapped-rows", GPU("'remapped_rows_uncorrectable':1"),
	  GPU("'remapped_rows_uncorrectable':0,'remapped_rows_correctable':1") },
	{ "gpu-pcie-replays", GPU("'pcie_replays':100"), GPU("'pcie_replays':99") },
	{ "gpu-ecc-off", GPU("'ecc_mode_enabled':false"),
	  GPU("'ecc_mode_enabled':null") },
	{ "gpu-mode-pending",
	  GPU("'ecc_mode_enabled':true,'ecc_mode_pending_enabled':false"),
	  GPU("'ecc_mode_enabled':true,'ecc_mode_pending_enabled':null") },

	{ "memory-uncorrected-errors", MEMORY("edac", "'uncorrected_error_count':1"),
	  MEMORY("edac", "'uncorrected_error_count':1,'module':'0x0011'") },
	{ "memory-many-corrected-errors",
	  MEMORY("modules", "'corrected_error_count':100"),
	  MEMORY("modules", "'corrected_error_count':99") },
	{ "memory-corrected-errors",
	  MEMORY("controllers", "'unplaced_corrected_error_count':1"),
	  MEMORY("controllers",
		 "'unplaced_corrected_error_count':0,'corrected_error_count':1") },
	{ "memory-not-visible",
	  "{'memory':{'summary':{'installed_bytes':8192,'visible_bytes':7168},"
	  "'modules':[" MODULE("'x':1") "]}}",
	  "{'memory':{'summary':{'installed_bytes':8192,'visible_bytes':7169},"
	  "'modules':[" MODULE("'x':1") "]}}" },
	{ "memory-unbalanced",
	  "{'memory':{'modules':[" MODULE("'locator':'P1-DIMMA1'") "," MODULE(
		  "'locator':'P1-DIMMA2'") "," MODULE("'locator':'P1-DIMMB1'") "]}}",
	  TWO_MODULES("'locator':'P1-DIMMA1'", "'locator':'P1-DIMMB1'") },
	{ "memory-capacity-mixed",
	  TWO_MODULES("'key':'a'", "'key':'b','capacity_bytes':2048"),
	  TWO_MODULES("'key':'a'",
		      "'key':'b','capacity_bytes':2048,'system_memory':false") },
	{ "memory-speed-mixed", TWO_MODULES("'rated_speed_mts':1", "'rated_speed_mts':2"),
	  TWO_MODULES("'rated_speed_mts':1", "'rated_speed_mts':null") },
	{ "memory-manufacturer-mixed",
	  TWO_MODULES("'manufacturer':'A'", "'manufacturer':'B'"),
	  TWO_MODULES("'manufacturer':'A'", "'manufacturer':'A'") },
	{ "memory-part-mixed", TWO_MODULES("'part_number':'A'", "'part_number':'B'"),
	  TWO_MODULES("'part_number':'A'", "'part_number':null") },
	{ "memory-below-rated-speed",
	  TWO_MODULES("'x':1", "'rated_speed_mts':2933,'configured_speed_mts':2666"),
	  TWO_MODULES("'x':1", "'rated_speed_mts':2667,'configured_speed_mts':2666") },

	{ "processor-disabled-by-firmware",
	  CPUS("'status':'Populated, Disabled By BIOS'", "'x':1"),
	  "{'processors':[{'status':'Populated, Disabled By BIOS'}],"
	  "'system':{'manufacturer':'VMware, Inc.'}}" },
	{ "processor-disabled", CPUS("'status':'Populated, Disabled By User'", "'x':1"),
	  CPUS("'status':'Unpopulated'", "'x':1") },
	{ "processors-mixed",
	  CPUS("'state':'Enabled','model':'A'", "'state':'Enabled','model':'B'"),
	  CPUS("'state':'Enabled','model':'A'", "'state':'Absent','model':'B'") },
	{ "processor-cores-off",
	  CPUS("'state':'Enabled','core_count':8,'core_enabled':7", "'x':1"),
	  CPUS("'state':'Enabled','core_count':8,'core_enabled':8", "'x':1") },
	{ "cpu-microcode-mixed", "{'cpu':{'microcode_versions':['0x1','0x2']}}",
	  "{'cpu':{'microcode_versions':['0x1']}}" },
	{ "cpu-vulnerable", "{'cpu':{'vulnerable_to':['mds']}}",
	  "{'cpu':{'vulnerable_to':[]}}" },
	{ "cpu-offline", "{'cpu':{'offline_cpus':'4-7'}}", "{'cpu':{}}" },

	{ "network-link-slow",
	  NIC("'link_status':'LinkUp','speed_gbps':1,'max_speed_gbps':10,"
	      "'max_partner_speed_gbps':10"),
	  NIC("'link_status':'LinkUp','speed_gbps':1,'max_speed_gbps':10,"
	      "'max_partner_speed_gbps':1") },
	{ "network-half-duplex", NIC("'link_detected':true,'full_duplex':false"),
	  NIC("'link_detected':false,'full_duplex':false") },
	{ "network-module-checksum", NIC("'module':{'checksum_valid':false}"),
	  NIC("'module':{'checksum_valid':true}") },

	{ "power-supply-failed", SUPPLIES("{'key':'a','health':'Critical'}"),
	  SUPPLIES("{'key':'a','health':'Critical','state':'Absent'}") },
	{ "power-not-redundant",
	  SUPPLIES("{'key':'a','state':'Enabled'},{'key':'b','state':'Absent'}"),
	  SUPPLIES("{'key':'a','state':'Enabled'},{'key':'b','state':'Enabled'},"
		   "{'key':'c','state':'Absent'}") },
	{ "power-supplies-mixed", SUPPLIES("{'model':'A'},{'model':'B'}"),
	  SUPPLIES("{'model':'A'},{'model':'B','state':'Absent'}") },
	{ "power-supply-absent", SUPPLIES("{'key':'a','state':'Absent'}"),
	  SUPPLIES("{'key':'a','state':'Enabled'}") },
	{ "power-supply-single", SUPPLIES("{'key':'a','state':'Enabled'}"),
	  SUPPLIES("{'key':'a','state':'Enabled'},{'key':'b','state':'Enabled'}") },
	{ "bmc-not-answering", JOB("psu", "'status':'stuck'"),
	  JOB("psu", "'status':'failed'") },
	{ "chassis-critical", CHASSIS("'thermal_state':'Non-recoverable'"),
	  CHASSIS("'thermal_state':'Warning'") },
	{ "chassis-warning", CHASSIS("'thermal_state':'Warning'"),
	  CHASSIS("'thermal_state':'Warning','boot_up_state':'Critical'") },
	{ "serial-numbers-conflict",
	  DRIVE("'serial_number':'A','conflicts':{'serial_number':{'storage/"
		"lsblk':'B'}}"),
	  DRIVE("'serial_number':'A','conflicts':{'model':{'storage/lsblk':'B'}}") },
	{ "system-serial-placeholder",
	  "{'system':{'placeholders':{'serial_number':'0123456789'}}}",
	  "{'system':{'placeholders':{'version':'0123456789'}}}" },
	{ "board-serial-placeholder",
	  "{'baseboards':[{'key':'a','placeholders':{'serial_number':'0'}}]}",
	  "{'baseboards':[{'key':'a','placeholders':{'asset_tag':'0'}}]}" },
	{ "chassis-serial-placeholder", CHASSIS("'placeholders':{'serial_number':'0'}"),
	  CHASSIS("'serial_number':'0'") },
	{ "component-critical", NIC("'health':'Critical'"),
	  DRIVE("'health':'Critical'") },
	{ "component-warning", NIC("'health':'Warning'"),
	  GPU("'health':'Warning','remapped_rows_pending':true") },
};

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

static unsigned count_of(const char *text, const char *id)
{
	AUTO_JSON json_t *document = document_of(text);
	unsigned counts[SEVERITY_COUNT], seen = 0;
	AUTO_JSON json_t *findings = findings_build(document, counts);
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
		}
	}
}

/* {name} in a message is a property the rule names, or one its check puts there. */
static void test_messages(void)
{
	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		AUTO_JSON json_t *document = document_of(examples[i].fires);
		unsigned counts[SEVERITY_COUNT];
		AUTO_JSON json_t *findings = findings_build(document, counts);
		json_t *finding;
		size_t n;

		json_array_foreach(findings, n, finding)
		{
			const char *message = rule_text(finding, "message");

			CHECK(message != NULL);
			CHECK(!strpbrk(message, "{}"));
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
	AUTO_JSON json_t *none = findings_build(nothing, counts);
	AUTO_JSON json_t *few = NULL;

	CHECK_INT(json_array_size(none), 0);
	CHECK_INT(counts[SEVERITY_OK] + counts[SEVERITY_WARNING], 0);
	few = findings_build(odd, counts);
	CHECK_INT(json_array_size(few), 0);
}

/* Ports that lead to each other, and a chain with no end: neither may hang us. */
static void test_circles(void)
{
	AUTO_JSON json_t *document = document_of(
		"{'pcie':{'devices':[{'key':'a','upstream_port':'b'," X8_OF_16 DISPLAY
		"},{'key':'b','upstream_port':'a'," X8_OF_16 DISPLAY "}]}}");
	unsigned counts[SEVERITY_COUNT];
	AUTO_JSON json_t *findings = findings_build(document, counts);

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
	findings = findings_build(document, counts);
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
		merge_push(drives, drive);
	}
	findings = findings_build(document, counts);
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
		{ "PCI ports in a circle are no link", test_circles, 0 },
		{ "only the lower end of a link is judged, once", test_levels, 0 },
		{ "the order of records changes nothing, and the worst stand first",
		  test_order, 0 },
		{ "a thousand findings are listed and all are counted", test_many, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
