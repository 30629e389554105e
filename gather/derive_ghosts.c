/*
 * Parts that the BMC sees and the system does not: processors, memory modules and drives, by the
 * BMC's own sensors for their presence (IPMI 2.0, tables 42-3 and 43-13). What loses against what
 * the system has stands in the bmc record's `conflicts`.
 */
#include "derive.h"

#include "inventory.h"
#include "rules.h"

#include <string.h>

static const struct kind {
	const char *prop;
	json_int_t type, entity; /* of the sensor; of what it watches */
	const char *section;     /* the system's own */
	const char *told_by;     /* the job that knows it */
} kinds[] = {
	{ "present_processor_count", 0x07, 0x03, "processors", "cpu/dmi" },
	{ "present_module_count", 0x0c, 0x20, "memory.modules", "memory/dmi" },
	{ "present_drive_count", 0x0d, 0x04, "storage.drives", "storage/disks" },
};

static bool is_number(const json_t *record, const char *property, json_int_t number)
{
	const json_t *value = json_object_get(record, property);

	return json_is_integer(value) && json_integer_value(value) == number;
}

/* Two sensors may watch one part: it counts once, by its entity's instance. */
static size_t seen_by_bmc(const json_t *document, const struct kind *kind)
{
	const json_t *sensors = inventory_section(document, "sensors");
	AUTO_JSON json_t *instances = json_object();

	for (size_t i = 0; i < json_array_size(sensors); i++) {
		const json_t *sensor = json_array_get(sensors, i);
		AUTO_FREE char *instance = NULL;

		if (!is_number(sensor, "sensor_type_code", kind->type) ||
		    !is_number(sensor, "entity_id", kind->entity) ||
		    !rule_lists(sensor, "states", "present"))
			continue;
		instance = xasprintf("%lld",
				     (long long)json_integer_value(
					     json_object_get(sensor, "entity_instance")));
		json_put(instances, instance, json_true());
	}
	return json_object_size(instances);
}

/* Those of the firmware's table that are there; a socket switched off is there and seen. */
static size_t seen_by_system(const json_t *list)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		count += !rule_is_absent(json_array_get(list, i));
	return count;
}

/* Drives behind a RAID controller are the controller's alone. */
static bool may_be_hidden(const json_t *document, const struct kind *kind)
{
	const json_t *controllers = inventory_section(document, "storage.controllers");

	if (strcmp(kind->section, "storage.drives") != 0)
		return false;
	for (size_t i = 0; i < json_array_size(controllers); i++) {
		if (rule_is(json_array_get(controllers, i), "type", "RAID"))
			return true;
	}
	return json_array_size(inventory_section(document, "storage.arrays")) > 0;
}

static void put_conflict(json_t *bmc, const struct kind *kind, size_t seen, size_t own)
{
	json_t *conflicts = json_object_get(bmc, "conflicts"), *by_job = json_object();

	if (!conflicts) {
		conflicts = json_object();
		json_put(bmc, "conflicts", conflicts);
	}
	json_put(by_job, kind->told_by, json_integer((json_int_t)own));
	json_put(conflicts, kind->prop, by_job);
	json_put(bmc, kind->prop, json_integer((json_int_t)seen));
}

void derive_ghosts(json_t *document)
{
	json_t *bmc = json_object_get(document, "bmc");

	for (size_t i = 0; bmc && i < ARRAY_LEN(kinds); i++) {
		const json_t *list = inventory_section(document, kinds[i].section);
		size_t seen = seen_by_bmc(document, &kinds[i]);
		size_t own = seen_by_system(list);

		/* A BMC without a sensor for each knows of fewer: that is no conflict. */
		if (list && seen > own && !may_be_hidden(document, &kinds[i]))
			put_conflict(bmc, &kinds[i], seen, own);
		else if (seen > 0)
			json_put(bmc, kinds[i].prop, json_integer((json_int_t)seen));
	}
}
