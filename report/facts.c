/* What the summary tells, counted from a document whose every value may be of any type.
 */
#include "facts.h"

#include "json.h"
#include "unlearned.h"

#include <string.h>

static const json_t *at(const json_t *document, const char *group, const char *member)
{
	const json_t *parent = group ? json_object_get(document, group) : document;

	return json_object_get(parent, member);
}

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value && *value ? value : NULL;
}

static uint64_t number(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

/* Counts of a hostile document must not wrap into something plausible. */
static void add(uint64_t *sum, uint64_t value)
{
	if (__builtin_add_overflow(*sum, value, sum))
		*sum = UINT64_MAX;
}

static void add_small(unsigned *sum, uint64_t value)
{
	*sum += value > 1000000 ? 1000000 : (unsigned)value;
}

static bool is(const json_t *object, const char *key, const char *wanted)
{
	const char *value = text(object, key);

	return value && !strcmp(value, wanted);
}

/* Remembers the first value and whether another one came. */
static void note(const char **first, bool *differ, const char *value)
{
	if (!value)
		return;
	if (!*first)
		*first = value;
	else if (strcmp(*first, value) != 0)
		*differ = true;
}

/* One that is switched off is none; where all are, the firmware's table is wrong. */
static void count_processors(struct facts *f, const json_t *list)
{
	size_t i;
	json_t *cpu;
	unsigned enabled = 0;

	f->has_processors = json_is_array(list);
	json_array_foreach(list, i, cpu) enabled +=
		!is(cpu, "state", "Absent") && !is(cpu, "state", "Disabled");
	json_array_foreach(list, i, cpu)
	{
		uint64_t cores = number(cpu, "core_enabled");

		f->processor_sockets++;
		if (is(cpu, "state", "Absent"))
			continue;
		if (enabled > 0 && is(cpu, "state", "Disabled")) {
			f->processors_off++;
			continue;
		}
		f->processors++;
		add_small(&f->cores, cores ? cores : number(cpu, "core_count"));
		add_small(&f->threads, number(cpu, "thread_count"));
		note(&f->processor_model, &f->processors_differ, text(cpu, "model"));
	}
}

static void count_cpu(struct facts *f, const json_t *cpu)
{
	f->has_cpu = json_is_object(cpu);
	f->cpu_model = text(cpu, "model");
	add_small(&f->cpu_sockets, number(cpu, "socket_count"));
	add_small(&f->cpu_cores, number(cpu, "core_count"));
	add_small(&f->cpu_threads, number(cpu, "logical_cpu_count"));
}

static void count_memory(struct facts *f, const json_t *list)
{
	size_t i;
	json_t *module;

	f->has_memory = json_is_array(list);
	json_array_foreach(list, i, module)
	{
		uint64_t speed = number(module, "configured_speed_mts");

		/* Flash chips and caches are type 17 records too. */
		if (json_is_false(json_object_get(module, "system_memory")))
			continue;
		if (is(module, "state", "Absent")) {
			f->empty_slots++;
			continue;
		}
		f->modules++;
		f->modules_unsized += number(module, "capacity_bytes") == 0;
		add(&f->memory_bytes, number(module, "capacity_bytes"));
		if (speed == 0)
			speed = number(module, "rated_speed_mts");
		if (speed > f->memory_speed.high)
			f->memory_speed.high = speed;
		if (speed > 0 &&
		    (f->memory_speed.low == 0 || speed < f->memory_speed.low))
			f->memory_speed.low = speed;
		note(&f->memory_type, &f->memory_types_differ,
		     text(module, "memory_device_type"));
	}
}

static void count_drives(struct facts *f, const json_t *list)
{
	const char *warned = NULL;
	size_t i;
	json_t *drive;

	f->has_drives = json_is_array(list);
	json_array_foreach(list, i, drive)
	{
		uint64_t bytes = number(drive, "capacity_bytes");

		f->drives++;
		f->drives_unsized += bytes == 0;
		add(&f->drive_bytes, bytes);
		if (is(drive, "health_rollup", "Critical")) {
			f->drives_critical++;
			if (!f->worst_drive)
				f->worst_drive = text(drive, "key");
		} else if (is(drive, "health_rollup", "Warning")) {
			f->drives_warning++;
			if (!warned)
				warned = text(drive, "key");
		} else if (is(drive, "health_rollup", "OK")) {
			f->drives_ok++;
		}
	}
	if (!f->worst_drive)
		f->worst_drive = warned;
}

/* PCI's base class: "0x020000" or a number of 24 bits. PCI Code and ID Assignment, 1. */
static unsigned base_class(const json_t *device)
{
	const json_t *code = json_object_get(device, "class_code");
	const char *digits = json_string_value(code);
	uint64_t value;
	char two[3] = "";

	if (json_is_integer(code))
		return (unsigned)(json_integer_value(code) >> 16) & 0xff;
	if (!digits)
		return 0;
	if (!strncmp(digits, "0x", 2))
		digits += 2;
	memcpy(two, digits, strnlen(digits, 2));
	return parse_hex(two, 0xff, &value) ? 0 : (unsigned)value;
}

static void count_pcie(struct facts *f, const json_t *list)
{
	size_t i;
	json_t *device;

	f->has_pcie = json_is_array(list);
	json_array_foreach(list, i, device)
	{
		unsigned class = base_class(device);

		f->pcie++;
		/* A function that software made is no card. */
		if (text(device, "physical_function"))
			continue;
		f->storages += class == 0x01;
		f->networks += class == 0x02;
		f->displays += class == 0x03 || class == 0x12; /* 0x12: accelerators */
	}
}

static bool same_model(const struct model *model, const char *name, uint64_t watts)
{
	if (!name || !model->name)
		return name == model->name && watts == model->watts;
	return !strcmp(name, model->name) && watts == model->watts;
}

static void count_model(struct models *models, const char *name, uint64_t watts)
{
	unsigned at = 0;

	while (at < models->count && !same_model(&models->list[at], name, watts))
		at++;
	if (at == MODELS_MAX)
		return;
	if (at == models->count)
		models->list[models->count++] =
			(struct model){ .name = name, .watts = watts };
	models->list[at].count++;
	for (; at > 0 && models->list[at].count > models->list[at - 1].count; at--) {
		struct model swap = models->list[at];

		models->list[at] = models->list[at - 1];
		models->list[at - 1] = swap;
	}
}

static void count_power(struct facts *f, const json_t *list)
{
	size_t i;
	json_t *supply;

	f->has_supplies = json_is_array(list);
	json_array_foreach(list, i, supply)
	{
		if (is(supply, "state", "Absent")) {
			f->empty_bays++;
			continue;
		}
		f->supplies++;
		f->supplies_unrated += number(supply, "power_capacity_watts") == 0;
		add(&f->supply_watts, number(supply, "power_capacity_watts"));
		count_model(&f->supply_models, text(supply, "model"),
			    number(supply, "power_capacity_watts"));
	}
}

static void count_gpus(struct facts *f, const json_t *list)
{
	size_t i;
	json_t *gpu;

	f->has_gpus = json_is_array(list);
	json_array_foreach(list, i, gpu)
	{
		f->gpus++;
		count_model(&f->gpu_models, text(gpu, "model"), 0);
	}
}

/* What lists drives, before anything opens one. */
static bool lists_drives(const json_t *job)
{
	return is(job, "job", "storage/disks") || is(job, "job", "storage/lsblk");
}

static void count_jobs(struct facts *f, const json_t *list)
{
	bool asked = false, told = false;
	size_t i;
	json_t *job;

	json_array_foreach(list, i, job)
	{
		const char *status = text(job, "status");

		asked = asked || is(job, "collector", "storage");
		told = told ||
		       (lists_drives(job) && status && !unlearned_incomplete(status) &&
			strcmp(status, "unavailable") != 0);

		f->jobs++;
		if (!status || unlearned_incomplete(status))
			f->incomplete++;
		else if (!strcmp(status, "unavailable"))
			f->unavailable++;
	}
	f->drives_unlisted = asked && !told;
}

static void count_findings(struct facts *f, const json_t *counts)
{
	add_small(&f->criticals, number(counts, "Critical"));
	add_small(&f->warnings, number(counts, "Warning"));
	add_small(&f->notes, number(counts, "OK"));
}

void facts_count(struct facts *f, const json_t *document)
{
	const json_t *health = at(document, NULL, "health");
	const json_t *identity = at(document, NULL, "identity");
	const json_t *audit = at(document, NULL, "audit");

	*f = (struct facts){ 0 };
	f->manufacturer = text(identity, "manufacturer");
	f->model = text(identity, "model");
	f->serial = text(identity, "serial_number");
	f->discreet = f->serial && !strcmp(f->serial, "left out");
	f->health = text(health, "rollup");
	count_findings(f, json_object_get(health, "findings"));
	count_processors(f, at(document, NULL, "processors"));
	count_cpu(f, at(document, NULL, "cpu"));
	count_memory(f, at(document, "memory", "modules"));
	f->visible_bytes = number(at(document, "memory", "summary"), "visible_bytes");
	count_drives(f, at(document, "storage", "drives"));
	f->drives_elsewhere =
		(unsigned)json_array_size(at(document, "storage", "others"));
	count_pcie(f, at(document, "pcie", "devices"));
	count_power(f, at(document, NULL, "power_supplies"));
	count_gpus(f, at(document, NULL, "gpus"));
	count_jobs(f, at(document, NULL, "collectors"));
	f->complete = json_is_true(json_object_get(audit, "complete"));
	f->interrupted = text(audit, "interrupted");
	f->duration_ms = number(audit, "duration_ms");
	f->stopped_ms = number(audit, "stopped_ms");
	f->partial = json_is_array(json_object_get(audit, "only"));
}
