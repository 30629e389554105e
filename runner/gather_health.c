/* identity and health of the document: what a person asks first, drawn from its records.
 */
#include "gather_document.h"

#include "record.h"

#include <string.h>

/* The collectors turn vendors' placeholders into null: what is a string is an answer. */
static const char *text_of(const json_t *record, const char *property)
{
	const char *text = json_string_value(json_object_get(record, property));

	return text && *text ? text : NULL;
}

/* A chassis' or board's own word for what the system record leaves open. */
static const char *fallback(const json_t *document, const char *list_name,
			    const char *property)
{
	const json_t *list = json_object_get(document, list_name);

	for (size_t n = 0; n < json_array_size(list); n++) {
		const char *text = text_of(json_array_get(list, n), property);

		if (text)
			return text;
	}
	return NULL;
}

static void identify(json_t *identity, json_t *sources, const json_t *document,
		     const char *property)
{
	/* A chassis' maker and model are the box's, seldom the machine's: serial number
	 * alone. */
	static const struct {
		const char *property, *list, *there;
	} fallbacks[] = {
		{ "serial_number", "chassis", "serial_number" },
		{ "serial_number", "baseboards", "serial_number" },
		{ "manufacturer", "baseboards", "manufacturer" },
		{ "model", "baseboards", "product" },
	};
	const json_t *system = json_object_get(document, "system");
	const char *text = text_of(system, property), *source = "system";

	for (size_t i = 0; !text && i < ARRAY_LEN(fallbacks); i++) {
		if (strcmp(fallbacks[i].property, property) != 0)
			continue;
		source = fallbacks[i].list;
		text = fallback(document, source, fallbacks[i].there);
	}
	if (text) {
		json_put(identity, property, json_string(text));
		json_put(sources, property, json_string(source));
	} else if (system) {
		/* null: asked, and not known. Missing: nobody could ask. */
		json_put(identity, property, json_null());
	}
}

json_t *document_identity(const json_t *document)
{
	json_t *identity = json_object(), *sources = json_object();

	identify(identity, sources, document, "manufacturer");
	identify(identity, sources, document, "model");
	identify(identity, sources, document, "serial_number");
	identify(identity, sources, document, "uuid");
	json_put(identity, "sources", sources);
	return identity;
}

enum health { HEALTH_OK, HEALTH_WARNING, HEALTH_CRITICAL, HEALTH_UNKNOWN, HEALTH_COUNT };
static const char *const health_names[HEALTH_COUNT] = { "OK", "Warning", "Critical",
							"Unknown" };

static enum health record_health(const json_t *record)
{
	const char *text = json_string_value(json_object_get(record, "health"));

	for (int h = 0; text && h < HEALTH_UNKNOWN; h++)
		if (!strcmp(text, health_names[h]))
			return (enum health)h;
	return HEALTH_UNKNOWN;
}

/* An empty bay or slot has no health to be asked for. */
static bool is_absent(const json_t *record)
{
	const char *state = json_string_value(json_object_get(record, "state"));

	return state && !strcmp(state, "Absent");
}

static const json_t *section(const json_t *document, const struct record_type *type)
{
	const json_t *parent =
		type->group ? json_object_get(document, type->group) : document;

	return json_object_get(parent, type->member);
}

/*
 * Counts a list's records by health; true when the list is one that speaks of health:
 * drives always should, the others do when one of their records does.
 */
static bool count_health(const json_t *document, const struct record_type *type,
			 unsigned counts[HEALTH_COUNT])
{
	const json_t *list = section(document, type);
	bool speaks = !strcmp(type->name, "storage.drives") && json_array_size(list) > 0;

	memset(counts, 0, HEALTH_COUNT * sizeof(*counts));
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *record = json_array_get(list, i);

		if (is_absent(record))
			continue;
		if (json_object_get(record, "health"))
			speaks = true;
		counts[record_health(record)]++;
	}
	return speaks;
}

json_t *document_health(const json_t *document, const struct gather *gather,
			const struct verdict *verdicts)
{
	json_t *health = json_object(), *unassessed = json_array(),
	       *components = json_object();
	unsigned all[HEALTH_COUNT] = { 0 };
	bool silent = false; /* somebody who should have spoken could not */
	enum health rollup;

	for (unsigned i = 0; i < gather->job_count; i++) {
		uint32_t job = gather->sorted[i];
		enum job_status status = verdicts[job].status;

		if (!document_incomplete(status) && status != JOB_UNAVAILABLE)
			continue;
		merge_push(unassessed, document_text(gather->jobs[job].name));
		silent = silent || status != JOB_UNAVAILABLE;
	}
	for (int t = 0; record_types[t].name; t++) {
		unsigned counts[HEALTH_COUNT];
		json_t *by_name;

		if (!record_types[t].list ||
		    !count_health(document, &record_types[t], counts))
			continue;
		by_name = json_object();
		for (int h = 0; h < HEALTH_COUNT; h++) {
			json_put(by_name, health_names[h], json_integer(counts[h]));
			all[h] += counts[h];
		}
		json_put(components, record_types[t].name, by_name);
	}
	if (all[HEALTH_CRITICAL])
		rollup = HEALTH_CRITICAL;
	else if (all[HEALTH_WARNING])
		rollup = HEALTH_WARNING;
	else if (all[HEALTH_OK] && !all[HEALTH_UNKNOWN] && !silent)
		rollup = HEALTH_OK;
	else
		rollup = HEALTH_UNKNOWN;
	json_put(health, "rollup", json_string(health_names[rollup]));
	json_put(health, "unassessed", unassessed);
	json_put(health, "components", components);
	return health;
}
