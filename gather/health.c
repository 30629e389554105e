/* health of the document: what its records and findings say, and who could not speak. */
#include "health.h"

#include "record.h"
#include "values.h"

#include <string.h>

#define ROLLUP "health_rollup"

/* The first ones are enum severity's, in its order. */
enum health { HEALTH_OK, HEALTH_WARNING, HEALTH_CRITICAL, HEALTH_UNKNOWN, HEALTH_COUNT };

static const char *health_name(int health)
{
	return health < HEALTH_UNKNOWN ? severity_names[health] : "Unknown";
}

/*
 * What the record's source says and what the findings say of it, whichever is worse. A
 * finding that is information does not make a record well that says nothing of itself.
 */
static enum health record_health(const json_t *record, enum severity found)
{
	enum severity said =
		severity_find(json_string_value(json_object_get(record, "health")));
	enum health health = said < SEVERITY_COUNT ? (enum health)said : HEALTH_UNKNOWN;

	if (found == SEVERITY_COUNT || found == SEVERITY_OK)
		return health;
	return health == HEALTH_UNKNOWN || found > said ? (enum health)found : health;
}

static void put_rollup(json_t *record, const char *type, const struct findings *findings)
{
	const char *key = json_string_value(json_object_get(record, "key"));
	enum severity found = findings_worst(findings, type, key);
	enum health health = record_health(record, found);

	/* Nobody else's word counts, and records live on when the document is built again. */
	(void)json_object_del(record, ROLLUP);
	if (health != HEALTH_UNKNOWN)
		json_put(record, ROLLUP, json_string(health_name((int)health)));
	else if (json_object_get(record, "health"))
		json_put(record, ROLLUP, json_null());
}

void health_put_rollups(json_t *document, const struct findings *findings)
{
	for (int t = 0; record_types[t].name; t++) {
		const struct record_type *type = &record_types[t];
		json_t *parent =
			type->group ? json_object_get(document, type->group) : document;
		json_t *section = json_object_get(parent, type->member);

		if (json_is_object(section))
			put_rollup(section, type->name, findings);
		for (size_t i = 0; i < json_array_size(section); i++)
			put_rollup(json_array_get(section, i), type->name, findings);
	}
}

struct tally {
	unsigned counts[HEALTH_COUNT]; /* of one list */
	bool speaks;                   /* a record of the list has a health */
	bool well, silent; /* over all lists: somebody is well; somebody should have
			      spoken */
};

/* Drives should always speak; a GPU when another one does. Others have other ways. */
static bool must_speak(const struct record_type *type, bool speaks)
{
	return !strcmp(type->name, "storage.drives") ||
	       (speaks && !strcmp(type->name, "gpus"));
}

static void tally_list(struct tally *tally, const struct record_type *type,
		       const json_t *list, const struct findings *findings,
		       json_t *unassessed)
{
	memset(tally->counts, 0, sizeof(tally->counts));
	tally->speaks = false;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_object_get(json_array_get(list, i), "health"))
			tally->speaks = true;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *record = json_array_get(list, i);
		const char *key = json_string_value(json_object_get(record, "key"));
		enum health health;

		/* An empty bay or slot has no health to be asked for. */
		if (rule_is_absent(record))
			continue;
		health = record_health(record, findings_worst(findings, type->name, key));
		tally->counts[health]++;
		tally->well = tally->well || health == HEALTH_OK;
		if (health == HEALTH_UNKNOWN && must_speak(type, tally->speaks)) {
			AUTO_FREE char *name =
				xasprintf("%s/%s", type->name, key ? key : "");

			json_push(unassessed, json_string(name));
			tally->silent = true;
		}
	}
}

/* Counts by health of every list that has something to tell. */
static json_t *count_components(struct tally *tally, const json_t *document,
				const struct findings *findings, json_t *unassessed)
{
	json_t *components = json_object(), *by_name;

	for (int t = 0; record_types[t].name; t++) {
		const struct record_type *type = &record_types[t];
		const json_t *list = inventory_section(document, type->name);
		unsigned told;

		if (!type->list || json_array_size(list) == 0)
			continue;
		tally_list(tally, type, list, findings, unassessed);
		told = tally->counts[HEALTH_OK] + tally->counts[HEALTH_WARNING] +
		       tally->counts[HEALTH_CRITICAL];
		if (told == 0 && !must_speak(type, tally->speaks))
			continue;
		by_name = json_object();
		for (int h = 0; h < HEALTH_COUNT; h++)
			json_put(by_name, health_name(h), json_integer(tally->counts[h]));
		json_put(components, type->name, by_name);
	}
	return components;
}

static json_t *count_findings(const unsigned *findings)
{
	json_t *counts = json_object();

	for (int s = 0; s < SEVERITY_COUNT; s++)
		json_put(counts, severity_names[s], json_integer(findings[s]));
	return counts;
}

json_t *health_build(const json_t *document, const struct gather *gather,
		     const struct verdict *verdicts, const struct findings *findings)
{
	json_t *health = json_object(), *unassessed = json_array();
	struct tally tally = { .well = false };
	enum health rollup = HEALTH_UNKNOWN;

	for (unsigned i = 0; i < gather->job_count; i++) {
		uint32_t job = gather->sorted[i];
		enum job_status status = verdicts[job].status;

		if (!verdict_incomplete(status) && status != JOB_UNAVAILABLE)
			continue;
		json_push(unassessed, value_text(gather->jobs[job].name));
		tally.silent = tally.silent || status != JOB_UNAVAILABLE;
	}
	json_put(health, "components",
		 count_components(&tally, document, findings, unassessed));
	/* Every health that is not OK has a finding: they are the whole story. */
	if (findings->counts[SEVERITY_CRITICAL])
		rollup = HEALTH_CRITICAL;
	else if (findings->counts[SEVERITY_WARNING])
		rollup = HEALTH_WARNING;
	else if (tally.well && !tally.silent)
		rollup = HEALTH_OK;
	json_put(health, "rollup", json_string(health_name((int)rollup)));
	json_put(health, "unassessed", unassessed);
	json_put(health, "findings", count_findings(findings->counts));
	return health;
}
