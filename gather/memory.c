/* Memory as a whole: what was found in two ways, put together. */
#include "document.h"

#include "findings.h"

#include <string.h>

/*
 * The kernel's label of a place is the board's (ras-mc-ctl), or the firmware's "bank
 * locator" with a blank in between (drivers/edac/ghes_edac.c).
 */
static json_t *modules_by_label(const json_t *list)
{
	json_t *modules = json_object();

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *module = json_array_get(list, i);
		const char *locator = rule_text(module, "locator"),
			   *bank = rule_text(module, "bank_locator");
		AUTO_FREE char *both = NULL;

		if (!rule_is(module, "state", "Enabled") || !locator)
			continue;
		document_index(modules, locator, module);
		if (!bank)
			continue;
		both = xasprintf("%s %s", bank, locator);
		document_index(modules, both, module);
	}
	return modules;
}

/* Counts of several ranks are one module's; null in one of them is no number. */
static void add_count(json_t *module, const json_t *place, const char *property,
		      bool first)
{
	const json_t *more = json_object_get(place, property),
		     *sum = json_object_get(module, property);
	json_int_t total;

	if (!json_is_integer(more))
		return;
	if (first || !json_is_integer(sum) ||
	    __builtin_add_overflow(json_integer_value(sum), json_integer_value(more),
				   &total))
		total = json_integer_value(more);
	json_put(module, property, json_integer(total));
}

static bool has_text(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)), text))
			return true;
	return false;
}

/* Both lists are sorted and have one of each. */
static void add_sources(json_t *record, const json_t *more)
{
	json_t *src = json_object_get(record, "src");

	for (size_t i = 0; i < json_array_size(more); i++) {
		const char *name = json_string_value(json_array_get(more, i));
		size_t at = 0;

		if (has_text(src, name))
			continue;
		while (at < json_array_size(src) &&
		       strcmp(json_string_value(json_array_get(src, at)), name) < 0)
			at++;
		if (json_array_insert_new(src, at, json_string(name)))
			return;
	}
}

static void place_errors(const json_t *modules, json_t *places)
{
	AUTO_JSON json_t *by_label = modules_by_label(modules);
	AUTO_JSON json_t *placed = json_object(); /* keys of modules */

	for (size_t i = 0; i < json_array_size(places); i++) {
		json_t *place = json_array_get(places, i), *module;
		const char *label = rule_text(place, "label"), *key;
		bool first;

		/* Records live on when the document is built again without some. */
		(void)json_object_del(place, "module");
		module = label ? json_object_get(by_label, label) : NULL;
		key = rule_text(module, "key");
		if (!key)
			continue;
		first = !json_object_get(placed, key);
		json_put(placed, key, json_true());
		json_put(place, "module", json_string(key));
		add_count(module, place, "corrected_error_count", first);
		add_count(module, place, "uncorrected_error_count", first);
		add_sources(module, json_object_get(place, "src"));
	}
}

/* False when one that is there does not tell its size. */
static bool installed(const json_t *modules, json_t *src_of, json_int_t *bytes)
{
	json_int_t sum = 0;

	for (size_t i = 0; i < json_array_size(modules); i++) {
		const json_t *module = json_array_get(modules, i),
			     *size = json_object_get(module, "capacity_bytes");

		add_sources(src_of, json_object_get(module, "src"));
		if (rule_is_absent(module) ||
		    json_is_false(json_object_get(module, "system_memory")))
			continue;
		if (!json_is_integer(size) ||
		    __builtin_add_overflow(sum, json_integer_value(size), &sum))
			return false;
	}
	*bytes = sum;
	return true;
}

void document_memory(json_t *document)
{
	json_t *memory = json_object_get(document, "memory"),
	       *modules = json_object_get(memory, "modules"), *summary;
	json_int_t bytes = 0;

	place_errors(modules, json_object_get(memory, "edac"));
	if (json_array_size(modules) == 0)
		return;
	summary = json_object_get(memory, "summary");
	if (!summary) {
		summary = json_object();
		json_put(summary, "src", json_array());
		json_put(memory, "summary", summary);
	}
	json_put(summary, "installed_bytes",
		 installed(modules, summary, &bytes) ? json_integer(bytes) : json_null());
}
