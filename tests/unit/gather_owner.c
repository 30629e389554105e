/* Whose drives they are, and how many; what a drive says that cannot be true. */
#include "derive.h"
#include "tap.h"

#include <string.h>

/* Single quotes stand for double ones. */
static json_t *after(const char *member, const char *records)
{
	AUTO_FREE char *text = xasprintf("{%s[%s]}}", member, records);
	json_t *document;

	for (char *at = text; *at; at++)
		if (*at == '\'')
			*at = '"';
	document = json_loads(text, 0, NULL);
	if (!document)
		tap_fail(__FILE__, __LINE__, "%s", text);
	derive_owner(document);
	derive_doubt(document);
	return document;
}

#define DRIVES "'storage':{'drives':"

/*
 * Model and vendor as Linux tells them of AMI's, ATEN's, Dell's, HPE's and Cisco's BMCs (the strings
 * of their USB devices in public `lsscsi` lists), and of f_mass_storage.c.
 */
static void test_attachment(void)
{
	static const struct {
		const char *drive, *attachment;
	} list[] = {
		{ "'transport':'iscsi'", "iscsi" },
		{ "'transport':'fc','protocol':'FC'", "fibre-channel" },
		{ "'transport':'srp'", "srp" },
		{ "'transport':'tcp','protocol':'NVMe'", "nvme-fabrics" },
		{ "'transport':'rdma','protocol':'NVMe'", "nvme-fabrics" },
		{ "'transport':'fc','protocol':'NVMe'", "nvme-fabrics" },
		{ "'transport':'usb','manufacturer':'AMI','model':'Virtual HDisk0',"
		  "'capacity_bytes':1048576",
		  "virtual-media" },
		{ "'transport':'usb','manufacturer':'ATEN','model':'Virtual Floppy'",
		  "virtual-media" },
		{ "'transport':'usb','manufacturer':'iDRAC','model':'LCDRIVE'",
		  "virtual-media" },
		{ "'transport':'usb','manufacturer':'Cisco','model':'vKVM-Mapped vHDD'",
		  "virtual-media" },
		{ "'transport':'usb','manufacturer':'Linux','model':'File-Stor Gadget'",
		  "virtual-media" },
		{ "'transport':'usb','model':'SD/MMC/MS PRO','removable':true,"
		  "'capacity_bytes':32000000000",
		  "card-reader" },
		{ "'transport':'usb','model':'Multi-Reader','removable':true",
		  "card-reader" },
		{ "'transport':'usb','model':'X','removable':true,'capacity_bytes':null",
		  "card-reader" },
		/* The machine's own. */
		{ "'transport':'usb','model':'DataTraveler','removable':true,"
		  "'capacity_bytes':8000000000",
		  NULL },
		{ "'transport':'usb','model':'Card','removable':false,"
		  "'capacity_bytes':8000000000",
		  NULL },
		{ "'transport':'sas','model':'ST8000NM0075'", NULL },
		{ "'transport':'ata','model':'VMware Virtual S'", NULL },
		{ "'transport':'pcie','protocol':'NVMe'", NULL },
		{ "'model':'Virtual disk','manufacturer':'VMware'", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		AUTO_FREE char *text = xasprintf("{'key':'a',%s}", list[i].drive);
		AUTO_JSON json_t *document = after(DRIVES, text);
		const json_t *storage = json_object_get(document, "storage");
		const json_t *others = json_object_get(storage, "others");
		const char *told = json_string_value(
			json_object_get(json_array_get(others, 0), "attachment"));

		CHECK_STR(told, list[i].attachment);
		CHECK_INT(json_array_size(json_object_get(storage, "drives")),
			  list[i].attachment ? 0 : 1);
	}
}

static void check_drives(const char *list, const char *wanted)
{
	AUTO_JSON json_t *document = after(DRIVES, list);
	AUTO_FREE char *text = NULL;
	json_t *drives = json_object_get(json_object_get(document, "storage"), "drives");

	text = json_dumps(drives, JSON_SORT_KEYS | JSON_COMPACT);
	for (char *at = text; *at; at++)
		if (*at == '"')
			*at = '\'';
	CHECK_STR(text, wanted);
}

#define SAS(key, hctl, more)                                                             \
	"{'key':'" key "','model':'M','serial_number':'S1','wwn':'0x5','transport':'"    \
	"sas','hctl':'" hctl "','src':['x']" more "}"
#define NVME(key, id, more)                                                              \
	"{'key':'" key "','model':'M','serial_number':'S1','protocol':'NVMe','"          \
	"transport':'pcie','subsystem_nqn':'n','controller_id':" id ",'src':['x']" more  \
	"}"

static size_t count(const char *list)
{
	AUTO_JSON json_t *document = after(DRIVES, list);

	return json_array_size(
		json_object_get(json_object_get(document, "storage"), "drives"));
}

static void test_paths(void)
{
	check_drives(
		SAS("sda", "0:0:1:0", ",'device_state':'offline'") "," SAS(
			"sdb", "1:0:1:0", ",'device_state':'running','health':'OK'"),
		"[{'device_state':'running','hctl':'0:0:1:0','health':'OK','key':'sda',"
		"'model':'M','paths':[{'device_state':'offline','hctl':'0:0:1:0','key':"
		"'sda'},{'device_state':'running','hctl':'1:0:1:0','key':'sdb'}],"
		"'serial_number':'S1','src':['x'],'transport':'sas','wwn':'0x5'}]");
	CHECK_INT(count(NVME("nvme0", "1", "") "," NVME("nvme1", "2", "")), 1);
	CHECK_INT(count(SAS("sda", "0:0:1:0", "") "," SAS("sdb", "1:0:1:0", "") "," SAS(
			  "sdc", "2:0:1:0", "")),
		  1);
	/* Two drives after all. */
	CHECK_INT(count(NVME("nvme0", "1", "") "," NVME("nvme1", "1", "")), 2);
	CHECK_INT(count(SAS("sda", "0:0:1:0", "") "," SAS("sdb", "0:0:1:0", "")), 2);
	CHECK_INT(count(SAS("sda", "0:0:1:0", ",'capacity_bytes':1") "," SAS(
			  "sdb", "1:0:1:0", ",'capacity_bytes':2")),
		  2);
	CHECK_INT(count(SAS("sda", "0:0:1:0", "") "," SAS("sdb", "1:0:1:0",
							  ",'serial_number':'S2'")),
		  2);
	CHECK_INT(count("{'key':'sda','model':'M','wwn':'0x5','hctl':'0','transport':"
			"'ata'},{'key':'sdb','model':'M','wwn':'0x5','hctl':'1',"
			"'transport':'ata'}"),
		  2);
	CHECK_INT(count("{'key':'sda','model':'M','hctl':'0'},{'key':'sdb','model':'M',"
			"'hctl':'1'}"),
		  2);
}

static void test_virtual_functions(void)
{
	AUTO_JSON json_t *document =
		after("'network':{'interfaces':",
		      "{'key':'eth0'},{'key':'eth1','physical_function':'0000:18:00.0'}");
	const json_t *network = json_object_get(document, "network");

	CHECK_INT(json_array_size(json_object_get(network, "interfaces")), 1);
	CHECK_INT(json_array_size(json_object_get(network, "virtual_functions")), 1);
}

static void check_doubt(const char *drive, const char *health)
{
	AUTO_FREE char *text = xasprintf("{'key':'nvme0','health':'OK',%s}", drive);
	AUTO_JSON json_t *document = after(DRIVES, text);
	const json_t *storage = json_object_get(document, "storage");

	CHECK_STR(
		json_string_value(json_object_get(
			json_array_get(json_object_get(storage, "drives"), 0), "health")),
		health);
}

static void test_doubt(void)
{
	check_doubt("'host_read_commands':1,'data_read_bytes':0", NULL);
	check_doubt("'host_write_commands':1,'data_written_bytes':0", NULL);
	check_doubt("'host_read_commands':0,'data_read_bytes':0", "OK");
	check_doubt("'host_read_commands':1,'data_read_bytes':512000", "OK");
	check_doubt("'host_read_commands':1", "OK");
}

/* The disk's own number before its bridge's, and that before none; a bridge's disks stay apart. */
static void test_bridge(void)
{
	static const char *const wanted[] = { "WD-1", "B1", "B1", "B2" };
	AUTO_JSON json_t *document =
		after(DRIVES, "{'key':'sda','transport':'usb','serial_number':'WD-1',"
			      "'usb_serial_number':'B1'},"
			      "{'key':'sdb','transport':'usb','usb_serial_number':'B1'},"
			      "{'key':'sdc','transport':'usb','usb_serial_number':'B1'},"
			      "{'key':'sdd','transport':'usb','serial_number':null,"
			      "'usb_serial_number':'B2'}");
	const json_t *drives =
		json_object_get(json_object_get(document, "storage"), "drives");

	if (json_array_size(drives) != ARRAY_LEN(wanted))
		tap_fail(__FILE__, __LINE__, "%zu drives", json_array_size(drives));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const char *serial = json_string_value(
			json_object_get(json_array_get(drives, i), "serial_number"));

		if (!serial || strcmp(serial, wanted[i]) != 0)
			tap_fail(__FILE__, __LINE__, "%zu: %s", i, serial ? serial : "-");
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "remote volumes, the BMC's media and card readers are not its own",
		  test_attachment, 0 },
		{ "a drive with two paths is one, and two that only look alike are two",
		  test_paths, 0 },
		{ "a USB bridge's serial number is not its disk's", test_bridge, 0 },
		{ "virtual functions stand apart", test_virtual_functions, 0 },
		{ "a drive whose counters contradict each other is not well", test_doubt,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
