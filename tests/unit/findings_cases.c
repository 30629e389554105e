/* What a running machine disproves, and what rules must not make of a name. */
#include "findings.h"
#include "findings_examples.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define OFF "'status':'Populated, Disabled By BIOS','state':'Disabled'"
#define ON "'status':'Populated, Enabled','state':'Enabled'"
#define DELL "'baseboards':[{'manufacturer':'Dell Inc.'}]"
#define GIGABYTE "'baseboards':[{'manufacturer':'GIGABYTE'}]"
#define THREE(a1, a2, b1)                                                                \
	"'memory':{'modules':[" MODULE(a1) "," MODULE(a2) "," MODULE(b1) "," EMPTY_SLOT  \
									 "]}"

#define NVME_JOB(step, status, records)                                                  \
	"{'collector':'storage','instance':'nvme0','step':'" step                        \
	"','job':'x','status':"                                                          \
	"'" status "','records':" #records "}"
#define NVME(id, records, smart)                                                         \
	"{'collectors':[" NVME_JOB("nvme-id", id, records) "," NVME_JOB(                 \
		"nvme-smart", smart,                                                     \
		0) "],'storage':{'drives':[{'key':'nvme0','transport'"                   \
		   ":'pcie','src':['storage/disks']}]}}"

/* Single quotes stand for double ones. */
static const struct {
	const char *why, *id, *document;
	unsigned count;
} cases[] = {
	{ "another processor runs", "processor-disabled-by-firmware", CPUS(OFF, ON), 1 },
	{ "dmidecode 3.7's words", "processor-disabled-by-firmware",
	  CPUS("'status':'Populated, Disabled by firmware'", ON), 1 },
	{ "no processor would run", "processor-disabled-by-firmware",
	  "{'processors':[{" OFF "}]}", 0 },
	{ "the kernel sees both", "processor-disabled-by-firmware",
	  "{'cpu':{'socket_count':2},'processors':[{" OFF "},{" ON "}]}", 0 },
	{ "the kernel sees one", "processor-disabled-by-firmware",
	  "{'cpu':{'socket_count':1},'processors':[{" OFF "},{" ON "}]}", 1 },
	{ "an empty socket is no package", "processor-disabled-by-firmware",
	  "{'cpu':{'socket_count':2},'processors':[{" OFF "},{" ON
	  "},{'state':'Absent'}]}",
	  0 },
	{ "a name with bytes behind it", "processors-mixed",
	  CPUS("'model':'Xeon E5-2620'," ON, "'model':'Xeon E5-2620\\u00ff\\u0001'," ON),
	  0 },
	{ "two names", "processors-mixed",
	  CPUS("'model':'Xeon E5-2620'," ON, "'model':'Xeon E5-2630'," ON), 1 },

	/* Dell, R610 Hardware Owner's Manual: A1 to A6 are processor 1's, B1 to B6 2's. */
	{ "Dell's letter is the processor", "memory-unbalanced",
	  "{" DELL "," THREE("'locator':'DIMM_A1'", "'locator':'DIMM_B1'",
			     "'locator':'DIMM_B2'") "}",
	  0 },
	{ "Supermicro's letter is the channel", "memory-unbalanced",
	  "{" SUPERMICRO "," THREE("'locator':'P1-DIMMA1'", "'locator':'P1-DIMMB1'",
				   "'locator':'P1-DIMMB2'") "}",
	  1 },
	{ "Gigabyte has the processor before it", "memory-unbalanced",
	  "{" GIGABYTE "," THREE("'locator':'DIMM_P0_A0'", "'locator':'DIMM_P0_B0'",
				 "'locator':'DIMM_P0_B1'") "}",
	  1 },
	{ "the letter of a maker nobody knows", "memory-unbalanced",
	  "{" THREE("'locator':'DIMM_A1'", "'locator':'DIMM_B1'",
		    "'locator':'DIMM_B2'") "}",
	  0 },
	{ "the word channel needs no maker", "memory-unbalanced",
	  "{" THREE("'locator':'ChannelA-DIMM0'", "'locator':'ChannelB-DIMM0'",
		    "'locator':'ChannelB-DIMM1'") "}",
	  1 },
	{ "three channels with as much in each", "memory-unbalanced",
	  "{" THREE("'locator':'ChannelA-DIMM0'", "'locator':'ChannelB-DIMM0'",
		    "'locator':'ChannelC-DIMM0'") "}",
	  0 },
	{ "one module's channel is not known", "memory-unbalanced",
	  "{" THREE("'locator':'ChannelA-DIMM0'", "'locator':'ChannelB-DIMM0'",
		    "'locator':'DIMM 3'") "}",
	  0 },
	{ "one note for all that differs", "memory-modules-mixed",
	  TWO_MODULES("'part_number':'A','rated_speed_mts':1,'manufacturer':'X'",
		      "'part_number':'B','rated_speed_mts':2,'manufacturer':'Y'"),
	  1 },
	{ "a drive tells that it has no capacity", "drive-without-capacity",
	  DRIVE("'capacity_bytes':null,'protocol':'SAS'"), 1 },
	{ "nobody could read the capacity it told", "drive-without-capacity",
	  DRIVE("'capacity_bytes':null,'protocol':'SAS','unparsed':{'capacity_bytes':"
		"'18446744073709551615'}"),
	  0 },
	{ "one maker under three names", "memory-modules-mixed",
	  TWO_MODULES("'manufacturer':'SK hynix'", "'manufacturer':'Hynix/Hyundai'"), 0 },
	{ "case and what follows the first word", "memory-modules-mixed",
	  TWO_MODULES("'manufacturer':'CRUCIAL'", "'manufacturer':'Crucial Technology'"),
	  0 },
	{ "capacity", "memory-modules-mixed",
	  TWO_MODULES("'key':'a'", "'key':'b','capacity_bytes':2048"), 1 },
	{ "flash is not compared", "memory-modules-mixed",
	  TWO_MODULES("'key':'a'",
		      "'key':'b','capacity_bytes':2048,'system_memory':false"),
	  0 },
	{ "a disk that sleeps, by smartctl -n standby", "drive-silent",
	  SILENT("'transport':'sas','smart_exit_status':2,'smart_messages':['Device is "
		 "in "
		 "STANDBY mode, exit(2)']"),
	  0 },
	{ "nobody was let in", "drive-silent",
	  SILENT("'transport':'ata','smart_exit_status':2,'smart_messages':['Smartctl "
		 "open "
		 "device: /dev/sda failed: Permission denied']"),
	  0 },
	{ "a self-test failed once: exit bit 7", "drive-silent",
	  SILENT("'transport':'ata','smart_exit_status':128"), 0 },
	{ "a RAID volume has no transport of its own", "drive-silent",
	  SILENT("'smart_exit_status':2"), 0 },
	{ "both of nvme's steps", "drive-silent", NVME("failed", 0, "failed"), 1 },
	{ "one of them brought a record", "drive-silent", NVME("partial", 1, "failed"),
	  0 },
	{ "one of them never ran", "drive-silent", NVME("unavailable", 0, "failed"), 1 },
	{ "neither ran", "drive-silent", NVME("unavailable", 0, "skipped"), 0 },
	{ "many defects are one finding", "drive-grown-defects",
	  DRIVE("'grown_defect_count':100"), 0 },
	{ "many sectors are one finding", "drive-reallocated-sectors",
	  DRIVE("'reallocated_sector_count':100"), 0 },
};

static json_t *findings_of(const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);
	AUTO_JSON json_t *document = NULL;
	struct findings findings;
	json_t *list;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	document = json_loads(copy, 0, NULL);
	if (!document)
		tap_fail(__FILE__, __LINE__, "%s", text);
	findings_build(&findings, document);
	list = json_incref(findings.list);
	findings_done(&findings);
	return list;
}

static void test_cases(void)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_JSON json_t *findings = findings_of(cases[i].document);
		unsigned seen = 0;
		json_t *finding;
		size_t n;

		json_array_foreach(findings, n, finding) seen +=
			rule_is(finding, "id", cases[i].id);
		if (seen == cases[i].count)
			continue;
		printf("# %s fires %u times: %s\n", cases[i].id, seen, cases[i].why);
		wrong++;
	}
	CHECK_INT(wrong, 0);
}

static void check_message(const char *document, const char *message)
{
	AUTO_JSON json_t *findings = findings_of(document);

	CHECK_INT(json_array_size(findings), 1);
	CHECK_STR(rule_text(json_array_get(findings, 0), "message"), message);
}

static void test_unknown(void)
{
	check_message(SUPPLIES("{'key':'0x0034','health':'Critical'}"),
		      "the power supply 0x0034 has failed");
	check_message(SUPPLIES("{'key':'fru2','name':'PSU 2','health':'Critical',"
			       "'health_reason':'failure'}"),
		      "the power supply PSU 2 has failed: failure");
	check_message(SUPPLIES("{'key':'a','location':'PSU1','model':'PWS-706P-1R',"
			       "'health':'Critical'}"),
		      "the power supply PSU1 (PWS-706P-1R) has failed");
	check_message(SENSOR("'health':'Critical','health_reason':'failure'"), "failure");
}

/* 16 modules of 32 GiB, one of them switched off. */
static void test_amounts(void)
{
	check_message("{'memory':{'summary':{'installed_bytes':549755813888,"
		      "'visible_bytes':511101108224},'modules':["
		      "{'key':'a','state':'Enabled','memory_device_type':'DDR4',"
		      "'capacity_bytes':34359738368}]}}",
		      "the kernel sees 476 GiB of 512 GiB installed");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "rules know what a running machine disproves", test_cases, 0 },
		{ "a message leaves out what is not known", test_unknown, 0 },
		{ "memory in a message is in a person's unit", test_amounts, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
