/* Drives by smartctl and nvme-cli where goldens do not reach: every cut, and what must not be
 * believed. */
#include "kept.h"

static const char smart[] =
	"{\"smartctl\":{\"version\":[7,3],\"exit_status\":0},\"device\":{\"name\":\"/dev/"
	"sda\","
	"\"protocol\":\"ATA\"},\"model_name\":\"EXAMPLE\",\"serial_number\":\"EXSN1\","
	"\"user_capacity\":{\"blocks\":100,\"bytes\":51200},\"rotation_rate\":7200,"
	"\"smart_status\":{\"passed\":false},\"power_on_time\":{\"hours\":77},"
	"\"temperature\":{\"current\":33}}\n";

/* Never a value that the whole text does not have: half a number is another number. */
static void every_cut(void)
{
	static const char *const props[] = {
		"model",          "serial_number",       "capacity_bytes",    "health",
		"power_on_hours", "temperature_celsius", "rotation_speed_rpm"
	};
	struct kept whole = kept_run(collect_storage_smart, smart, sizeof(smart) - 1);
	const json_t *all = kept_props(&whole, "storage.drives", "sda");

	CHECK_STR(kept_value(all, "health"), "\"Critical\"");
	CHECK_STR(kept_value(all, "temperature_celsius"), "33");
	for (size_t cut = 0; cut < sizeof(smart) - 2; cut++) {
		struct kept part = kept_run(collect_storage_smart, smart, cut);
		const json_t *some = kept_props(&part, "storage.drives", NULL);

		CHECK(part.out.unreadable);
		for (size_t i = 0; some && i < ARRAY_LEN(props); i++)
			if (json_object_get(some, props[i]))
				CHECK_STR(kept_value(some, props[i]),
					  kept_value(all, props[i]));
	}
}

static const char *of(collect_fn *collect, const char *text, const char *prop)
{
	struct kept kept = kept_run(collect, text, strlen(text));

	return kept_value(kept_props(&kept, "storage.drives", NULL), prop);
}

/* json_sanitize_log of nvme-cli 2.3 and 2.11; NVMe 1.4, figure 231, has the states. */
static void sanitize(void)
{
	static const struct {
		const char *members, *state, *progress;
	} rows[] = {
		{ "\"sprog\":65535,\"sstat\":{\"global_erased\":0,\"no_cmplted_passes\":"
		  "0,"
		  "\"status\":\"(0) NVM Subsystem has never been sanitized.\"}",
		  "\"NeverSanitized\"", "(none)" },
		{ "\"sprog\":32768,\"sstat\":{\"status\":\"(2) Sanitize in Progress.\"}",
		  "\"InProgress\"", "50" },
		{ "\"sprog\":65535.0,\"sstat\":{\"status\":\"(3) Most Recent Sanitize "
		  "Command "
		  "Failed.\"}",
		  "\"Failed\"", "(none)" },
		{ "\"sstat\":{\"status\":\"(4) x\"}", "\"CompletedNoDeallocate\"",
		  "(none)" },
		{ "\"sprog\":1,\"sstat\":{\"status\":\"(7) Unknown\"}", "null",
		  "(none)" },
		{ "\"sprog\":1,\"sstat\":{\"status\":\"2\"}", "null", "(none)" },
		{ "\"sprog\":1,\"sstat\":{}", "null", "(none)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_FREE char *text = xasprintf("{\"nvme0\":{%s}}\n", rows[i].members);

		CHECK_STR(of(collect_storage_nvme_sanitize, text, "sanitize_state"),
			  rows[i].state);
		CHECK_STR(of(collect_storage_nvme_sanitize, text,
			     "sanitize_progress_percent"),
			  rows[i].progress);
	}
	CHECK_STR(
		of(collect_storage_nvme_sanitize,
		   "{\"nvme0\":{\"sstat\":{\"global_erased\":1,\"status\":\"(1) \"}}}\n",
		   "globally_erased"),
		"true");
	CHECK_STR(of(collect_storage_nvme_sanitize, "{\"nvme0\":{}}\n", "sanitize_state"),
		  "(none)");
}

/* Names of smartmontools' nvmeprint.cpp, scsiprint.cpp and ataprint.cpp, and of nvme-cli. */
static void states_of_drives(void)
{
	static const struct {
		collect_fn *collect;
		const char *text, *prop, *wanted;
	} rows[] = {
		{ collect_storage_nvme_smart,
		  "{\"thm_temp2_trans_count\":7,\"thm_temp2_total_time\":90}\n",
		  "thermal_throttle_2_seconds", "90" },
		{ collect_storage_nvme_smart, "{\"thm_temp1_trans_count\":3.0}\n",
		  "thermal_throttle_1_count", "3" },
		{ collect_storage_nvme_smart,
		  "{\"endurance_grp_critical_warning_summary\":9}\n",
		  "endurance_group_warnings",
		  "[\"available spare below threshold\",\"read only\"]" },
		{ collect_storage_nvme_smart,
		  "{\"endurance_grp_critical_warning_summary\":0}\n",
		  "endurance_group_warnings", "(none)" },
		{ collect_storage_smart,
		  "{\"nvme_smart_health_information_log\":{"
		  "\"thermal_mgmt_temperature_2_transition_count\":5}}\n",
		  "thermal_throttle_2_count", "5" },
		{ collect_storage_smart,
		  "{\"scsi_start_stop_cycle_counter\":{\"accumulated_start_stop_cycles\":"
		  "88,"
		  "\"specified_cycle_count_over_device_lifetime\":50000}}\n",
		  "start_stop_cycles_rated", "50000" },
		{ collect_storage_smart,
		  "{\"scsi_start_stop_cycle_counter\":{\"accumulated_load_unload_"
		  "cycles\":"
		  "1200}}\n",
		  "load_unload_cycles", "1200" },
		{ collect_storage_smart,
		  "{\"ata_smart_attributes\":{\"table\":[{\"id\":193,\"name\":"
		  "\"Load_Cycle_Count\",\"raw\":{\"value\":9,\"string\":\"9\"}}]}}\n",
		  "load_unload_cycles", "9" },
		{ collect_storage_smart,
		  "{\"ata_security\":{\"state\":7,\"enabled\":true,\"locked\":true,"
		  "\"pw_attempts_exceeded\":false}}\n",
		  "ata_security",
		  "{\"attempts_exceeded\":false,\"enabled\":true,\"locked\":true}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(of(rows[i].collect, rows[i].text, rows[i].prop),
			  rows[i].wanted);
}

/* queue_zoned_show and blk_queue_nr_zones (Linux, block/blk-sysfs.c): a zone of 256 MiB. */
static void zones(void)
{
#define SDZ "/sys/block/sdz/"
	static const char text[] =
		"l\t/sys/block/sdz\t../devices/pci0000:00/0000:00:17.0/ata1/host0/"
		"target0:0:0/0:0:0:0/block/sdz\n"
		"v\t" SDZ "size\t34359738368\n"
		"v\t" SDZ "queue/zoned\t%s\n"
		"v\t" SDZ "queue/nr_zones\t65536\n"
		"v\t" SDZ "queue/chunk_sectors\t524288\n";
	AUTO_FREE char *managed = xasprintf(text, "host-managed");
	AUTO_FREE char *none = xasprintf(text, "none");

	CHECK_STR(of(collect_storage_disks, managed, "zone_model"), "\"host-managed\"");
	CHECK_STR(of(collect_storage_disks, managed, "zone_count"), "65536");
	CHECK_STR(of(collect_storage_disks, managed, "zone_bytes"), "268435456");
	CHECK_STR(of(collect_storage_disks, none, "zone_model"), "(none)");
	CHECK_STR(of(collect_storage_disks, none, "zone_bytes"), "(none)");
}

/* ataPrintMain in smartmontools' ataprint.cpp; the status is the second word of -n. */
static void asleep(void)
{
	static const struct {
		const char *message, *mode;
		unsigned status;
		bool unreadable;
	} rows[] = {
		{ "Device is in STANDBY mode, exit(0)", "\"STANDBY\"", 0, false },
		{ "Device is in SLEEP mode, exit(2)", "\"SLEEP\"", 2, false },
		{ "Device is in STANDBY (OS) mode, exit(0)", "\"STANDBY (OS)\"", 0,
		  false },
		{ "Device is in  mode, exit(0)", "(none)", 0, false },
		{ "Device is in a mode", "(none)", 2, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_FREE char *text = xasprintf("{\"smartctl\":{\"exit_status\":%u,"
						 "\"messages\":[{\"string\":\"%s\","
						 "\"severity\":\"information\"}]},"
						 "\"device\":{\"name\":\"/dev/sda\"}}\n",
						 rows[i].status, rows[i].message);
		struct kept kept = kept_run(collect_storage_smart, text, strlen(text));
		const json_t *drive = kept_props(&kept, "storage.drives", "sda");

		CHECK_STR(kept_value(drive, "power_mode"), rows[i].mode);
		CHECK_INT(kept.out.unreadable, rows[i].unreadable);
	}
}

static void attribute(const char *name, const char *id, const char *prop,
		      const char *wanted)
{
	char text[256];
	struct kept kept;

	(void)snprintf(
		text, sizeof(text),
		"{\"device\":{\"name\":\"/dev/"
		"sda\"},\"ata_smart_attributes\":{\"table\":[{"
		"\"id\":%s,\"name\":\"%s\",\"value\":90,\"raw\":{\"value\":4294967301,"
		"\"string\":\"5 (0 1)\"}}]}}\n",
		id, name);
	kept = kept_run(collect_storage_smart, text, strlen(text));
	CHECK_STR(kept_value(kept_props(&kept, "storage.drives", "sda"), prop), wanted);
}

static const char *scsi(const char *members, const char *prop)
{
	AUTO_FREE char *text = xasprintf(
		"{\"device\":{\"name\":\"/dev/sdb\",\"protocol\":\"SCSI\"},%s}\n",
		members);
	struct kept kept = kept_run(collect_storage_smart, text, strlen(text));

	CHECK(!kept.out.unreadable);
	return kept_value(kept_props(&kept, "storage.drives", "sdb"), prop);
}

static void names_of_scsi(void)
{
	static const char old[] =
		"\"vendor\":\"EXAMPLE\",\"product\":\"EX4000\","
		"\"model_name\":\"EXAMPLE EX4000\",\"revision\":\"MS03\"";

	CHECK_STR(scsi(old, "manufacturer"), "\"EXAMPLE\"");
	CHECK_STR(scsi(old, "model"), "\"EX4000\"");
	CHECK_STR(scsi(old, "firmware_version"), "\"MS03\"");
	CHECK_STR(scsi("\"scsi_revision\":\"A1\",\"revision\":\"MS03\"",
		       "firmware_version"),
		  "\"A1\"");
	CHECK_STR(scsi("\"serial_number\":\"0123456789ABCDEF\"", "serial_number"),
		  "null");
	CHECK_STR(scsi("\"serial_number\":\" Z1Z5 \"", "serial_number"), "\"Z1Z5\"");
}

static void failing(void)
{
	static const char status[] =
		"\"smart_status\":{\"passed\":false,\"scsi\":{\"asc\":93,\"ascq\":16,"
		"\"ie_string\":\"HARDWARE IMPENDING FAILURE\"}}";

	CHECK_STR(scsi(status, "health"), "\"Critical\"");
	CHECK_STR(scsi(status, "health_reason"), "\"HARDWARE IMPENDING FAILURE\"");
	CHECK_STR(scsi("\"smart_status\":{\"passed\":true}", "health"), "\"OK\"");
	CHECK_STR(scsi("\"smart_status\":{}", "health"), "(none)");
}

/* How a drive is spoken to, in smartctl's words (smartmontools, scsiprint.cpp: transport_proto_arr). */
static void protocols(void)
{
	static const struct {
		const char *says, *wanted;
	} cases[] = {
		{ "\"device\":{\"protocol\":\"ATA\"}", "\"SATA\"" },
		{ "\"device\":{\"protocol\":\"ATA\"},\"pata_version\":{}", "\"PATA\"" },
		{ "\"device\":{\"protocol\":\"NVMe\"}", "\"NVMe\"" },
		{ "\"device\":{\"protocol\":\"SCSI\"}", "(none)" },
		{ "\"device\":{\"protocol\":\"SCSI\"},"
		  "\"scsi_transport_protocol\":{\"name\":\"SAS (SPL-4)\"}",
		  "\"SAS\"" },
		{ "\"device\":{\"protocol\":\"SCSI\"},\"scsi_transport_protocol\":{"
		  "\"name\":"
		  "\"Fibre channel (FCP-2)\"}",
		  "\"FC\"" },
		{ "\"device\":{\"protocol\":\"SCSI\"},"
		  "\"scsi_transport_protocol\":{\"name\":\"iSCSI\"}",
		  "\"iSCSI\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_FREE char *text = xasprintf("{%s}\n", cases[i].says);
		struct kept kept = kept_run(collect_storage_smart, text, strlen(text));

		CHECK_STR(
			kept_value(kept_props(&kept, "storage.drives", NULL), "protocol"),
			cases[i].wanted);
	}
}

/* The temperature, where smartctl gives `current` and an attribute another one. */
static const char *ata(int current, unsigned id, const char *name, const char *raw)
{
	AUTO_FREE char *text = xasprintf(
		"{\"device\":{\"name\":\"/dev/sda\",\"protocol\":\"ATA\"},"
		"\"temperature\":{\"current\":%d},\"ata_smart_attributes\":{\"table\":["
		"{\"id\":%u,\"name\":\"%s\",\"raw\":{\"string\":\"%s\"}}]}}\n",
		current, id, name, raw);
	struct kept kept = kept_run(collect_storage_smart, text, strlen(text));

	return kept_value(kept_props(&kept, "storage.drives", "sda"),
			  "temperature_celsius");
}

static void temperatures(void)
{
	static const char unknown_and_reports[] =
		"\"temperature\":{\"current\":255},"
		"\"scsi_environmental_reports\":{\"temperature_1\":{\"current\":38}}";
	static const char zero[] = "\"temperature\":{\"current\":0,\"drive_trip\":0}";
	static const char ones[] = "\"temperature\":{\"current\":255,\"drive_trip\":255}";
	static const char only_reports[] =
		"\"scsi_environmental_reports\":{\"temperature_1\":{\"current\":38}}";
	static const char reports[] =
		"\"temperature\":{\"current\":0,\"drive_trip\":60},"
		"\"scsi_environmental_reports\":{\"temperature_1\":{\"current\":38}}";
	static const char cold[] = "{\"device\":{\"name\":\"/dev/sda\",\"protocol\":"
				   "\"ATA\"},\"temperature\":{\"current\":0}}\n";
	struct kept kept = kept_run(collect_storage_smart, cold, sizeof(cold) - 1);

	CHECK_STR(scsi(zero, "temperature_celsius"), "null");
	CHECK_STR(scsi(zero, "temperature_limit_celsius"), "null");
	CHECK_STR(scsi(ones, "temperature_celsius"), "null");
	CHECK_STR(scsi(ones, "temperature_limit_celsius"), "null");
	CHECK_STR(scsi(only_reports, "temperature_celsius"), "38");
	CHECK_STR(scsi(reports, "temperature_celsius"), "38");
	CHECK_STR(scsi(reports, "temperature_limit_celsius"), "60");
	CHECK_STR(scsi(unknown_and_reports, "temperature_celsius"), "38");
	CHECK_STR(scsi("\"temperature\":{\"current\":34}", "temperature_celsius"), "34");
	CHECK_STR(scsi("\"temperature\":{\"current\":-273}", "temperature_celsius"),
		  "null");
	CHECK_STR(kept_value(kept_props(&kept, "storage.drives", "sda"),
			     "temperature_celsius"),
		  "null");
	CHECK_STR(ata(0, 194, "Temperature_Celsius", "39 (Min/Max 33/39)"), "39");
	CHECK_STR(ata(0, 190, "Airflow_Temperature_Cel", "31"), "31");
	CHECK_STR(ata(0, 194, "Temperature_Celsius", "0"), "null");
	CHECK_STR(ata(0, 194, "Unknown_Attribute", "39"), "null");
	CHECK_STR(ata(34, 194, "Temperature_Celsius", "39"), "34");
}

/* Of one drive: what smartctl's exit bit 2 cost. */
static bool loses(const char *protocol, const char *members)
{
	AUTO_FREE char *text = xasprintf(
		"{\"smartctl\":{\"exit_status\":4},\"device\":{\"name\":\"/dev/sda\","
		"\"protocol\":\"%s\"},\"model_name\":\"EXAMPLE\"%s}\n",
		protocol, members);
	struct kept kept = kept_run(collect_storage_smart, text, strlen(text));
	const json_t *props = kept_props(&kept, "storage.drives", "sda");

	CHECK_STR(kept_value(props, "model"), "\"EXAMPLE\"");
	CHECK_STR(kept_value(props, "smart_exit_reasons"),
		  "[\"a command to the disk failed or a checksum was wrong\"]");
	return kept.out.unreadable;
}

static void failed_commands(void)
{
#define CAN ",\"smart_support\":{\"available\":true,\"enabled\":true}"
#define CANNOT ",\"smart_support\":{\"available\":false}"
#define OFF ",\"smart_support\":{\"available\":true,\"enabled\":false}"
#define PASSED ",\"smart_status\":{\"passed\":true}"
#define TABLE ",\"ata_smart_attributes\":{\"table\":[]}"
	static const struct {
		const char *protocol, *members;
		bool loses;
	} cases[] = {
		{ "SCSI", "", false }, /* a RAID volume, smartctl 7.0 */
		{ "SCSI", CANNOT, false },      { "SCSI", CAN PASSED, false },
		{ "SCSI", CAN, true },          { "ATA", CAN PASSED TABLE, false },
		{ "ATA", PASSED TABLE, false }, { "ATA", CAN TABLE, true },
		{ "ATA", CAN PASSED, true },    { "ATA", "", true },
		{ "ATA", CANNOT, false },       { "ATA", OFF, false },
		{ "NVMe", CAN PASSED, false },  { "NVMe", CAN, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_INT(loses(cases[i].protocol, cases[i].members), cases[i].loses);
}

static void life_left(void)
{
#define DRIVE "{\"device\":{\"name\":\"/dev/sda\",\"protocol\":\"ATA\"},"
#define TABLE_OF(id, name, value)                                                        \
	"\"ata_smart_attributes\":{\"table\":[{\"id\":" id ",\"name\":\"" name           \
	"\",\"value\":" value ",\"raw\":{\"value\":7,\"string\":\"7\"}}]}"
	static const struct {
		const char *text, *left;
	} cases[] = {
		{ DRIVE TABLE_OF("202", "Percent_Lifetime_Used", "93") "}\n", "93" },
		{ DRIVE TABLE_OF("202", "Perc_Rated_Life_Used", "93") "}\n", "93" },
		{ DRIVE TABLE_OF("202", "Data_Address_Mark_Errs", "93") "}\n", "(none)" },
		{ DRIVE TABLE_OF("233", "Media_Wearout_Indicator", "0") "}\n", "0" },
		{ DRIVE "\"in_smartctl_database\":false," TABLE_OF(
			  "233", "Media_Wearout_Indicator", "0") "}\n",
		  "(none)" },
		{ DRIVE "\"in_smartctl_database\":false," TABLE_OF(
			  "177", "Wear_Leveling_Count", "97") "}\n",
		  "97" },
		/* the drive's own measure before its vendor's */
		{ DRIVE "\"endurance_used\":{\"current_percent\":12}," TABLE_OF(
			  "177", "Wear_Leveling_Count", "97") "}\n",
		  "88" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct kept kept = kept_run(collect_storage_smart, cases[i].text,
					    strlen(cases[i].text));

		CHECK_STR(kept_value(kept_props(&kept, "storage.drives", "sda"),
				     "predicted_media_life_left_percent"),
			  cases[i].left);
	}
}

/* nvme-cli has printed its counters of 128 bits in each of these forms. */
static void counters_of_nvme_cli(void)
{
	static const char *const forms[] = { "2", "2.0", "2e0", "\"2\"" };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		AUTO_FREE char *text =
			xasprintf("{\"percent_used\":%s,\"data_units_read\":%s,"
				  "\"power_on_hours\":%s,\"temperature\":300}\n",
				  forms[i], forms[i], forms[i]);
		struct kept kept =
			kept_run(collect_storage_nvme_smart, text, strlen(text));
		const json_t *props = kept_props(&kept, "storage.drives", NULL);

		CHECK_STR(kept_value(props, "predicted_media_life_left_percent"), "98");
		CHECK_STR(kept_value(props, "data_read_bytes"), "1024000");
		CHECK_STR(kept_value(props, "power_on_hours"), "2");
		CHECK_STR(kept_value(props, "temperature_celsius"), "27");
	}
}

static void names_of_attributes(void)
{
	attribute("Reallocated_Sector_Ct", "5", "reallocated_sector_count", "5");
	attribute("Reallocated_Sector_Ct", "6", "reallocated_sector_count", "(none)");
	attribute("Runtime_Bad_Block", "5", "reallocated_sector_count", "(none)");
	attribute("Current_Pending_Sector", "197", "pending_sector_count", "5");
	attribute("ECC_Error_Count", "197", "pending_sector_count", "(none)");
	attribute("SSD_Life_Left", "231", "predicted_media_life_left_percent", "5");
	attribute("Temperature_Celsius", "231", "predicted_media_life_left_percent",
		  "(none)");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a cut smartctl output gives no value that the whole one has not",
		  every_cut, 0 },
		{ "a drive that sleeps is told as such, and is no trouble", asleep, 0 },
		{ "an NVMe drive's sanitize log is its state", sanitize, 0 },
		{ "throttling, cycles, groups and locks are read", states_of_drives, 0 },
		{ "zones are told of drives that have them", zones, 0 },
		{ "a SCSI drive has its names in each version's words", names_of_scsi,
		  0 },
		{ "a SCSI drive that fails says why", failing, 0 },
		{ "a drive's protocol is its own, or its transport's", protocols, 0 },
		{ "a temperature that is not reported is null", temperatures, 0 },
		{ "a command that failed is trouble when SMART's answer is lost with it",
		  failed_commands, 0 },
		{ "life left comes from the drive's own measure, then its vendor's names",
		  life_left, 0 },
		{ "nvme-cli's counters are read in each of their forms",
		  counters_of_nvme_cli, 0 },
		{ "an attribute counts only under a name that says so",
		  names_of_attributes, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
