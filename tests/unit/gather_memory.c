/* Memory errors go to the module whose label they have, and to no other. */
#include "derive.h"
#include "tap.h"

#include <stdlib.h>

#define MODULE(key, locator, bank)                                                       \
	"{\"key\":\"" key "\",\"state\":\"Enabled\",\"capacity_bytes\":1024,"            \
	"\"locator\":\"" locator "\",\"bank_locator\":\"" bank                           \
	"\",\"src\":[\"memory/dmi\"]}"
#define PLACE(key, label, errors)                                                        \
	"{\"key\":\"" key "\",\"label\":\"" label "\",\"corrected_error_count\":" errors \
	",\"src\":[\"memory/edac\"]}"

static json_t *after(const char *modules, const char *places)
{
	AUTO_FREE char *text = xasprintf("{\"memory\":{\"modules\":[%s],\"edac\":[%s]}}",
					 modules, places);
	json_t *document = json_loads(text, 0, NULL);

	if (!document)
		tap_fail(__FILE__, __LINE__, "%s", text);
	derive_memory(document);
	/* A document too large is built again from the same records. */
	derive_memory(document);
	return document;
}

static json_int_t errors_of(const json_t *document, size_t module)
{
	const json_t *memory = json_object_get(document, "memory"),
		     *list = json_object_get(memory, "modules"),
		     *count = json_object_get(json_array_get(list, module),
					      "corrected_error_count");

	return count ? json_integer_value(count) : -1;
}

static json_t *summary_of(const json_t *document)
{
	return json_object_get(json_object_get(document, "memory"), "summary");
}

static void test_label(void)
{
	AUTO_JSON json_t *document =
		after(MODULE("0x1", "A1", "P0") "," MODULE("0x2", "A1", "P1") "," MODULE(
			      "0x3", "B1", "P1"),
		      PLACE("mc0/dimm0", "P1 A1", "3") "," PLACE(
			      "mc0/dimm1", "B1", "4") "," PLACE("mc0/dimm2", "A1", "5"));

	CHECK_INT(errors_of(document, 0), -1);
	CHECK_INT(errors_of(document, 1), 3);
	CHECK_INT(errors_of(document, 2), 4);
}

static void test_ranks(void)
{
	AUTO_JSON json_t *document = after(
		MODULE("0x1", "A1", ""),
		PLACE("mc0/rank0", "A1", "3") "," PLACE("mc0/rank1", "A1", "4") "," PLACE(
			"mc0/rank2", "A1", "null"));

	CHECK_INT(errors_of(document, 0), 7);
}

/* What `places` has of a property, by place: "x/-/y". */
static void check_places(const json_t *document, const char *property, const char *wanted)
{
	const json_t *memory = json_object_get(document, "memory"),
		     *places = json_object_get(memory, "edac");
	AUTO_FREE char *text = xstrdup("");

	for (size_t i = 0; i < json_array_size(places); i++) {
		const char *value = json_string_value(
			json_object_get(json_array_get(places, i), property));
		char *more = xasprintf("%s%s%s", text, i ? "/" : "", value ? value : "-");

		free(text);
		text = more;
	}
	CHECK_STR(text, wanted);
}

#define SIZED(key, size, bank, more)                                                     \
	"{\"key\":\"" key                                                                \
	"\",\"state\":\"Enabled\",\"locator\":\"x\",\"bank_locator\":\"" bank            \
	"\",\"capacity_bytes\":" size ",\"src\":[\"memory/dmi\"]" more "}"
#define COUNTED(key, size, label)                                                        \
	"{\"key\":\"" key "\",\"label\":\"" label "\",\"capacity_bytes\":" size          \
	",\"corrected_error_count\":9,\"src\":[\"memory/edac\"]}"

/* Three modules, one of them of another size; and one that is no memory of the system's. */
static void test_size(void)
{
	static const char modules[] =
		SIZED("0x1", "8", "", "") "," SIZED("0x2", "4", "", "") "," SIZED(
			"0x3", "8", "", "") "," SIZED("0x4", "1", "",
						      ",\"system_memory\":false");
	AUTO_JSON json_t *document =
		after(modules,
		      COUNTED("mc0/dimm0", "8", "a") "," COUNTED(
			      "mc0/dimm3", "4", "b") "," COUNTED("mc1/dimm0", "8", "c"));
	/* A place is missing: the firmware may have switched a module off. */
	AUTO_JSON json_t *fewer =
		after(modules,
		      COUNTED("mc0/dimm0", "8", "a") "," COUNTED("mc0/dimm3", "4", "b"));
	/* Half a module each. */
	AUTO_JSON json_t *ranks =
		after(modules,
		      COUNTED("mc0/rank0", "8", "a") "," COUNTED(
			      "mc0/rank1", "4", "b") "," COUNTED("mc0/rank2", "8", "c"));

	check_places(document, "module", "-/0x2/-");
	check_places(document, "module_found_by", "-/size/-");
	CHECK_INT(errors_of(document, 1), 9);
	CHECK_INT(errors_of(document, 0), -1);
	check_places(fewer, "module", "-/-");
	check_places(ranks, "module", "-/-/-");
}

/* Labels as skx_get_dimm_info (drivers/edac/skx_common.c) makes them, bank locators as AMI's firmware. */
static void test_spots(void)
{
	static const char modules[] =
		SIZED("0x1", "8", "P0_Node0_Channel0_Dimm0", "") "," SIZED(
			"0x2", "8", "P0_Node0_Channel1_Dimm0",
			"") "," SIZED("0x3", "8", "NODE 1 CHANNEL 0 DIMM 0", "");
	AUTO_JSON json_t *document = after(
		modules,
		COUNTED("mc0/dimm0", "8", "CPU_SrcID#0_MC#0_Chan#0_DIMM#0") "," COUNTED(
			"mc0/dimm3", "8",
			"CPU_SrcID#0_MC#0_Chan#1_DIMM#0") "," COUNTED("mc1/dimm0", "8",
								      "CPU_SrcID#1_Ha#0_"
								      "Chan#0_DIMM#0"));
	/* Two controllers of a socket count their channels from 0 each. */
	AUTO_JSON json_t *twice = after(
		modules,
		COUNTED("mc0/dimm0", "8", "CPU_SrcID#0_MC#0_Chan#0_DIMM#0") "," COUNTED(
			"mc0/dimm3", "8",
			"CPU_SrcID#0_MC#1_Chan#0_DIMM#0") "," COUNTED("mc1/dimm0", "8",
								      "CPU_SrcID#1_MC#0_"
								      "Chan#0_DIMM#0"));
	AUTO_JSON json_t *sizes = after(
		modules,
		COUNTED("mc0/dimm0", "8", "CPU_SrcID#0_MC#0_Chan#0_DIMM#0") "," COUNTED(
			"mc0/dimm3", "4",
			"CPU_SrcID#0_MC#0_Chan#1_DIMM#0") "," COUNTED("mc1/dimm0", "8",
								      "CPU_SrcID#1_MC#0_"
								      "Chan#0_DIMM#0"));

	check_places(document, "probable_module", "0x1/0x2/0x3");
	check_places(document, "module", "-/-/-");
	CHECK_INT(errors_of(document, 0), -1);
	check_places(twice, "probable_module", "-/-/-");
	check_places(sizes, "probable_module", "-/-/-");
}

/* As many as a firmware likes to tell: the last place still finds the last module. */
static void test_many(void)
{
	AUTO_JSON json_t *modules = json_array();
	AUTO_JSON json_t *places = json_array();
	AUTO_JSON json_t *document = NULL;

	for (unsigned i = 0; i < 5000; i++) {
		CHECK_INT(json_array_append_new(modules,
						json_pack("{s:o,s:s,s:o}", "key",
							  json_sprintf("0x%04x", i),
							  "state", "Enabled", "locator",
							  json_sprintf("A%u", i))),
			  0);
		CHECK_INT(json_array_append_new(places, json_pack("{s:o,s:i}", "label",
								  json_sprintf("A%u", i),
								  "corrected_error_count",
								  1 + (int)i)),
			  0);
	}
	document =
		json_pack("{s:{s:O,s:O}}", "memory", "modules", modules, "edac", places);
	derive_memory(document);
	CHECK_INT(errors_of(document, 4999), 5000);
}

static void test_sums(void)
{
	AUTO_JSON json_t *document =
		after(MODULE("0x1", "A1", "") "," MODULE(
			      "0x2", "A2", "") ","
					       "{\"key\":\"0x3\",\"state\":\"Absent\","
					       "\"src\":[\"memory/dmi\"]},"
					       "{\"key\":\"0x4\",\"state\":\"Enabled\","
					       "\"capacity_bytes\":7,\"system_memory\":"
					       "false,\"src\":[\"memory/dmi\"]}",
		      "");
	AUTO_JSON json_t *unknown =
		after("{\"key\":\"0x1\",\"state\":\"Enabled\",\"capacity_bytes\":null,"
		      "\"src\":[\"memory/dmi\"]}",
		      "");

	CHECK_INT(json_integer_value(
			  json_object_get(summary_of(document), "installed_bytes")),
		  2048);
	CHECK_INT(json_array_size(json_object_get(summary_of(document), "src")), 1);
	CHECK(json_is_null(json_object_get(summary_of(unknown), "installed_bytes")));
}

/* SMBIOS 3.6, 7.18.11 to 7.18.13: a persistent module, one that is half and half, DRAM that is a cache of
 * these, and one whose parts are more than the whole. */
static void test_parts(void)
{
	static const struct {
		const char *sizes;
		int bytes;
	} rows[] = {
		{ "\"capacity_bytes\":126,\"non_volatile_size_bytes\":126", 0 },
		{ "\"capacity_bytes\":126,\"non_volatile_size_bytes\":60,"
		  "\"volatile_size_bytes\":66",
		  66 },
		{ "\"capacity_bytes\":32,\"cache_size_bytes\":32", 0 },
		{ "\"capacity_bytes\":32,\"non_volatile_size_bytes\":null,"
		  "\"volatile_size_bytes\":null",
		  32 },
		{ "\"capacity_bytes\":32,\"non_volatile_size_bytes\":64", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_FREE char *text = xasprintf("{\"key\":\"0x1\",\"state\":\"Enabled\","
						 "%s,\"src\":[\"memory/dmi\"]}",
						 rows[i].sizes);
		AUTO_JSON json_t *document = after(text, "");

		CHECK_INT(json_integer_value(json_object_get(summary_of(document),
							     "installed_bytes")),
			  rows[i].bytes);
	}
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a place goes to the one module of its label", test_label, 0 },
		{ "the only module and the only place of a size belong together",
		  test_size, 0 },
		{ "where firmware and driver name all spots, the module is probable",
		  test_spots, 0 },
		{ "the ranks of a module are added", test_ranks, 0 },
		{ "the module may be the last of many", test_many, 0 },
		{ "what is installed is system memory that is there", test_sums, 0 },
		{ "and no persistent memory, and no cache", test_parts, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
