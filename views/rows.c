/* Rows of sections that are no plain list of the document's records. */
#include "rows.h"

#include "document.h"
#include "json.h"
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

/* Text that was loaded is escaped already: json_text would do it twice. */
static void put_text(json_t *row, const char *key, const char *text)
{
	json_put(row, key, text && *text ? json_string(text) : json_null());
}

/* Records of a type by their keys; `found` keeps what was looked up once. Borrowed, NULL:
 * there is none. */
static const json_t *record_by_key(json_t *found, const json_t *document,
				   const char *type, const char *key)
{
	json_t *by_key = json_object_get(found, type), *record;
	size_t i;

	if (!by_key) {
		by_key = json_object();
		json_put(found, type, by_key);
		json_array_foreach(document_at(document, type), i, record)
		{
			const char *its = record_text(record, "key");

			if (its && !json_object_get(by_key, its))
				json_put(by_key, its, json_incref(record));
		}
	}
	return json_object_get(by_key, key);
}

/* What a finding may be about and is no part: a word, and the property with its name; none: there
 * is one of it, or its key says nothing to people. */
static const struct {
	const char *type, *word, *name;
} things[] = {
	{ "sensors", "sensor", "name" },
	{ "memory.edac", "memory", "label" },
	{ "memory.controllers", "memory controller", "key" },
	{ "memory.summary", "memory", NULL },
	{ "kernel.events", "kernel", NULL },
	{ "kernel.crashes", "crash", "key" },
	{ "kernel.log", "kernel", NULL },
	{ "event_log", "BMC's log", NULL },
	{ "storage.phys", "SAS phy", "key" },
	{ "storage.others", "drive", "key" },
	{ "gpu_links", "NVLink", "key" },
};

static char *thing(json_t *found, const json_t *document, const char *type,
		   const char *key)
{
	size_t i = 0;
	const json_t *record;
	const char *name;

	while (i < ARRAY_LEN(things) && strcmp(things[i].type, type) != 0)
		i++;
	if (i == ARRAY_LEN(things))
		return xasprintf("%s%s%s", type, *key ? " " : "", key);
	if (!things[i].name || !*key)
		return xstrdup(things[i].word);
	record = record_by_key(found, document, type, key);
	name = record_text(record, things[i].name) ?: key;
	return xasprintf("%s %s", things[i].word, name);
}

char *rows_part(json_t *found, const json_t *document, const json_t *component)
{
	static const char *const plain[] = { "storage.drives", "pcie.devices", "gpus",
					     "network.interfaces" };
	const char *type = record_text(component, "type") ?: "";
	const char *key = record_text(component, "key") ?: "";
	const struct kind *kind = kind_find(type);
	const json_t *record;
	AUTO_FREE char *name = NULL;

	if (!kind)
		return thing(found, document, type, key);
	record = *key ? record_by_key(found, document, type, key) : NULL;
	name = record ? kind_name(kind, record) : xstrdup(key);
	for (size_t i = 0; *key && i < ARRAY_LEN(plain); i++)
		if (!strcmp(type, plain[i]))
			return xstrdup(name);
	return xasprintf("%s%s%s", kind->word, *name ? " " : "", name);
}

/* What stands in `list`, each with the part that it is about. */
static json_t *with_parts(const json_t *document, const char *list)
{
	AUTO_JSON json_t *found = json_object();
	const json_t *entries = json_object_get(document, list);
	json_t *rows = json_array(), *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		json_t *row = json_is_object(entry) ? json_copy(entry) : NULL;
		AUTO_FREE char *part = NULL;

		if (!row)
			continue;
		part = rows_part(found, document, json_object_get(row, "component"));
		put_text(row, "part", part);
		json_push(rows, row);
	}
	return rows;
}

json_t *rows_findings(const json_t *document)
{
	return with_parts(document, "findings");
}

json_t *rows_jobs(const json_t *document)
{
	const json_t *list = json_object_get(document, "collectors");
	json_t *rows = json_array(), *job;
	size_t i;

	json_array_foreach(list, i, job)
	{
		json_t *row = json_is_object(job) ? json_copy(job) : NULL;

		if (!row)
			continue;
		/* What a stuck job hangs in says more than that it is stuck. */
		put_text(row, "hangs_in",
			 record_text(json_array_get(json_object_get(row, "stuck"), 0),
				     "wchan"));
		json_push(rows, row);
	}
	return rows;
}

json_t *rows_serials(const json_t *document)
{
	json_t *rows = json_array();

	for (const struct kind *kind = kinds; kind->type; kind++) {
		AUTO_JSON json_t *records = kind_records(kind, document);
		json_t *record;
		size_t i;

		json_array_foreach(records, i, record)
		{
			AUTO_FREE char *name = kind_name(kind, record);
			json_t *row;

			if (!record_text(record, "serial_number"))
				continue;
			row = json_copy(record);
			if (!row)
				continue;
			put_text(row, "kind", kind->word);
			put_text(row, "part", name);
			json_push(rows, row);
		}
	}
	return rows;
}

json_t *rows_firmware(const json_t *document)
{
	return with_parts(document, "firmware_inventory");
}

/* As people count: nvme2 before nvme10, and the kernel's sdz before sdaa; last what has no name. */
static int by_key(const void *left, const void *right)
{
	const char *a = record_text(*(json_t *const *)left, "key") ?: "~";
	const char *b = record_text(*(json_t *const *)right, "key") ?: "~";
	size_t long_a = strlen(a), long_b = strlen(b);

	if (!strncmp(a, "sd", 2) && !strncmp(b, "sd", 2) && long_a != long_b)
		return long_a < long_b ? -1 : 1;
	return strverscmp(a, b);
}

/* Takes `rows`; what is no object is left out. */
static json_t *in_order(json_t *rows)
{
	size_t count = json_array_size(rows), kept = 0, i;
	AUTO_FREE json_t **order = xcalloc(count + 1, sizeof(json_t *));
	json_t *sorted = json_array(), *row;

	json_array_foreach(rows, i, row)
	{
		if (json_is_object(row))
			order[kept++] = row;
	}
	qsort(order, kept, sizeof(json_t *), by_key);
	for (i = 0; i < kept; i++)
		json_push(sorted, json_incref(order[i]));
	json_decref(rows);
	return sorted;
}

json_t *rows_drives(const json_t *document)
{
	return in_order(json_incref(document_at(document, "storage.drives")));
}

json_t *rows_others(const json_t *document)
{
	return in_order(json_incref(document_at(document, "storage.others")));
}

json_t *rows_network(const json_t *document)
{
	AUTO_JSON json_t *found = json_object();
	static const char *const wanted[] = { "manufacturer", "model", "physical_slot" };
	const json_t *list = document_at(document, "network.interfaces");
	json_t *rows = json_array(), *interface;
	size_t i;

	json_array_foreach(list, i, interface)
	{
		const char *address = record_text(interface, "pci_address");
		const json_t *card =
			address ? record_by_key(found, document, "pcie.devices", address)
				: NULL;
		json_t *row = json_is_object(interface) ? json_copy(interface) : NULL;

		if (!row)
			continue;
		for (size_t at = 0; at < ARRAY_LEN(wanted); at++)
			if (!record_text(row, wanted[at]))
				put_text(row, wanted[at], record_text(card, wanted[at]));
		json_push(rows, row);
	}
	return in_order(rows);
}

/* reading_celsius: 42 becomes reading: 42 and unit: celsius; its limits the same way. */
static void put_reading(json_t *row, const json_t *sensor, const char *prefix,
			const char *key)
{
	const char *property;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)sensor, property, value)
	{
		if (strncmp(property, prefix, strlen(prefix)) != 0 ||
		    !json_is_number(value))
			continue;
		json_put(row, key, json_incref(value));
		put_text(row, "unit", property + strlen(prefix));
		return;
	}
}

json_t *rows_sensors(const json_t *document)
{
	const json_t *list = json_object_get(document, "sensors");
	json_t *rows = json_array(), *sensor;
	size_t i;

	json_array_foreach(list, i, sensor)
	{
		json_t *row = json_is_object(sensor) ? json_copy(sensor) : NULL;

		if (!row)
			continue;
		put_reading(row, sensor, "lower_critical_", "low");
		put_reading(row, sensor, "upper_critical_", "high");
		put_reading(row, sensor, "reading_", "reading");
		json_push(rows, row);
	}
	return rows;
}

json_t *rows_processors(const json_t *document)
{
	const struct kind *kind = kind_find("processors");
	const json_t *cpu = json_object_get(document, "cpu");
	json_t *rows = kind_records(kind, document), *row;

	if (!json_is_object(cpu) || json_array_size(rows) > 0)
		return rows;
	row = json_copy((json_t *)(uintptr_t)cpu);
	if (row) {
		put_text(row, "socket", "all");
		json_put(row, "thread_count",
			 json_incref(json_object_get(cpu, "logical_cpu_count"))
				 ?: json_null());
		json_push(rows, row);
	}
	return rows;
}

json_t *rows_infiniband(const json_t *document)
{
	const json_t *list = document_at(document, "network.infiniband");
	json_t *rows = json_array(), *adapter, *port;
	size_t i, n;

	json_array_foreach(list, i, adapter)
	{
		json_array_foreach(json_object_get(adapter, "ports"), n, port)
		{
			json_int_t number =
				json_integer_value(json_object_get(port, "number"));
			AUTO_FREE char *key =
				xasprintf("%s:%lld", record_text(adapter, "key") ?: "",
					  (long long)number);
			json_t *row = json_is_object(port) ? json_copy(adapter) : NULL;

			if (!row)
				continue;
			if (json_object_update(row, port))
				json_put(row, "", NULL); /* ends the program: no memory */
			put_text(row, "key", key);
			json_push(rows, row);
		}
	}
	return rows;
}

json_t *rows_kernel(const json_t *document)
{
	const json_t *cpu = json_object_get(document, "cpu");
	const json_t *summary = document_at(document, "memory.summary");
	json_t *row = json_is_object(cpu) ? json_copy((json_t *)(uintptr_t)cpu) : NULL;
	json_t *rows = json_array();

	if (!row)
		row = json_object();
	json_put(row, "visible_bytes",
		 json_incref(json_object_get(summary, "visible_bytes")) ?: json_null());
	json_push(rows, row);
	return rows;
}
