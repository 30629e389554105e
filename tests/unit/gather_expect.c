/* What a machine of its kind could have told: jobs that are missed, and jobs that are not. */
#include "expect.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define GPU "{'vendor_id':'0x10de','class_code':'0x030200'}"
#define AUDIO "{'vendor_id':'0x10de','class_code':'0x040300'}"
#define PCIE(list) "{'pcie':{'devices':[" list "]}}"
#define HBA(driver) "{'storage':{'controllers':[{'driver':'" driver "'}]}}"
#define BMC(props) "{'bmc':{" props "}}"
#define MISSED JOB_UNAVAILABLE
#define NOT_MISSED JOB_ABSENT

static const struct {
	const char *job, *document;
	enum job_status was, is;
} list[] = {
	{ "nvidia/smi", PCIE(GPU), MISSED, MISSED },
	{ "nvidia/smi", PCIE(AUDIO), MISSED, NOT_MISSED },
	{ "nvidia/smi", PCIE("{'vendor_id':'0x1002','class_code':'0x030000'}"), MISSED,
	  NOT_MISSED },
	{ "nvidia/smi", PCIE(""), MISSED, NOT_MISSED },
	/* Nobody knows which devices there are. */
	{ "nvidia/smi", "{}", MISSED, MISSED },
	{ "nvidia/smi", PCIE(""), JOB_TIMEOUT, JOB_TIMEOUT },
	{ "megaraid/smart", HBA("megaraid_sas"), MISSED, MISSED },
	{ "megaraid/smart", HBA("mpt3sas"), MISSED, NOT_MISSED },
	{ "raid/storcli-drives", HBA("megaraid_sas"), MISSED, MISSED },
	{ "raid/perccli", HBA("ahci"), MISSED, NOT_MISSED },
	{ "raid/storcli", HBA("mpt3sas"), MISSED, MISSED },
	{ "raid/sas2ircu-0", HBA("mpt2sas"), MISSED, MISSED },
	{ "raid/sas3ircu-1", HBA("megaraid_sas"), MISSED, NOT_MISSED },
	/* Any machine could tell what these ask. */
	{ "pcie/lspci", PCIE(""), MISSED, MISSED },
	{ "psu/info", BMC("'interface_type':'KCS (Keyboard Control Style)'"), NOT_MISSED,
	  MISSED },
	{ "psu/fru", BMC("'acpi_hid':'IPI0001'"), NOT_MISSED, MISSED },
	{ "psu/sel", BMC("'acpi_hid':'IPI0001'"), JOB_STUCK, JOB_STUCK },
	{ "psu/info", BMC("'interface_type':'Unknown'"), NOT_MISSED, NOT_MISSED },
	{ "psu/info", BMC("'i2c_address':'0x10'"), NOT_MISSED, NOT_MISSED },
	{ "psu/info", "{}", NOT_MISSED, NOT_MISSED },
	/* It reads SMBIOS, and needs no BMC. */
	{ "psu/dmi", BMC("'acpi_hid':'IPI0001'"), NOT_MISSED, NOT_MISSED },
};

static void test_expect(void)
{
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		AUTO_FREE char *text = xstrdup(list[i].document),
			       *name = xstrdup(list[i].job);
		struct gathered job = { .name = name };
		struct gather gather = { .jobs = &job, .job_count = 1 };
		struct verdict verdict = { list[i].was, xstrdup("") };
		json_t *document;

		for (char *at = text; *at; at++)
			if (*at == '\'')
				*at = '"';
		document = json_loads(text, 0, NULL);
		expect_judge(document, &gather, &verdict);
		if (!document || verdict.status != list[i].is)
			tap_fail(__FILE__, __LINE__, "%s, %s: status %d", list[i].job,
				 list[i].document, (int)verdict.status);
		if ((verdict.status != list[i].was) != (*verdict.reason != '\0'))
			tap_fail(__FILE__, __LINE__, "%s: reason '%s'", list[i].job,
				 verdict.reason);
		json_decref(document);
		free(verdict.reason);
	}
}

/* One that answers another job is there. */
static void test_answers(void)
{
	AUTO_FREE char *fru = xstrdup("psu/fru"), *sel = xstrdup("psu/sel");
	struct gathered jobs[] = { { .name = fru }, { .name = sel } };
	struct gather gather = { .jobs = jobs, .job_count = 2 };
	struct verdict verdicts[] = { { JOB_OK, xstrdup("") },
				      { JOB_ABSENT, xstrdup("") } };
	AUTO_JSON json_t *document = json_pack("{s:{s:s}}", "bmc", "acpi_hid", "IPI0001");

	expect_judge(document, &gather, verdicts);
	CHECK_INT(verdicts[1].status, JOB_ABSENT);
	free(verdicts[0].reason);
	free(verdicts[1].reason);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "what is missed is what such a machine could have told", test_expect,
		  0 },
		{ "a BMC that answers one job is there for the others", test_answers, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
