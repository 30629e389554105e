/* Memory errors go to the module whose label they have, and to no other. */
#include "document.h"
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
	document_memory(document);
	/* A document too large is built again from the same records. */
	document_memory(document);
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
	document_memory(document);
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

int main(void)
{
	static const struct tap_test tests[] = {
		{ "a place goes to the one module of its label", test_label, 0 },
		{ "the ranks of a module are added", test_ranks, 0 },
		{ "the module may be the last of many", test_many, 0 },
		{ "what is installed is system memory that is there", test_sums, 0 },
		{ NULL, NULL, 0 },
	};

	return tap_main(tests);
}
