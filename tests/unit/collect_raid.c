/* The raid collector where goldens do not reach: every cut, odd sizes and what is not one. */
#include "kept.h"
#include "raid.h"

#define CONTROLLERS(data)                                                                \
	"{\"Controllers\":[{\"Command "                                                  \
	"Status\":{\"Controller\":0,\"Status\":\"Success\"},"                            \
	"\"Response Data\":{" data "}}]}\n"
#define DRIVE(row, attributes)                                                           \
	"\"Drive /c0/e8/s1\":[{\"EID:Slt\":\"8:1\",\"DID\":9," row "}],"                 \
	"\"Drive /c0/e8/s1 - Detailed Information\":{\"Drive /c0/e8/s1 State\":{"        \
	"\"Media Error Count\":\"N/A\",\"Drive Temperature\":\" 28C (82.40 F)\"},"       \
	"\"Drive /c0/e8/s1 Device attributes\":{\"SN\":\"  EXSN1 \"," attributes "}}"
#define BASICS "\"Basics\":{\"Model\":\"EXR\",\"PCI Address\":\"00:3b:00:00\"}"

static const char drives[] = CONTROLLERS(DRIVE("\"State\":\"Onln\",\"DG\":0",
					       "\"Link Speed\":\"12.0Gb/s\","
					       "\"Raw size\":\"1 TB [0x10 Sectors]\","
					       "\"Logical Sector Size\":\"4 KB\""));
static const char volumes[] = CONTROLLERS(
	"\"/c0/v3\":[{\"DG/VD\":\"0/"
	"3\",\"TYPE\":\"RAID1\",\"State\":\"Dgrd\",\"Name\":\"x\"}],"
	"\"PDs for VD 3\":[{\"EID:Slt\":\"8:1\",\"State\":\"Onln\",\"SeSz\":\"512B\"}],"
	"\"VD3 Properties\":{\"Number of Blocks\":1000}");
static const char ircu[] =
	"LSI Corporation SAS2 IR Configuration Utility.\n"
	"Read configuration has been initiated for controller 1\n"
	"Controller information\n"
	"  Controller type : SAS2008\n  Segment : 0\n  Bus : 131\n  Device : 0\n"
	"  Function : 0\n"
	"Device is a Hard disk\n"
	"  Enclosure # : 1\n  Slot # : 3\n  State : Ready (RDY)\n"
	"  Size (in MB)/(in sectors) : 1907729/3907029167\n"
	"  Serial No : EXSN2\n";

static const char *value(collect_fn *run, const char *text, const char *key,
			 const char *prop)
{
	struct kept kept = kept_run(run, text, strlen(text));

	return kept_value(kept_props(&kept, "storage.drives", key), prop);
}

/* No cut makes a value that the whole does not have. */
static void cuts(collect_fn *run, const char *text, const char *type, const char *key,
		 const char *const *props)
{
	struct kept whole = kept_run(run, text, strlen(text));
	const json_t *all = kept_props(&whole, type, key);

	CHECK(all);
	for (size_t cut = 0; cut < strlen(text); cut++) {
		struct kept part = kept_run(run, text, cut);
		const json_t *some = kept_props(&part, type, key);

		for (size_t i = 0; some && props[i]; i++) {
			const json_t *found = json_object_get(some, props[i]);

			if (found && !json_is_null(found))
				CHECK_STR(kept_value(some, props[i]),
					  kept_value(all, props[i]));
		}
	}
}

static void cut_drives(void)
{
	static const char *const props[] = {
		"raid_device_id",      "capacity_bytes",        "serial_number",
		"temperature_celsius", "negotiated_speed_gbps", NULL
	};

	cuts(collect_raid_drives, drives, "storage.drives", "c0/e8/s1", props);
}

static void cut_volumes(void)
{
	static const char *const props[] = { "level", "capacity_bytes", NULL };

	cuts(collect_raid_volumes, volumes, "storage.arrays", "c0/v3", props);
}

static void storcli_sizes(void)
{
	CHECK_STR(value(collect_raid_drives, drives, "c0/e8/s1", "capacity_bytes"),
		  "65536");
	CHECK_STR(value(collect_raid_drives, drives, "c0/e8/s1", "media_errors"), "null");
	CHECK_STR(value(collect_raid_drives, drives, "c0/e8/s1", "foreign"), "false");
	/* The number of the last sector. */
	CHECK_STR(value(collect_raid_storcli,
			CONTROLLERS(BASICS ",\"Physical Device Information\":{" DRIVE(
				"\"SeSz\":\"512B\"",
				"\"Raw size\":\"1 TB [0xf Sectors]\"") "}"),
			"c0/e8/s1", "capacity_bytes"),
		  "8192");
	CHECK_STR(value(collect_raid_drives,
			CONTROLLERS(DRIVE("\"SeSz\":\"512B\"",
					  "\"Number of Blocks\":1,\"Raw size\":"
					  "\"x [0xffffffffffffffff Sectors]\"")),
			"c0/e8/s1", "capacity_bytes"),
		  "null");
}

static void storcli_loose_drives(void)
{
	const char *text = CONTROLLERS(
		BASICS
		",\"PD LIST\":[{\"EID:Slt\":\" :3\",\"State\":\"UGood\",\"DG\":\"F\","
		"\"Model\":\"EXD \"},{\"EID:Slt\":\" :x\"},7,{\"EID:Slt\":\"8:1\"}]");
	struct kept kept = kept_run(collect_raid_storcli, text, strlen(text));
	const json_t *props = kept_props(&kept, "storage.drives", "c0/s3");

	CHECK_STR(kept_value(props, "foreign"), "true");
	CHECK_STR(kept_value(props, "raid_slot"), "\":3\"");
	CHECK_STR(kept_value(props, "model"), "\"EXD\"");
	CHECK(!kept_props(&kept, "storage.drives", "c0/e8/s1"));
}

static const char *ircu_size(const char *size)
{
	AUTO_FREE char *text =
		xasprintf("Read configuration has been initiated for controller 0\n"
			  "Device is a Hard disk\nEnclosure # : 1\nSlot # : 0\n"
			  "Size (in MB)/(in sectors) : %s\n",
			  size);

	return value(collect_raid_sasircu, text, "sas3ircu0/e1/s0", "capacity_bytes");
}

static void ircu_sizes(void)
{
	CHECK_STR(value(collect_raid_sasircu, ircu, "sas2ircu1/e1/s3", "capacity_bytes"),
		  "2000398934016");
	CHECK_STR(ircu_size("1907729/488378645"), "2000398934016"); /* sectors of 4 KiB */
	CHECK_STR(ircu_size("0/0"), "null");
	CHECK_STR(ircu_size("1907729/12"), "null");
	CHECK_STR(ircu_size("1907729/99999999999999999999"), "null");
	CHECK_STR(ircu_size("/"), "null");
}

/* A line of text can be cut to another number; what ends in it is not believed. */
static void ircu_cut(void)
{
	struct kept kept = kept_run(collect_raid_sasircu, ircu, sizeof(ircu) - 1);
	const json_t *all = kept_props(&kept, "storage.drives", "sas2ircu1/e1/s3");

	CHECK_STR(kept_value(all, "serial_number"), "\"EXSN2\"");
	for (size_t cut = 0; cut < sizeof(ircu) - 1; cut++) {
		struct kept part = kept_run(collect_raid_sasircu, ircu, cut);
		const json_t *some =
			kept_props(&part, "storage.drives", "sas2ircu1/e1/s3");

		if (some && json_object_get(some, "serial_number"))
			CHECK_STR(kept_value(some, "serial_number"), "\"EXSN2\"");
	}
}

static void megaraid_disks(void)
{
	static const char text[] =
		"bee-megaraid\t0000:3b:00.0\t8\tsmartctl\n"
		"{\"device\":{\"protocol\":\"ATA\"},\"serial_number\":\"EXSN3\","
		"\"power_on_time\":{\"hours\":77}}\n"
		"bee-megaraid\t0000:3b:00.0\t9\tsmartctl\n"
		"{\"serial_number\":\"x\\nbee-megaraid\\t0\\t7\\tsmartctl\"}\n"
		"bee-megaraid\t0000:3b:00.0\t300\tERANGE\n"
		"bee-megaraid\t0000:3b:00.0\t301\tERANGE\n";
	static const char *const props[] = { "serial_number", "power_on_hours",
					     "raid_device_id", NULL };
	struct kept kept = kept_run(collect_megaraid_smart, text, sizeof(text) - 1);
	const json_t *disk =
		kept_props(&kept, "storage.drives", "0000:3b:00.0/megaraid,8");

	CHECK_STR(kept_value(disk, "power_on_hours"), "77");
	CHECK_STR(kept_value(disk, "raid_device_id"), "8");
	CHECK(kept_props(&kept, "storage.drives", "0000:3b:00.0/megaraid,9"));
	CHECK(!kept_props(&kept, "storage.drives", "0/megaraid,7"));
	CHECK(!kept_props(&kept, "storage.drives", "0000:3b:00.0/megaraid,300"));
	CHECK(kept.out.unreadable);
	CHECK_STR(kept_value(kept_props(&kept, "errors", "megaraid"), "message"),
		  "\"0000:3b:00.0, 300: ERANGE\"");
	cuts(collect_megaraid_smart, text, "storage.drives", "0000:3b:00.0/megaraid,8",
	     props);
}

/* smartctl 7.3 gives a SCSI device's type by SPC-4's number, none to an ATA disk; 13 is an enclosure. */
static void cciss_disks(void)
{
	static const char text[] =
		"bee-cciss\t0000:05:00.0\t0\tsmartctl\n"
		"{\"device\":{\"protocol\":\"SCSI\"},\"device_type\":{\"scsi_value\":0},"
		"\"serial_number\":\"EXSN5\"}\n"
		"bee-cciss\t0000:05:00.0\t1\tsmartctl\n"
		"{\"device\":{\"protocol\":\"ATA\"},\"serial_number\":\"EXSN6\"}\n"
		"bee-cciss\t0000:05:00.0\t2\tsmartctl\n"
		"{\"device_type\":{\"scsi_value\":13},\"serial_number\":\"EXSN7\"}\n";
	struct kept kept = kept_run(collect_cciss_smart, text, sizeof(text) - 1);

	CHECK_STR(kept_value(kept_props(&kept, "storage.drives", "0000:05:00.0/cciss,0"),
			     "serial_number"),
		  "\"EXSN5\"");
	CHECK_STR(kept_value(kept_props(&kept, "storage.drives", "0000:05:00.0/cciss,1"),
			     "controller_pci_address"),
		  "\"0000:05:00.0\"");
	CHECK(!kept_props(&kept, "storage.drives", "0000:05:00.0/cciss,2"));
	CHECK(!kept.out.unreadable);
	/* The other program's lines are none of its. */
	kept = kept_run(collect_megaraid_smart, text, sizeof(text) - 1);
	CHECK(kept.out.unreadable);
	CHECK(!kept_props(&kept, "storage.drives", NULL));
}

static void not_storcli(void)
{
	static const char *const texts[] = {
		"",
		"null",
		"[]",
		"{\"Controllers\":7}",
		"{\"Controllers\":[7,{}]}",
		CONTROLLERS("\"Drive /c\":[{}],\"Drive "
			    "/c0\":[7],\"/c0/v99999999999999999999\":[{}]"),
		CONTROLLERS("\"/c0/v1\":[{\"TYPE\":7}],\"PDs for VD 1\":[7,null]"),
		("{\"Controllers\":[{\"Command "
		 "Status\":{\"Controller\":-5,\"Description\":\"\\u001b[2J\"}}]}"),
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		(void)kept_run(collect_raid_storcli, texts[i], strlen(texts[i]));
		(void)kept_run(collect_raid_drives, texts[i], strlen(texts[i]));
		(void)kept_run(collect_raid_volumes, texts[i], strlen(texts[i]));
		(void)kept_run(collect_raid_sasircu, texts[i], strlen(texts[i]));
		(void)kept_run(collect_megaraid_smart, texts[i], strlen(texts[i]));
	}
	CHECK(true);
}

/* Names and forms: public captures of storcli2 008.0005; the values are made up. */
static void storcli2(void)
{
	static const char text[] =
		"{\"Controllers\":[{\"Command Status\":{\"Controller\":\"1\"},"
		"\"Response Data\":{\"Drives List\":[{\"Drive Information\":{"
		"\"EID:Slt\":\"306:4\",\"PID\":297,\"State\":\"Conf\",\"Status\":"
		"\"Online\","
		"\"Intf\":\"SAS\",\"Med\":\"HDD\",\"SeSz\":\"512B\",\"Model\":\"EX2  \"},"
		"\"Drive Detailed Information\":{\"Temperature(C)\":41,"
		"\"Serial Number\":\"EXSN9\",\"Vendor\":\"EXAMPLE \",\"Model\":\"EX2  \","
		"\"WWN\":\"5000C500EF000001\",\"Firmware Revision Level\":\"E001\","
		"\"Logical Sector Size\":\"512B\","
		"\"Raw size\":\"9.095 TiB [0x48c400000 Sectors]\","
		"\"Capable Speed\":\"12.0Gb/s\",\"Hard Disk Drive RPM\":7200,"
		"\"Path Information\":[{\"Negotiated Speed\":\"6.0Gb/s\"}],"
		"\"LU/NS Properties\":{\"Media Error Count\":3,\"Other Error Count\":0,"
		"\"Predictive Failure Count\":1}}}]}}]}";
	static const struct {
		const char *prop, *value;
	} rows[] = {
		{ "raid_slot", "\"306:4\"" },
		{ "raid_device_id", "297" },
		{ "raid_state", "\"Online\"" },
		{ "serial_number", "\"EXSN9\"" },
		{ "model", "\"EX2\"" },
		{ "manufacturer", "\"EXAMPLE\"" },
		{ "firmware_version", "\"E001\"" },
		{ "wwn", "\"0x5000c500ef000001\"" },
		{ "capacity_bytes", "10000831348736" },
		{ "temperature_celsius", "41" },
		{ "rotation_speed_rpm", "7200" },
		{ "negotiated_speed_gbps", "6" },
		{ "capable_speed_gbps", "12" },
		{ "media_type", "\"HDD\"" },
		{ "protocol", "\"SAS\"" },
		{ "media_errors", "3" },
		{ "predictive_failure_count", "1" },
	};
	struct kept kept = kept_run(collect_raid_drives, text, sizeof(text) - 1);

	CHECK(!kept.out.unreadable);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(kept_value(kept_props(&kept, "storage.drives", "c1/e306/s4"),
				     rows[i].prop),
			  rows[i].value);
}

static void storcli2_volumes(void)
{
	static const char text[] =
		"{\"Controllers\":[{\"Command Status\":{\"Controller\":\"0\"},"
		"\"Response Data\":{\"Virtual Drives\":[{\"VD Info\":{\"DG/VD\":\"0/7\","
		"\"TYPE\":\"RAID1\",\"State\":\"Dgrd\",\"CurrentCache\":\"NR,WB\","
		"\"Name\":\"x\"},\"PDs\":[{\"EID:Slt\":\"306:0\",\"State\":\"Conf\","
		"\"Status\":\"Online\",\"SeSz\":\"512B\"}],\"VD Properties\":{"
		"\"Block Size\":4096,\"Number of Blocks\":1000,"
		"\"SCSI NAA Id\":\"600062b2\",\"OS Drive Name\":\"/dev/sdb\"}}]}}]}";
	struct kept kept = kept_run(collect_raid_volumes, text, sizeof(text) - 1);
	const json_t *props = kept_props(&kept, "storage.arrays", "c0/v7");

	CHECK(!kept.out.unreadable);
	CHECK_STR(kept_value(props, "capacity_bytes"), "4096000");
	CHECK_STR(kept_value(props, "health"), "\"Critical\"");
	CHECK_STR(kept_value(props, "level"), "\"RAID1\"");
	CHECK_STR(kept_value(props, "cache_policy"), "\"NR,WB\"");
	CHECK_STR(kept_value(props, "device"), "\"/dev/sdb\"");
	CHECK_STR(kept_value(props, "members"),
		  "[{\"drive\":\"c0/e306/s0\",\"slot\":\"306:0\",\"state\":\"Online\"}]");
}

#define IRCU(block) "Read configuration has been initiated for controller 0\n" block
#define IRCU_DRIVE "Device is a Hard disk\nEnclosure # : 1\nSlot # : 0\n"
#define IRCU_VOLUME "IR volume 1\nVolume ID : 286\n"
#define VOLUME(row, properties)                                                          \
	CONTROLLERS("\"/c0/v1\":[{" row "}],\"VD1 Properties\":{" properties "}")

/* What each tool says and nobody knows: null, kept, and told. No such words stand in Broadcom's guides
 * (12 Gb/s MegaRAID Tri-Mode Storage Command Line Tool; SAS-3 Integrated RAID Configuration Utility). */
static void unread(void)
{
	static const struct {
		collect_fn *run;
		const char *text, *type, *unparsed;
	} rows[] = {
		{ collect_raid_volumes, VOLUME("\"State\":\"Wobbly\"", ""),
		  "storage.arrays", "{\"health\":\"Wobbly\"}" },
		{ collect_raid_volumes, VOLUME("", "\"Number of Blocks\":\"many\""),
		  "storage.arrays", "{\"capacity_bytes\":\"many\"}" },
		{ collect_raid_volumes,
		  VOLUME("", "\"Number of Blocks\":8,\"Block Size\":\"4 KB\""),
		  "storage.arrays", "{\"capacity_bytes\":\"4 KB\"}" },
		{ collect_raid_volumes, VOLUME("\"TYPE\":[1]", ""), "storage.arrays",
		  "{\"level\":\"[...]\"}" },
		{ collect_raid_drives, CONTROLLERS(DRIVE("\"Med\":\"Tape\"", "\"a\":1")),
		  "storage.drives", "{\"media_type\":\"Tape\"}" },
		{ collect_raid_drives, CONTROLLERS(DRIVE("\"DG\":\"X\"", "\"a\":1")),
		  "storage.drives", "{\"foreign\":\"X\"}" },
		{ collect_raid_drives,
		  CONTROLLERS(DRIVE("\"DG\":\"-\"", "\"WWN\":\"5000CCA2\"")),
		  "storage.drives", "{\"wwn\":\"5000CCA2\"}" },
		{ collect_raid_drives,
		  CONTROLLERS("\"Drives List\":[{\"Drive Information\":{\"EID:Slt\":"
			      "\"8:1\"},\"Drive Detailed Information\":{\"S.M.A.R.T "
			      "alert flagged by drive\":\"Perhaps\"}}]"),
		  "storage.drives", "{\"health\":\"Perhaps\"}" },
		{ collect_raid_sasircu, IRCU(IRCU_DRIVE "GUID : 5000-0\n"),
		  "storage.drives", "{\"wwn\":\"5000-0\"}" },
		{ collect_raid_sasircu, IRCU(IRCU_DRIVE "Drive Type : SAS_TAPE\n"),
		  "storage.drives", "{\"media_type\":\"TAPE\"}" },
		{ collect_raid_sasircu,
		  IRCU(IRCU_DRIVE "Size (in MB)/(in sectors) : 1907729/12\n"),
		  "storage.drives", "{\"capacity_bytes\":\"1907729/12\"}" },
		{ collect_raid_sasircu, IRCU(IRCU_VOLUME "Size (in MB) : 1.8 TB\n"),
		  "storage.arrays", "{\"capacity_bytes\":\"1.8 TB\"}" },
		{ collect_raid_sasircu,
		  IRCU(IRCU_VOLUME "Status of volume : Wobbly (WBL)\n"), "storage.arrays",
		  "{\"health\":\"WBL\"}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kept kept =
			kept_run(rows[i].run, rows[i].text, strlen(rows[i].text));

		CHECK_STR(kept_value(kept_props(&kept, rows[i].type, NULL), "unparsed"),
			  rows[i].unparsed);
		CHECK(kept.out.unreadable);
	}
}

/* What makes no record at all. */
static void told(void)
{
	static const struct {
		collect_fn *run;
		const char *text, *error;
	} rows[] = {
		{ collect_raid_drives,
		  CONTROLLERS(DRIVE("\"DG\":0", "\"a\":1") ",\"Drive /c0/e8/s2\":7"),
		  "\"Drive /c0/e8/s2 is no list of one drive\"" },
		{ collect_raid_volumes,
		  CONTROLLERS("\"/c0/v1\":[{\"TYPE\":\"RAID1\"}],\"/c0/v2\":[]"),
		  "\"/c0/v2 is no list of one volume\"" },
		{ collect_raid_storcli,
		  CONTROLLERS(BASICS ",\"PD LIST\":[{\"EID:Slt\":\" :x\"}]"),
		  "\"drive 0 of the list has no place\"" },
		{ collect_raid_storcli,
		  CONTROLLERS("\"Basics\":{\"PCI Address\":\"3b/0\"}"),
		  "\"controller 0 has no PCI address: \\\"3b/0\\\"\"" },
		{ collect_raid_storcli, "{\"Controllers\":[{}]}",
		  "\"a controller's answer is: neither data nor a reason\"" },
		{ collect_raid_drives,
		  "{\"Controllers\":[{\"Command Status\":{\"Controller\":\"c1\"},"
		  "\"Response Data\":{" DRIVE("\"DG\":0", "\"a\":1") "}}]}",
		  "\"a controller's number is \\\"c1\\\"\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kept kept =
			kept_run(rows[i].run, rows[i].text, strlen(rows[i].text));

		CHECK_STR(kept_value(kept_props(&kept, "errors", NULL), "message"),
			  rows[i].error);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "no cut of storcli's drives makes a value", cut_drives, 0 },
		{ "no cut of storcli's volumes makes a value", cut_volumes, 0 },
		{ "a drive has the sectors that there are", storcli_sizes, 0 },
		{ "a drive without an enclosure comes from the list",
		  storcli_loose_drives, 0 },
		{ "sas2ircu's last sector becomes a size", ircu_sizes, 0 },
		{ "no cut of sas2ircu's text makes a serial number", ircu_cut, 0 },
		{ "a disk has the line above its JSON, and no string makes one",
		  megaraid_disks, 0 },
		{ "what a tool says of a drive or volume and nobody knows is told",
		  unread, 0 },
		{ "a drive, a volume, a controller that cannot be made a record is told",
		  told, 0 },
		{ "what is no answer does no harm", not_storcli, 0 },
		{ "storcli2's list of drives is read", storcli2, 0 },
		{ "and its list of volumes", storcli2_volumes, 0 },
		{ "disks behind a Smart Array are told, and nothing else", cciss_disks,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
