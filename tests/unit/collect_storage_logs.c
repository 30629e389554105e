/* Self-test logs and wear in smartctl's JSON. */
#include "kept.h"

static const char *scsi(const char *members, const char *prop)
{
	AUTO_FREE char *text = xasprintf(
		"{\"device\":{\"name\":\"/dev/sdb\",\"protocol\":\"SCSI\"},%s}\n",
		members);
	struct kept kept = kept_run(collect_storage_smart, text, strlen(text));

	CHECK(!kept.out.unreadable);
	return kept_value(kept_props(&kept, "storage.drives", "sdb"), prop);
}

#define SHORT "\"type\":{\"value\":1,\"string\":\"Short offline\"}"
#define LONG "\"type\":{\"value\":2,\"string\":\"Extended offline\"}"
#define NOW(value, words)                                                                \
	"\"ata_smart_data\":{\"self_test\":{\"status\":{\"value\":" value                \
	",\"string\":\"" words "\",\"passed\":true}}}"
#define LOG(entries) "\"ata_smart_self_test_log\":{\"standard\":{" entries "}}"
#define ENTRY(type, value, hours)                                                        \
	"{" type ",\"status\":{\"value\":" value "},\"lifetime_hours\":" hours "}"

/* Values of the status: ACS-4, 9.20.6; SPC-5, table 334; NVMe 1.4, figure 203. */
static void self_tests(void)
{
	static const struct {
		const char *members, *test, *failed;
	} cases[] = {
		{ "\"scsi_self_test_0\":{\"code\":{\"value\":2,\"string\":\"Background "
		  "long\"},\"result\":{\"value\":7,\"string\":\"Failed\"},"
		  "\"power_on_time\":{\"hours\":9}}",
		  "{\"lifetime_hours\":9,\"passed\":false,\"result\":\"Failed\","
		  "\"type\":\"Background long\"}",
		  "{\"lifetime_hours\":9,\"result\":\"Failed\",\"type\":\"Background "
		  "long\"}" },
		{ "\"scsi_self_test_0\":{\"result\":{\"value\":0}}", "{\"passed\":true}",
		  "(none)" },
		{ "\"scsi_self_test_0\":{\"result\":{\"value\":2}},"
		  "\"scsi_self_test_1\":{\"result\":{\"value\":3}}",
		  "{}", "{}" },
		{ "\"scsi_self_test_0\":{\"result\":{\"value\":15}}",
		  "{\"running\":true}", "(none)" },
		{ "\"scsi_self_test_status\":{\"in_progress\":true,"
		  "\"completion_percent\":30},"
		  "\"scsi_self_test_0\":{\"result\":{\"value\":0}}",
		  "{\"remaining_percent\":70,\"running\":true}", "(none)" },
		{ "\"nvme_self_test_log\":{\"table\":[{\"self_test_result\":{\"value\":5,"
		  "\"string\":\"Fatal\"},\"power_on_hours\":4}]}",
		  "{\"lifetime_hours\":4,\"passed\":false,\"result\":\"Fatal\"}",
		  "{\"lifetime_hours\":4,\"result\":\"Fatal\"}" },
		/* 3, 4: a namespace was removed, formatted; 6: a segment failed */
		{ "\"nvme_self_test_log\":{\"table\":[{\"self_test_result\":{\"value\":3}"
		  "},"
		  "null,{\"self_test_result\":{\"value\":4}}]}",
		  "{}", "(none)" },
		{ "\"nvme_self_test_log\":{\"table\":[{\"self_test_result\":{\"value\":9}"
		  "},"
		  "{\"self_test_result\":{\"value\":6}}]}",
		  "{}", "{}" },
		{ "\"nvme_self_test_log\":{\"current_self_test_operation\":{\"value\":2,"
		  "\"string\":\"Extended\"},\"current_self_test_completion_percent\":9,"
		  "\"table\":[{\"self_test_result\":{\"value\":0}}]}",
		  "{\"remaining_percent\":91,\"result\":\"Extended\",\"running\":true}",
		  "(none)" },
		/* "or never run": the log says which */
		{ NOW("0", "completed without error") "," LOG("\"count\":0"), "null",
		  "(none)" },
		{ NOW("0", "completed without error"), "{\"result\":null}", "(none)" },
		{ NOW("116", "read"), "{\"passed\":false,\"result\":\"read\"}",
		  "{\"result\":\"read\"}" },
		{ NOW("116", "read") "," LOG("\"count\":0"),
		  "{\"passed\":false,\"result\":\"read\"}", "{\"result\":\"read\"}" },
		{ NOW("25", "aborted"), "{\"result\":\"aborted\"}", "(none)" },
		{ NOW("249", "running") "," LOG("\"table\":[" ENTRY(LONG, "0", "7") "]"),
		  "{\"remaining_percent\":90,\"result\":\"running\",\"running\":true}",
		  "(none)" },
		{ NOW("249", "running") "," LOG("\"table\":[" ENTRY(LONG, "48", "7") "]"),
		  "{\"remaining_percent\":90,\"result\":\"running\",\"running\":true}",
		  "{\"lifetime_hours\":7,\"type\":\"Extended offline\"}" },
		{ NOW("0", "completed without error") "," LOG("\"table\":[" ENTRY(
			  SHORT, "25", "9") "," ENTRY(LONG, "128", "7") "]"),
		  "{\"lifetime_hours\":9,\"type\":\"Short offline\"}",
		  "{\"lifetime_hours\":7,\"type\":\"Extended offline\"}" },
		/* a short test does not outdate a long one; one that went as far does */
		{ LOG("\"table\":[" ENTRY(SHORT, "0", "9") "," ENTRY(LONG, "116",
								     "7") "]"),
		  "{\"lifetime_hours\":9,\"passed\":true,\"type\":\"Short offline\"}",
		  "{\"lifetime_hours\":7,\"type\":\"Extended offline\"}" },
		{ LOG("\"table\":[" ENTRY(LONG, "0", "9") "," ENTRY(SHORT, "116",
								    "7") "]"),
		  "{\"lifetime_hours\":9,\"passed\":true,\"type\":\"Extended offline\"}",
		  "(none)" },
		{ LOG("\"table\":[" ENTRY(SHORT, "0", "9") "," ENTRY(SHORT, "116",
								     "7") "]"),
		  "{\"lifetime_hours\":9,\"passed\":true,\"type\":\"Short offline\"}",
		  "(none)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_STR(scsi(cases[i].members, "self_test"), cases[i].test);
		CHECK_STR(scsi(cases[i].members, "self_test_failed"), cases[i].failed);
	}
}

/* Families, names and what a raw value is: smartmontools' drivedb.h. */
static void wear(void)
{
	static const struct {
		const char *family, *name;
		unsigned id, value;
		const char *raw, *left;
	} rows[] = {
		{ "Phison Driven SSDs", "SSD_Life_Left", 231, 100, "3", "3" },
		{ "Phison Driven SSDs", "SSD_Life_Left", 231, 98, "98", "98" },
		{ "Phison Driven SSDs", "SSD_Life_Left", 231, 2, "90", "2" },
		{ "Phison Driven SSDs", "SSD_Life_Left", 231, 100, "0", "0" },
		{ "Phison Driven SSDs", "SSD_Life_Left", 231, 100, "101", "100" },
		{ "Phison Driven SSDs", "SSD_Life_Left", 231, 253, "40", "40" },
		{ "SandForce Driven SSDs", "SSD_Life_Left", 231, 97, "1", "97" },
		{ "Seagate Nytro SATA SSD", "SSD_Life_Left", 231, 100, "0", "100" },
		{ "Seagate Nytro XF1230 SATA SSD", "SSD_Life_Left_Perc", 231, 100, "9",
		  "9" },
		{ "Silicon Motion based SSDs", "Remaining_Lifetime_Perc", 169, 100, "3",
		  "3" },
		{ "StorFly CFast SATA 6Gbps SSDs", "Lifetime_Remaining%", 169, 100, "8",
		  "8" },
		{ "SK hynix SATA SSDs", "SSD_Life_Left", 245, 100, "60", "60" },
		{ "Innodisk 3IE2/3ME2 SSDs", "Remaining_Life", 248, 100, "7", "7" },
		{ "Crucial/Micron Client SSDs", "Percent_Lifetime_Remain", 202, 100, "97",
		  "3" },
		{ "Crucial/Micron Client SSDs", "Percent_Lifetime_Remain", 202, 3, "97",
		  "3" },
		{ "SSSTC ER2 GD/CD Series SSDs", "Percent_Lifetime_Remain", 202, 99, "97",
		  "99" },
		{ "Intel S3520 Series SSDs", "Media_Wearout_Indicator", 233, 97, "0",
		  "97" },
		{ "Samsung based SSDs", "Wear_Leveling_Count", 177, 90, "1", "90" },
		{ "Samsung based SSDs", "Timed_Workld_Media_Wear", 245, 100, "5",
		  "(none)" },
		{ "Phison Driven SSDs", "Bad_Block_Count", 169, 100, "5", "(none)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_FREE char *text = xasprintf(
			"{\"device\":{\"name\":\"/dev/sda\"},\"model_family\":\"%s\","
			"\"ata_smart_attributes\":{\"table\":[{\"id\":%u,\"name\":\"%s\","
			"\"value\":%u,\"raw\":{\"string\":\"%s\"}}]}}",
			rows[i].family, rows[i].id, rows[i].name, rows[i].value,
			rows[i].raw);
		struct kept kept = kept_run(collect_storage_smart, text, strlen(text));

		CHECK_STR(kept_value(kept_props(&kept, "storage.drives", "sda"),
				     "predicted_media_life_left_percent"),
			  rows[i].left);
	}
}

/* NVM Express base specification 2.0, figure 95: media and data integrity errors; the phase tag is
 * a member of its own, as nvme-cli 2 prints it. */
static void nvme_status(void)
{
	static const struct {
		unsigned status;
		const char *name, *media;
	} rows[] = {
		{ 0x280, "Write Fault", "1" },
		{ 0x281, "Unrecovered Read Error", "1" },
		{ 0x282, "End-to-end Guard Check Error", "1" },
		{ 0x283, "End-to-end Application Tag Check Error", "1" },
		{ 0x284, "End-to-end Reference Tag Check Error", "1" },
		{ 0x285, "Compare Failure", "0" },
		{ 0x286, "Access Denied", "0" },
		{ 0x287, "Deallocated or Unwritten Logical Block", "0" },
		{ 0x288, "null", "0" },
		{ 0x181, "null", "0" },
		{ 0x002, "null", "0" },
		{ 0x4281, "Unrecovered Read Error", "1" }, /* do not retry */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_FREE char *text =
			xasprintf("{\"errors\":[{\"error_count\":1,\"status_field\":%u,"
				  "\"phase_tag\":0}]}",
				  rows[i].status);
		struct kept kept =
			kept_run(collect_storage_nvme_errors, text, strlen(text));
		json_t *props = kept_props(&kept, "storage.drives", NULL);
		const json_t *list = json_object_get(props, "error_entries");
		const json_t *one = json_array_get(list, 0);
		const char *name = json_string_value(json_object_get(one, "status"));

		CHECK_STR(name ?: "null", rows[i].name);
		CHECK_STR(kept_value(props, "media_error_entry_count"), rows[i].media);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "one self-test of one moment, and the failure it does not outdate",
		  self_tests, 0 },
		{ "wear is the lower of value and raw where raw is a percentage", wear,
		  0 },
		{ "each media error that NVMe has a name for is named, and damage is "
		  "counted",
		  nvme_status, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
