/* Devices are in the slot the firmware means; a stopgap goes when the real record is
 * there. */
#include "derive.h"
#include "tap.h"

static json_t *after(const char *text)
{
	json_t *document = json_loads(text, 0, NULL);

	if (!document)
		tap_fail(__FILE__, __LINE__, "%s", text);
	derive_board(document);
	derive_board(document);
	return document;
}

static const char *slot_of(const json_t *document, size_t device)
{
	const json_t *pcie = json_object_get(document, "pcie");

	return json_string_value(
		json_object_get(json_array_get(json_object_get(pcie, "devices"), device),
				"slot_designation"));
}

#define DEVICES                                                                          \
	"{\"pcie\":{\"devices\":["                                                       \
	"{\"key\":\"0000:3a:00.0\",\"class_code\":\"0x060400\"},"                        \
	"{\"key\":\"0000:3b:00.0\",\"class_code\":\"0x020000\",\"upstream_port\":"       \
	"\"0000:3a:00.0\"},"                                                             \
	"{\"key\":\"0000:3b:00.1\",\"class_code\":\"0x020000\",\"upstream_port\":"       \
	"\"0000:3a:00.0\"}],\"slots\":["
#define SLOT(key, name, state, address)                                                  \
	"{\"key\":\"" key "\",\"designation\":\"" name "\",\"state\":\"" state           \
	"\",\"bus_address\":\"" address "\"}"

static void test_endpoint(void)
{
	AUTO_JSON json_t *document =
		after(DEVICES SLOT("0x1", "S1", "Enabled", "0000:3b:00.0") "]}}");

	CHECK_STR(slot_of(document, 0), NULL);
	CHECK_STR(slot_of(document, 1), "S1");
	CHECK_STR(slot_of(document, 2), "S1");
}

static void test_port(void)
{
	AUTO_JSON json_t *document =
		after(DEVICES SLOT("0x1", "S1", "Enabled", "0000:3a:00.0") "]}}");

	CHECK_STR(slot_of(document, 0), NULL);
	CHECK_STR(slot_of(document, 1), "S1");
	CHECK_STR(slot_of(document, 2), "S1");
}

static void test_doubt(void)
{
	AUTO_JSON json_t *two =
		after(DEVICES SLOT("0x1", "S1", "Enabled", "0000:3a:00.0") "," SLOT(
			"0x2", "S2", "Enabled", "0000:3b:00.0") "]}}");
	AUTO_JSON json_t *empty =
		after(DEVICES SLOT("0x1", "S1", "Absent", "0000:3b:00.0") "]}}");

	CHECK_STR(slot_of(two, 1), NULL);
	CHECK_STR(slot_of(empty, 1), NULL);
}

/* As many as a firmware likes to tell: each device still finds its own. */
static void test_many(void)
{
	json_t *document = json_loads(DEVICES "]}}", 0, NULL);
	json_t *slots = json_object_get(json_object_get(document, "pcie"), "slots");

	for (unsigned i = 0; i < 5000; i++)
		CHECK_INT(
			json_array_append_new(
				slots, json_pack("{s:o,s:s,s:o}", "key",
						 json_sprintf("0x%04x", i), "designation",
						 "S", "bus_address",
						 json_sprintf("%04x:3b:00.0", 4999 - i))),
			0);
	derive_board(document);
	CHECK_STR(slot_of(document, 1), "S");
	json_decref(document);
}

static void test_stopgap(void)
{
	AUTO_JSON json_t *both =
		after("{\"baseboards\":[{\"key\":\"0x0002\"},{\"key\":\"dmi-id\"}]}");
	AUTO_JSON json_t *alone = after("{\"baseboards\":[{\"key\":\"dmi-id\"}]}");

	CHECK_INT(json_array_size(json_object_get(both, "baseboards")), 1);
	CHECK_INT(json_array_size(json_object_get(alone, "baseboards")), 1);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "an address is that of the device in the slot", test_endpoint, 0 },
		{ "an address may be that of the port above", test_port, 0 },
		{ "two slots at one address, or an empty one, are none", test_doubt, 0 },
		{ "the slot may be the last of many", test_many, 0 },
		{ "the kernel's board stands in for a missing one only", test_stopgap,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
