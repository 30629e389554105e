/* Drives as the kernel has them: names, places, and what must not be believed. */
#include "kept.h"
#include "storage.h"

/* Without /sys/class/nvme as with it: one drive with its namespaces (nvme-core's names:
 * drivers/nvme/host/multipath.c, nvme_mpath_alloc_disk). A path that is hidden is none of them. */
static void lone_namespaces(void)
{
#define LONE(name, size)                                                                 \
	"l\t/sys/block/" name "\t../devices/pci0000:00/0000:01:00.0/nvme/nvme0/" name    \
	"\n"                                                                             \
	"v\t/sys/block/" name "/device/model\tEXAMPLE\n"                                 \
	"v\t/sys/block/" name "/size\t" size "\n"                                        \
	"v\t/sys/block/" name "/ro\t0\n"
	static const char text[] = LONE("nvme0n1", "8") LONE("nvme0n10", "24") LONE(
		"nvme0n2", "16") "v\t/sys/block/nvme0n2/hidden\t1\n" LONE("nvme0n3", "16")
		LONE("nvme1n1", "40") LONE("sda", "8");
	struct kept kept = kept_run(collect_storage_disks, text, sizeof(text) - 1);
	const json_t *props = kept_props(&kept, "storage.drives", "nvme0");

	CHECK_INT(json_array_size(kept.records), 3);
	CHECK(!kept.out.unreadable);
	CHECK_STR(kept_value(props, "namespaces"),
		  "[{\"capacity_bytes\":4096,\"name\":\"nvme0n1\",\"read_only\":false},"
		  "{\"capacity_bytes\":12288,\"name\":\"nvme0n10\",\"read_only\":false},"
		  "{\"capacity_bytes\":8192,\"name\":\"nvme0n3\",\"read_only\":false}]");
	CHECK_STR(kept_value(props, "capacity_bytes"), "24576");
	CHECK_STR(kept_value(props, "read_only"), "(none)");
	CHECK_STR(kept_value(props, "model"), "\"EXAMPLE\"");
	CHECK_STR(kept_value(props, "protocol"), "\"NVMe\"");
	CHECK_STR(kept_value(props, "media_type"), "\"SSD\"");
	CHECK_STR(kept_value(props, "controller_pci_address"), "\"0000:01:00.0\"");
	CHECK_STR(
		kept_value(kept_props(&kept, "storage.drives", "nvme1"), "namespaces"),
		"[{\"capacity_bytes\":20480,\"name\":\"nvme1n1\",\"read_only\":false}]");
	CHECK_STR(kept_value(kept_props(&kept, "storage.drives", "sda"), "read_only"),
		  "false");
}

static void keys(void)
{
	static const struct {
		const char *name, *key;
	} cases[] = {
		{ "sda", "sda" },         { "nvme0", "nvme0" },
		{ "nvme0n1", "nvme0" },   { "nvme12n34", "nvme12" },
		{ "nvme0c3n1", "nvme3" }, { "nvme0n1p2", "nvme0n1p2" },
		{ "nvme", "nvme" },       { "vda", "vda" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct span name = { cases[i].name, strlen(cases[i].name) };

		CHECK_STR(storage_key(name).text, cases[i].key);
	}
}

static void virtual_names(void)
{
	static const struct {
		const char *name;
		bool virtual;
	} cases[] = {
		{ "loop0", true }, { "dm-3", true },         { "md127", true },
		{ "sr0", true },   { "zram0", true },        { "mtdblock2", true },
		{ "sda", false },  { "sdr0", false },        { "mmcblk0", false },
		{ "fdx", false },  { "mmcblk0boot1", true }, { "nvme0n1", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct span name = { cases[i].name, strlen(cases[i].name) };

		CHECK_INT(storage_is_virtual(name), cases[i].virtual);
	}
}

/* Vital product data is binary: the length of a serial number can read as a newline. */
static void vital_product_data(void)
{
	static const char text[] =
		"v\t/sys/block/sda/device/model\tEXAMPLE HDD8000N\n"
		"v\t/sys/block/sda/device/vendor\tATA     \n"
		"v\t/sys/block/sda/device/vpd_pg80\t\0\x80\0\x14            EXSN0001\n"
		"v\t/sys/block/sda/device/vpd_pg83\t\0\x83\0H\2\1\0DATA     "
		"EXAMPLE HDD8000NM0055-1RM112            "
		"EXSN0001            \n"
		"v\t/sys/block/sdb/device/vpd_pg80\t\0\x80\0\n"
		"v\t/sys/block/sdb/device/vpd_pg80\tTENLETTERS\n"
		"v\t/sys/block/sdc/device/vpd_pg80\t\0\x80\0\4AB\0\0\n"
		"v\t/sys/block/sdd/device/vpd_pg80\t\0\x80\0\n"
		"v\t/sys/block/sdd/device/vpd_pg83\tATA     EXAMPLE\n"
		"v\t/sys/block/sdd/device/vendor\tATA     \n"
		"v\t/sys/block/sde/device/vpd_pg80\t\0\n";
	struct kept kept = kept_run(collect_storage_disks, text, sizeof(text) - 1);
	static const char *const serials[][2] = {
		{ "sda", "\"EXSN0001\"" }, { "sdb", "\"TENLETTERS\"" },
		{ "sdc", "\"AB\"" },       { "sdd", "(none)" },
		{ "sde", "(none)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(serials); i++)
		CHECK_STR(kept_value(kept_props(&kept, "storage.drives", serials[i][0]),
				     "serial_number"),
			  serials[i][1]);
	CHECK_STR(kept_value(kept_props(&kept, "storage.drives", "sda"), "model"),
		  "\"EXAMPLE HDD8000NM0055-1RM112\"");
	CHECK_STR(kept_value(kept_props(&kept, "storage.drives", "sdd"), "model"),
		  "(none)");
}

/* A drive that answers nothing at all is still known by what the kernel learned at boot.
 */
static void dead_drive(void)
{
	static const char text[] = "v\t/sys/block/sda/device/model\tEXAMPLE\n"
				   "v\t/sys/block/sda/size\t2000\n"
				   "e\t/sys/block/sda/device/state\tEIO\n";
	struct kept kept = kept_run(collect_storage_disks, text, sizeof(text) - 1);
	const json_t *props = kept_props(&kept, "storage.drives", "sda");

	CHECK_STR(kept_value(props, "model"), "\"EXAMPLE\"");
	CHECK_STR(kept_value(props, "capacity_bytes"), "1024000");
	CHECK_STR(kept_value(props, "device_state"), "null");
	CHECK_STR(kept_value(props, "serial_number"), "(none)");
	CHECK_STR(kept_value(props, "read_errors"), "[\"device/state: EIO\"]");
	CHECK(!kept.out.unreadable);
}

/* Drives behind Intel's VMD are in PCI domains from 10000h on. */
static void wide_domain(void)
{
	static const char text[] =
		"l\t/sys/block/sda\t../devices/pci0000:00/0000:00:0e.0/pci10000:e0/"
		"10000:e0:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda\n"
		"v\t/sys/block/sda/size\t2000\n";
	struct kept kept = kept_run(collect_storage_disks, text, sizeof(text) - 1);
	const json_t *props = kept_props(&kept, "storage.drives", "sda");

	CHECK_STR(kept_value(props, "controller_pci_address"), "\"10000:e0:17.0\"");
}

/* A control byte in a drive's name is escaped where the JSON is read, and not again. */
static void hostile_keys(void)
{
	static const char lsblk[] =
		"{\"blockdevices\":[{\"kname\":\"sd\\u0001a\",\"type\":"
		"\"disk\",\"size\":1024}]}";
	static const char named[] =
		"{\"device\":{\"name\":\"/dev/sd\\u0001a\"},\"model_name\":\"A\"}";
	struct kept kept = kept_run(collect_storage_lsblk, lsblk, sizeof(lsblk) - 1);

	CHECK(kept_props(&kept, "storage.drives", "sd\\x01a") != NULL);
	kept = kept_run(collect_storage_smart, named, sizeof(named) - 1);
	CHECK(kept_props(&kept, "storage.drives", "sd\\x01a") != NULL);
}

/* What blank EEPROMs and bridges say is no drive's own. */
static void placeholders(void)
{
	static const char lsblk[] =
		"{\"blockdevices\":[{\"kname\":\"sda\",\"type\":\"disk\","
		"\"serial\":\"00000000\","
		"\"wwn\":\"0x0000000000000000\"}]}";
	static const char nvme[] = "{\"sn\":\"Not Available\",\"mn\":\"EXAMPLE\"}";
	struct kept kept = kept_run(collect_storage_lsblk, lsblk, sizeof(lsblk) - 1);
	const json_t *props = kept_props(&kept, "storage.drives", "sda");

	CHECK_STR(kept_value(props, "serial_number"), "null");
	CHECK_STR(kept_value(props, "wwn"), "null");
	CHECK_STR(kept_value(props, "placeholders"),
		  "{\"serial_number\":\"00000000\",\"wwn\":\"0x0000000000000000\"}");
	kept = kept_run(collect_storage_nvme_id, nvme, sizeof(nvme) - 1);
	props = kept_props(&kept, "storage.drives", NULL);
	CHECK_STR(kept_value(props, "serial_number"), "null");
	CHECK_STR(kept_value(props, "model"), "\"EXAMPLE\"");
}

/* drivers/misc/ses.c, ses_get_fault: (desc[3] & 0x60) >> 4. */
static void slot_faults(void)
{
	static const struct {
		const char *fault, *wanted;
	} list[] = {
		{ "0", "[false]" }, { "2", "[true]" },   { "4", "[true]" },
		{ "6", "[true]" },  { "1", "[null]" },   { "8", "[null]" },
		{ "-1", "[null]" }, { "yes", "[null]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		AUTO_FREE char *text =
			xasprintf("v\t/sys/class/enclosure/E/Slot 01/type\tarray device\n"
				  "v\t/sys/class/enclosure/E/Slot 01/fault\t%s\n",
				  list[i].fault);
		struct kept kept = { .out.emit = kept_emit,
				     .records = kept_own(json_array()) };
		struct input in = { text, strlen(text) };
		const json_t *slots;
		json_t *faults = kept_own(json_array());
		AUTO_FREE char *told = NULL;

		collect_storage_enclosure(&in, "E", &kept.out);
		slots = json_object_get(kept_props(&kept, "storage.enclosures", "E"),
					"slots");
		json_push(faults, json_incref(json_object_get(json_array_get(slots, 0),
							      "fault")));
		told = json_dumps(faults, JSON_COMPACT);
		CHECK_STR(told, list[i].wanted);
	}
}

static const char *disk_prop(const char *path, const char *more, const char *prop)
{
	AUTO_FREE char *text = xasprintf("l\t/sys/block/sda\t../devices/%s/block/sda\n"
					 "v\t/sys/block/sda/size\t8\n%s",
					 path, more);
	struct kept kept = kept_run(collect_storage_disks, text, strlen(text));

	return kept_value(kept_props(&kept, "storage.drives", "sda"), prop);
}

/* Names of the kernel's transport classes: scsi_transport_{srp,sas,iscsi,fc}.c. */
static void transports(void)
{
#define PCI "pci0000:00/0000:00:1c.0/host7/"
	CHECK_STR(disk_prop(PCI "port-7:1/target7:0:0/7:0:0:0", "", "transport"),
		  "\"srp\"");
	CHECK_STR(disk_prop(PCI "port-7:0/end_device-7:0/target7:0:0/7:0:0:0", "",
			    "transport"),
		  "\"sas\"");
	CHECK_STR(disk_prop(PCI "session3/target7:0:0/7:0:0:0", "", "transport"),
		  "\"iscsi\"");
	CHECK_STR(disk_prop(PCI "rport-7:0-3/target7:0:0/7:0:0:0", "", "transport"),
		  "\"fc\"");
	/* NAA 6 of a volume: 16 bytes. */
	CHECK_STR(disk_prop(PCI "session3/target7:0:0/7:0:0:0",
			    "v\t/sys/block/sda/device/wwid\tnaa."
			    "600a0980000000010000000000000002\n",
			    "wwn"),
		  "\"0x600a0980000000010000000000000002\"");
	CHECK_STR(disk_prop(PCI "session3/target7:0:0/7:0:0:0",
			    "v\t/sys/block/sda/device/wwid\tnaa.600a098000000001000\n",
			    "wwn"),
		  "(none)");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "namespaces without a controller are one drive", lone_namespaces, 0 },
		{ "a namespace belongs to its controller's record", keys, 0 },
		{ "what the kernel makes up is no drive", virtual_names, 0 },
		{ "a drive that does not answer is in the inventory", dead_drive, 0 },
		{ "serial number and model come from the kernel's vital product data",
		  vital_product_data, 0 },
		{ "a controller's PCI domain may have more than four digits", wide_domain,
		  0 },
		{ "a control byte in a drive's name is escaped once", hostile_keys, 0 },
		{ "a drive's placeholders are null and kept", placeholders, 0 },
		{ "a slot's fault is 0, 2, 4 or 6, and nothing else is known",
		  slot_faults, 0 },
		{ "how a disk is attached is in its path", transports, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
