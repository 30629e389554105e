/* Supplies of which the firmware knows nothing are not counted; a machine that runs has one that
 * works. */
#include "derive.h"
#include "tap.h"

#include <string.h>

#define DMI ",\"src\":[\"psu/dmi\"]}"
#define BMC ",\"src\":[\"psu/fru\",\"psu/sdr\"]}"
#define PRESENT "\"state\":\"Enabled\""
#define ABSENT "\"state\":\"Absent\""
#define KEY(key) "{\"key\":\"" key "\","

static json_t *after(const char *supplies)
{
	AUTO_FREE char *text = xasprintf("{\"power_supplies\":[%s]}", supplies);
	json_t *document = json_loads(text, 0, NULL);

	if (!document)
		tap_fail(__FILE__, __LINE__, "%s", text);
	derive_power(document);
	return document;
}

static void check_counts(const char *supplies, size_t told, size_t not_told)
{
	AUTO_JSON json_t *document = after(supplies);
	const json_t *smbios = json_object_get(document, "smbios");

	CHECK(json_is_array(json_object_get(document, "power_supplies")));
	CHECK_INT(json_array_size(json_object_get(document, "power_supplies")), told);
	CHECK_INT(json_array_size(json_object_get(smbios, "power_supplies")), not_told);
}

static void test_templates(void)
{
	check_counts(KEY("a") PRESENT ",\"model\":null" DMI, 0, 1);
	check_counts(KEY("a") PRESENT ",\"location\":\"PSU1\"" DMI, 0, 1);
	check_counts(KEY("a") PRESENT ",\"power_capacity_watts\":0" DMI, 0, 1);
	check_counts(KEY("a") PRESENT ",\"power_capacity_watts\":460" DMI, 1, 0);
	check_counts(KEY("a") PRESENT ",\"serial_number\":\"A1\"" DMI, 1, 0);
	check_counts(KEY("a") PRESENT ",\"name\":\"Power Supply 1\"" DMI, 1, 0);
	/* A FRU of the BMC's without words is there all the same. */
	check_counts(KEY("a") PRESENT ",\"model\":null" BMC, 1, 0);
}

static void test_absent(void)
{
	check_counts(KEY("a") ABSENT ",\"model\":\"M\"" DMI "," KEY("b") ABSENT
		     ",\"model\":\"M\"" DMI,
		     0, 2);
	check_counts(KEY("a") PRESENT ",\"model\":\"M\"" DMI "," KEY("b") ABSENT
		     ",\"name\":\"Power Supply 2\"" DMI,
		     2, 0);
	check_counts(KEY("a") ABSENT BMC, 1, 0);
}

static void check_health(const char *supplies, const char *first, const char *doubted)
{
	AUTO_JSON json_t *document = after(supplies);
	const json_t *supply =
		json_array_get(json_object_get(document, "power_supplies"), 0);

	CHECK_STR(json_string_value(json_object_get(supply, "health")), first);
	CHECK_STR(json_string_value(json_object_get(supply, "health_doubted")), doubted);
}

#define WELL ",\"model\":\"M\",\"health\":\"OK\""
#define FAILED ",\"model\":\"M\",\"health\":\"Critical\""

static void test_all_failed(void)
{
	check_health(KEY("a") PRESENT FAILED DMI "," KEY("b") PRESENT FAILED DMI, NULL,
		     "Critical");
	check_health(KEY("a") PRESENT FAILED BMC "," KEY("b") PRESENT FAILED BMC, NULL,
		     "Critical");
	check_health(KEY("a") PRESENT FAILED DMI "," KEY("b") ABSENT WELL DMI, NULL,
		     "Critical");
	check_health(KEY("a") PRESENT FAILED DMI "," KEY("b") PRESENT WELL DMI,
		     "Critical", NULL);
	/* Somebody filled in nothing, and calls it well: it may feed the machine. */
	check_health(KEY("a") PRESENT FAILED DMI "," KEY("b") PRESENT
		     ",\"health\":\"OK\"" DMI,
		     "Critical", NULL);
	/* One that the BMC has looked at; others may have no FRU. */
	check_health(KEY("a") PRESENT FAILED BMC, "Critical", NULL);
}

static void check_unconfirmed(const char *devices, bool first, bool second)
{
	AUTO_FREE char *text = xasprintf("{\"fru\":{\"devices\":[%s]}}", devices);
	AUTO_JSON json_t *document = json_loads(text, 0, NULL);
	const json_t *list = json_object_get(json_object_get(document, "fru"), "devices");

	CHECK(document != NULL);
	derive_doubt(document);
	CHECK(json_is_true(json_object_get(json_array_get(list, 0), "unconfirmed")) ==
	      first);
	CHECK(json_is_true(json_object_get(json_array_get(list, 1), "unconfirmed")) ==
	      second);
}

static void test_text_alone(void)
{
	check_unconfirmed("{\"src\":[\"psu/fru\",\"psu/ipmitool\"]},"
			  "{\"src\":[\"psu/ipmitool\"]}",
			  false, true);
	check_unconfirmed("{\"src\":[\"psu/fru\"]},{\"src\":[\"psu/fru\"]}", false,
			  false);
	/* Without the bytes there is nothing to hold it against. */
	check_unconfirmed("{\"src\":[\"psu/ipmitool\"]},{\"src\":[\"psu/ipmitool\"]}",
			  false, false);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a record of type 39 without a real value tells of no supply",
		  test_templates, 0 },
		{ "where the firmware has only absent ones, it tells of none",
		  test_absent, 0 },
		{ "all supplies that have failed are doubted, not one of two",
		  test_all_failed, 0 },
		{ "a part in a text alone, beside bytes, is unconfirmed", test_text_alone,
		  0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
