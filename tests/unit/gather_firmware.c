/* The flat list of firmware versions, drawn from records that tell one. */
#include "derive.h"
#include "tap.h"

#include <string.h>

static json_t *list_of(const char *text)
{
	AUTO_JSON json_t *document = json_loads(text, 0, NULL);

	if (!document)
		tap_fail(__FILE__, __LINE__, "%s", text);
	return derive_firmware(document);
}

static const char *text_of(const json_t *list, size_t index, const char *property)
{
	return json_string_value(json_object_get(json_array_get(list, index), property));
}

static const char *component_of(const json_t *list, size_t index, const char *member)
{
	const json_t *entry = json_array_get(list, index);

	return json_string_value(
		json_object_get(json_object_get(entry, "component"), member));
}

static void test_owner(void)
{
	AUTO_JSON json_t *list = list_of(
		"{\"pcie\":{\"devices\":[{\"key\":\"0000:3b:00.0\",\"manufacturer\":"
		"\"M\","
		"\"model\":\"N\"}]},\"network\":{\"interfaces\":[{\"key\":\"eth1\","
		"\"pci_address\":\"0000:3b:00.0\",\"firmware_version\":\"2\",\"src\":[]},"
		"{\"key\":\"eth0\",\"firmware_version\":\"1\",\"src\":[]}]},\"system\":"
		"{\"model\":\"S\"},\"bmc\":{\"firmware_version\":\"3\",\"src\":[\"psu/"
		"info\"]}}");
	const json_t *sources = json_object_get(json_array_get(list, 0), "src");

	CHECK_INT(json_array_size(list), 3);
	CHECK_STR(json_string_value(json_array_get(sources, 0)), "psu/info");
	CHECK_STR(text_of(list, 0, "key"), "bmc/firmware_version");
	CHECK_STR(component_of(list, 0, "type"), "bmc");
	CHECK_STR(component_of(list, 0, "key"), NULL); /* there is one */
	CHECK_STR(component_of(list, 1, "type"), "network.interfaces");
	CHECK_STR(component_of(list, 1, "key"), "eth0");
	CHECK_STR(text_of(list, 0, "model"), "S");
	CHECK_STR(text_of(list, 1, "key"), "network.interfaces/eth0/firmware_version");
	CHECK_STR(text_of(list, 1, "model"), NULL);
	CHECK_STR(text_of(list, 2, "manufacturer"), "M");
	CHECK_STR(text_of(list, 2, "model"), "N");
}

static void test_values(void)
{
	AUTO_JSON json_t *list = list_of(
		"{\"firmware\":{\"version\":null,\"efi_resources\":[{\"class\":\"g\","
		"\"version\":0},{\"class\":\"h\"},7,null,[]],\"src\":[]},"
		"\"cpu\":{\"microcode_versions\":[\"0x1\",\"\"],\"src\":[]},"
		"\"bmc\":{\"firmware_version\":{\"a\":1},\"src\":[]}}");

	CHECK_INT(json_array_size(list), 3);
	CHECK_STR(text_of(list, 0, "version"), "0x1");
	CHECK_STR(text_of(list, 1, "version"), "0");
	CHECK_STR(text_of(list, 1, "model"), "g");
	CHECK_STR(text_of(list, 2, "key"), "firmware/efi_resources/2");
}

static void test_unless(void)
{
	AUTO_JSON json_t *list = list_of(
		"{\"storage\":{\"drives\":[{\"key\":\"sda\",\"firmware_version\":"
		"\"XE01\","
		"\"revision\":\"E01\",\"src\":[]},{\"key\":\"sdb\",\"revision\":\"A1\","
		"\"firmware_version\":null,\"src\":[]}]}}");

	CHECK_INT(json_array_size(list), 2);
	CHECK_STR(text_of(list, 0, "version"), "XE01");
	CHECK_STR(text_of(list, 1, "version"), "A1");
}

static void test_most(void)
{
	AUTO_JSON json_t *document = json_pack("{s:{s:[]}}", "network", "interfaces"),
			 *list;
	json_t *interfaces =
		json_object_get(json_object_get(document, "network"), "interfaces");

	for (int i = 0; i < 5000; i++) {
		json_t *interface = json_object();

		json_put(interface, "key", json_string("e"));
		json_put(interface, "firmware_version", json_string("1"));
		json_put(interface, "src", json_array());
		(void)json_array_append_new(interfaces, interface);
	}
	list = derive_firmware(document);
	CHECK_INT(json_array_size(list), 4096);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "maker and model are the record's, the device's or the system's",
		  test_owner, 0 },
		{ "numbers and lists give versions, other values none", test_values, 0 },
		{ "an INQUIRY's revision stands in for a version only", test_unless, 0 },
		{ "a flood of records ends somewhere", test_most, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
