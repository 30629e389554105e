/* Parts that the BMC's sensors see, beside those that the system has. */
#include "derive.h"
#include "tap.h"

#include <string.h>

#define SENSOR(type, entity, instance, state)                                            \
	"{\"sensor_type_code\":" type ",\"entity_id\":" entity                           \
	",\"entity_instance\":" instance ",\"states\":[\"" state "\"]}"
#define MODULE(instance) SENSOR("12", "32", instance, "present")
#define DRIVE(instance) SENSOR("13", "4", instance, "present")

/* One property of the bmc record, and of its conflicts, as JSON. */
static void check(const char *text, const char *prop, const char *seen,
		  const char *conflict)
{
	AUTO_JSON json_t *document = json_loads(text, 0, NULL);
	const json_t *bmc;
	AUTO_FREE char *value = NULL, *other = NULL;

	if (!document)
		tap_fail(__FILE__, __LINE__, "%s", text);
	derive_ghosts(document);
	bmc = json_object_get(document, "bmc");
	value = json_dumps(json_object_get(bmc, prop), JSON_ENCODE_ANY);
	other = json_dumps(json_object_get(json_object_get(bmc, "conflicts"), prop),
			   JSON_ENCODE_ANY | JSON_COMPACT);
	CHECK_STR(value ? value : "(none)", seen);
	CHECK_STR(other ? other : "(none)", conflict);
}

static void modules(void)
{
	/* Two sensors of one module; one that is no longer there; a temperature. */
	check("{\"bmc\":{},\"memory\":{\"modules\":[{\"state\":\"Enabled\"},"
	      "{\"state\":\"Absent\"}]},\"sensors\":[" MODULE("1") "," MODULE(
		      "1") "," MODULE("2") "," SENSOR("12", "32", "3",
						      "disabled") "," SENSOR("1", "32",
									     "4",
									     "presen"
									     "t") "]"
										  "}",
	      "present_module_count", "2", "{\"memory/dmi\":1}");
	/* A RAID controller hides drives, and no modules. */
	check("{\"bmc\":{},\"memory\":{\"modules\":[{}]},\"storage\":{\"controllers\":[{"
	      "\"type\":\"RAID\"}]},\"sensors\":[" MODULE("1") "," MODULE("2") "]}",
	      "present_module_count", "2", "{\"memory/dmi\":1}");
	check("{\"bmc\":{},\"memory\":{\"modules\":[{},{},{}]},\"sensors\":[" MODULE(
		      "1") "]}",
	      "present_module_count", "1", "(none)");
	/* Nobody could read the firmware's table; there is no BMC. */
	check("{\"bmc\":{},\"sensors\":[" MODULE("1") "]}", "present_module_count", "1",
	      "(none)");
	check("{\"memory\":{\"modules\":[]},\"sensors\":[" MODULE("1") "]}",
	      "present_module_count", "(none)", "(none)");
	check("{\"bmc\":{},\"memory\":{\"modules\":[{}]}}", "present_module_count",
	      "(none)", "(none)");
}

static void processors(void)
{
	check("{\"bmc\":{\"conflicts\":{\"guid\":{}}},\"processors\":[{}],\"sensors\":"
	      "[" SENSOR("7", "3", "1", "present") "," SENSOR("7", "3", "2",
							      "present") "]}",
	      "present_processor_count", "2", "{\"cpu/dmi\":1}");
	check("{\"bmc\":{},\"processors\":[{}],\"sensors\":[" SENSOR(
		      "7", "3", "1", "present") "," SENSOR("7", "7", "2", "present") "]}",
	      "present_processor_count", "1", "(none)");
}

static void drives(void)
{
	check("{\"bmc\":{},\"storage\":{\"drives\":[]},\"sensors\":[" DRIVE("1") "]}",
	      "present_drive_count", "1", "{\"storage/disks\":0}");
	check("{\"bmc\":{},\"storage\":{\"drives\":[],\"controllers\":[{\"type\":"
	      "\"SATA\"},"
	      "{\"type\":\"RAID\"}]},\"sensors\":[" DRIVE("1") "]}",
	      "present_drive_count", "1", "(none)");
	check("{\"bmc\":{},\"storage\":{\"drives\":[],\"arrays\":[{}]},\"sensors\":"
	      "[" DRIVE("1") "]}",
	      "present_drive_count", "1", "(none)");
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "modules that the BMC sees are counted once", modules, 0 },
		{ "processors are told by what the sensor watches", processors, 0 },
		{ "drives behind a RAID controller are not missed", drives, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
