/* Memory as a whole: what was found in two ways, put together. */
#include "derive.h"

#include "rules.h"
#include "values.h"

#include <string.h>

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

static void place_errors(const json_t *modules, const json_t *places)
{
	AUTO_JSON json_t *by_key = json_object();
	AUTO_JSON json_t *placed = json_object(); /* keys of modules */

	for (size_t i = 0; i < json_array_size(modules); i++) {
		json_t *module = json_array_get(modules, i);
		const char *key = rule_text(module, "key");

		if (key)
			value_index(by_key, key, module);
	}
	for (size_t i = 0; i < json_array_size(places); i++) {
		const json_t *place = json_array_get(places, i);
		const char *key = rule_text(place, "module");
		json_t *module = key ? json_object_get(by_key, key) : NULL;
		bool first;

		if (!json_is_object(module))
			continue;
		first = !json_object_get(placed, key);
		json_put(placed, key, json_true());
		add_count(module, place, "corrected_error_count", first);
		add_count(module, place, "uncorrected_error_count", first);
		value_add_sources(module, json_object_get(place, "src"));
	}
}

/* What of a module is memory: SMBIOS 3.6, 7.18.11, tells how much of it is persistent, and how much
 * stands before other memory as its cache. False: it does not tell its size. */
static bool memory_of(const json_t *module, json_int_t *bytes)
{
	static const char *const others[] = { "non_volatile_size_bytes",
					      "cache_size_bytes" };
	const json_t *size = json_object_get(module, "capacity_bytes");

	if (!json_is_integer(size))
		return false;
	*bytes = json_integer_value(size);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		const json_t *other = json_object_get(module, others[i]);

		if (json_is_integer(other) && json_integer_value(other) > 0)
			*bytes -= json_integer_value(other) < *bytes
					  ? json_integer_value(other)
					  : *bytes;
	}
	return true;
}

/* False when one that is there does not tell its size. */
static bool installed(const json_t *modules, json_t *src_of, json_int_t *bytes)
{
	json_int_t sum = 0;

	for (size_t i = 0; i < json_array_size(modules); i++) {
		const json_t *module = json_array_get(modules, i);
		json_int_t size;

		value_add_sources(src_of, json_object_get(module, "src"));
		if (rule_is_absent(module) ||
		    json_is_false(json_object_get(module, "system_memory")))
			continue;
		if (!memory_of(module, &size) || __builtin_add_overflow(sum, size, &sum))
			return false;
	}
	*bytes = sum;
	return true;
}

void derive_memory(json_t *document)
{
	json_t *memory = json_object_get(document, "memory"),
	       *modules = json_object_get(memory, "modules"), *summary;
	json_int_t bytes = 0;

	derive_places(modules, json_object_get(memory, "edac"));
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
