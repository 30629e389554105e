/* Merging is the same whatever order the records came in. */
#include "merge.h"
#include "record.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

struct given {
	const char *type, *key, *source, *props;
};

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, 0, &error);

	if (!value)
		tap_fail(__FILE__, __LINE__, "%s: %s", text, error.text);
	return value;
}

static char *merged(const struct given *given, const unsigned *order, unsigned count,
		    const char *type)
{
	struct merge merge = { 0 };
	AUTO_JSON json_t *list = NULL;
	char *text;

	for (unsigned i = 0; i < count; i++) {
		const struct given *g = &given[order[i]];

		merge_add(&merge, record_type_find(g->type), g->key, parse(g->props),
			  g->source, order[i], 0);
	}
	merge_join(&merge);
	merge_join_gpus(&merge);
	merge_sort(&merge);
	list = merge_type(&merge, record_type_find(type));
	text = json_dumps(list, JSON_SORT_KEYS | JSON_COMPACT);
	merge_done(&merge);
	return text;
}

static void check_every_order(const struct given *given, unsigned count, const char *type,
			      const char *wanted)
{
	unsigned order[8], turn[8] = { 0 };

	for (unsigned i = 0; i < count; i++)
		order[i] = i;
	/* Heap's algorithm. */
	for (unsigned i = 0;;) {
		if (i == 0) {
			AUTO_FREE char *text = merged(given, order, count, type);

			CHECK_STR(text, wanted);
			i = 1;
		}
		while (i < count && turn[i] >= i)
			turn[i++] = 0;
		if (i == count)
			return;
		unsigned other = i % 2 ? turn[i] : 0, swap = order[other];

		order[other] = order[i];
		order[i] = swap;
		turn[i]++;
		i = 0;
	}
}

static void test_order(void)
{
	static const struct given given[] = {
		{ "storage.drives", "sda", "storage/disks",
		  "{\"model\":\"SHORT\",\"size\":5}" },
		{ "storage.drives", "sda", "storage/lsblk",
		  "{\"model\":\"MIDDLE\",\"wwn\":null}" },
		{ "storage.drives", "sda", "storage/smart@sda",
		  "{\"model\":\"FULL\",\"wwn\":null}" },
		{ "storage.drives", "nvme0", "storage/disks", "{\"size\":null}" },
		{ "storage.drives", "nvme0", "storage/other", "{\"size\":7}" },
	};

	check_every_order(
		given, ARRAY_LEN(given), "storage.drives",
		"[{\"key\":\"nvme0\",\"size\":7,\"src\":[\"storage/disks\","
		"\"storage/other\"]},"
		"{\"conflicts\":{\"model\":{\"storage/disks\":\"SHORT\","
		"\"storage/lsblk\":\"MIDDLE\"}},\"key\":\"sda\",\"model\":\"FULL\","
		"\"size\":5,\"src\":[\"storage/disks\",\"storage/lsblk\","
		"\"storage/smart@sda\"],\"wwn\":null}]");
}

/* What a source says of its properties is no value of the part's: both have said it. */
static void test_remarks(void)
{
	static const struct given given[] = {
		{ "storage.drives", "sda", "storage/smart@sda",
		  "{\"notes\":[\"n1\"],\"raw\":{\"a\":4,\"b\":5}}" },
		{ "storage.drives", "sda", "storage/lsblk",
		  "{\"notes\":[\"n2\",\"n1\"],\"raw\":{\"b\":6,\"c\":7},"
		  "\"escaped\":[\"m\"]}" },
		{ "storage.drives", "sda", "storage/disks",
		  "{\"read_errors\":[\"size: EIO\"],\"unparsed\":{\"a\":\"x\"},"
		  "\"placeholders\":{\"m\":\"-\"}}" },
		{ "storage.drives", "sda", "storage/other",
		  "{\"read_errors\":[\"ro: EIO\"],\"unparsed\":{\"b\":\"y\"},"
		  "\"placeholders\":{\"n\":\"0\"},\"escaped\":[\"n\"]}" },
	};

	check_every_order(given, ARRAY_LEN(given), "storage.drives",
			  "[{\"escaped\":[\"m\",\"n\"],\"key\":\"sda\","
			  "\"notes\":[\"n1\",\"n2\"],"
			  "\"placeholders\":{\"m\":\"-\",\"n\":\"0\"},"
			  "\"raw\":{\"a\":4,\"b\":5,\"c\":7},"
			  "\"read_errors\":[\"size: EIO\",\"ro: EIO\"],"
			  "\"src\":[\"storage/disks\",\"storage/lsblk\","
			  "\"storage/other\",\"storage/smart@sda\"],"
			  "\"unparsed\":{\"a\":\"x\",\"b\":\"y\"}}]");
}

static void test_object(void)
{
	static const struct given given[] = {
		{ "system", "0x0001", "board/dmi", "{\"model\":\"R640\"}" },
		{ "system", "other", "zzz/dmi", "{\"model\":\"X\",\"uuid\":\"u\"}" },
	};

	check_every_order(
		given, ARRAY_LEN(given), "system",
		"{\"conflicts\":{\"model\":{\"zzz/dmi\":\"X\"}},\"model\":\"R640\","
		"\"src\":[\"board/dmi\",\"zzz/dmi\"],\"uuid\":\"u\"}");
}

static void test_supplies(void)
{
	static const struct given given[] = {
		{ "power_supplies", "fru2", "psu/fru",
		  "{\"serial_number\":\"S2\",\"watts\":9}" },
		{ "power_supplies", "fru2", "psu/sdr", "{\"health\":\"OK\"}" },
		{ "power_supplies", "0x0027", "psu/dmi",
		  "{\"serial_number\":\"S2\",\"watts\":8}" },
		{ "power_supplies", "0x0028", "psu/dmi", "{\"serial_number\":null}" },
		{ "power_supplies", "0x0029", "psu/dmi", "{\"serial_number\":\"S3\"}" },
	};
	static const unsigned alone[] = { 2, 3 };
	AUTO_FREE char *text = merged(given, alone, ARRAY_LEN(alone), "power_supplies");

	check_every_order(given, ARRAY_LEN(given), "power_supplies",
			  "[{\"key\":\"0x0029\",\"serial_number\":\"S3\","
			  "\"src\":[\"psu/dmi\"]},"
			  "{\"conflicts\":{\"watts\":{\"psu/dmi\":8}},\"health\":\"OK\","
			  "\"key\":\"fru2\",\"serial_number\":\"S2\","
			  "\"src\":[\"psu/dmi\",\"psu/fru\",\"psu/sdr\"],\"watts\":9}]");
	check_every_order(given, ARRAY_LEN(given), "smbios.power_supplies",
			  "[{\"key\":\"0x0028\",\"serial_number\":null,"
			  "\"src\":[\"psu/dmi\"]}]");
	CHECK_STR(text, "[{\"key\":\"0x0027\",\"serial_number\":\"S2\","
			"\"src\":[\"psu/dmi\"],\"watts\":8},"
			"{\"key\":\"0x0028\",\"serial_number\":null,"
			"\"src\":[\"psu/dmi\"]}]");
}

/* A GPU no driver speaks for has its PCI identity; a BMC's display and a share of a GPU are none. */
static void test_gpus(void)
{
	static const struct given given[] = {
		{ "pcie.devices", "a", "pcie/sysfs",
		  "{\"class_code\":\"0x030200\",\"vendor_id\":\"0x10de\"}" },
		{ "pcie.devices", "b", "pcie/sysfs",
		  "{\"class_code\":\"0x030200\",\"vendor_id\":\"0x10de\"}" },
		{ "pcie.devices", "b", "pcie/lspci",
		  "{\"class\":\"3D\",\"model\":\"M\"}" },
		{ "pcie.devices", "c", "pcie/sysfs",
		  "{\"class_code\":\"0x030000\",\"vendor_id\":\"0x1a03\"}" },
		{ "pcie.devices", "d", "pcie/sysfs",
		  "{\"class_code\":\"0x030200\",\"vendor_id\":\"0x10de\","
		  "\"physical_function\":\"a\"}" },
		{ "gpus", "a", "nvidia/smi", "{\"model\":\"X\"}" },
	};

	check_every_order(given, ARRAY_LEN(given), "gpus",
			  "[{\"key\":\"a\",\"model\":\"X\",\"src\":[\"nvidia/smi\"]},"
			  "{\"key\":\"b\",\"model\":\"M\",\"src\":[\"pcie/lspci\","
			  "\"pcie/sysfs\"],\"vendor_id\":\"0x10de\"}]");
}

static void test_drives(void)
{
	static const struct given given[] = {
		{ "storage.drives", "sda", "storage/disks",
		  "{\"serial_number\":\"S1\"}" },
		{ "storage.drives", "c0/e1/s1", "raid/storcli-drives",
		  "{\"serial_number\":\"S1\",\"temperature_celsius\":30}" },
		{ "storage.drives", "c0/e1/s1", "raid/storcli",
		  "{\"raid_slot\":\"1:1\"}" },
		{ "storage.drives", "a/megaraid,1", "megaraid/smart",
		  "{\"serial_number\":\"S1\",\"temperature_celsius\":31}" },
		{ "storage.drives", "c0/e1/s2", "raid/storcli-drives",
		  "{\"serial_number\":\"S2\"}" },
		{ "storage.drives", "a/megaraid,2", "megaraid/smart",
		  "{\"serial_number\":\"S2\"}" },
		{ "storage.arrays", "c0/v0", "raid/storcli-volumes",
		  "{\"members\":[{\"drive\":\"c0/e1/s1\"},{\"drive\":\"c0/e1/s2\"},7]}" },
	};

	check_every_order(
		given, ARRAY_LEN(given), "storage.drives",
		"[{\"key\":\"c0/e1/s2\",\"serial_number\":\"S2\","
		"\"src\":[\"megaraid/smart\",\"raid/storcli-drives\"]},"
		"{\"key\":\"sda\",\"raid_slot\":\"1:1\",\"serial_number\":\"S1\","
		"\"src\":[\"megaraid/smart\",\"raid/storcli\",\"raid/storcli-drives\","
		"\"storage/disks\"],"
		"\"temperature_celsius\":31}]");
	check_every_order(
		given, ARRAY_LEN(given), "storage.arrays",
		"[{\"key\":\"c0/v0\",\"members\":[{\"drive\":\"sda\"},"
		"{\"drive\":\"c0/e1/s2\"},7],\"src\":[\"raid/storcli-volumes\"]}]");
}

static void test_smart_array(void)
{
	static const struct given given[] = {
		{ "storage.drives", "sdb", "storage/disks",
		  "{\"serial_number\":\"S3\"}" },
		{ "storage.drives", "b/cciss,0", "cciss/smart",
		  "{\"power_on_hours\":7,\"serial_number\":\"S3\"}" },
		{ "storage.drives", "b/cciss,1", "cciss/smart",
		  "{\"serial_number\":\"S4\"}" },
	};

	check_every_order(given, ARRAY_LEN(given), "storage.drives",
			  "[{\"key\":\"b/cciss,1\",\"serial_number\":\"S4\",\"src\":"
			  "[\"cciss/smart\"]},{\"key\":\"sdb\",\"power_on_hours\":7,"
			  "\"serial_number\":\"S3\",\"src\":[\"cciss/smart\","
			  "\"storage/disks\"]}]");
}

static void test_same_job_twice(void)
{
	struct merge merge = { 0 };
	int type = record_type_find("gpus");

	merge_add(&merge, type, "g", parse("{\"a\":2}"), "nvidia/smi", 0, 1);
	merge_add(&merge, type, "g", parse("{\"a\":1}"), "nvidia/smi", 0, 0);
	merge_join(&merge);
	merge_join_gpus(&merge);
	merge_sort(&merge);
	{
		AUTO_JSON json_t *list = merge_type(&merge, type);
		AUTO_FREE char *text = json_dumps(list, JSON_SORT_KEYS | JSON_COMPACT);

		CHECK_STR(text, "[{\"a\":1,\"conflicts\":{\"a\":{\"nvidia/"
				"smi\":2}},\"key\":\"g\","
				"\"src\":[\"nvidia/smi\"]}]");
	}
	merge_drop_jobs(&merge, (const bool[]){ true });
	CHECK_INT(merge.count, 0);
	merge_done(&merge);
}

/* Who knows that there are no drives: not the arrays, nor what is behind one controller. */
static void test_who_may_tell(void)
{
	int drives = record_type_find("storage.drives");

	CHECK(merge_may_tell(drives, "storage/disks"));
	CHECK(merge_may_tell(drives, "storage/lsblk"));
	CHECK(!merge_may_tell(drives, "storage/arrays"));
	CHECK(!merge_may_tell(drives, "raid/storcli"));
	CHECK(merge_may_tell(record_type_find("processors"), "cpu/dmi"));
	CHECK(!merge_may_tell(record_type_find("processors"), "cpu/sysfs"));
	CHECK(merge_may_tell(record_type_find("network.virtual_functions"), "x/y"));
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "every order of arrival gives the same list", test_order, 0 },
		{ "remarks of two sources are put together, and no conflict",
		  test_remarks, 0 },
		{ "a type that is one object has one, whatever the keys", test_object,
		  0 },
		{ "SMBIOS's power supplies are joined to the FRUs' by serial number",
		  test_supplies, 0 },
		{ "a GPU without a driver is one by its PCI identity", test_gpus, 0 },
		{ "drives behind RAID controllers are joined to the kernel's",
		  test_drives, 0 },
		{ "a job that is no source of a kind does not know that there is none",
		  test_who_may_tell, 0 },
		{ "within a job the first record is believed", test_same_job_twice, 0 },
		{ "so are those behind a Smart Array", test_smart_array, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
