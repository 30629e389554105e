/* Records of many jobs into the lists of the document; the order of arrival never
 * matters. */
#include "merge.h"

#include "record.h"

#include <stdlib.h>
#include <string.h>

#define INQUIRY_MODEL_BYTES 16

#define SOURCES_MAX 9
#define RANK_UNLISTED SOURCES_MAX

/*
 * Who is believed first, by type; bee-audit.json(5) prints this table. Steps that are
 * not listed come last, by name. Drives: the device itself knows its full model and
 * serial number; sysfs holds SCSI's 16 characters of an ATA disk's model.
 */
static const struct {
	const char *type;
	const char *sources[SOURCES_MAX];
} precedence[] = {
	{ "system", { "board/dmi", "board/sysfs" } },
	{ "firmware",
	  { "board/dmi", "board/sysfs", "board/efi-vars", "board/efi-boot" } },
	{ "baseboards", { "board/dmi", "board/sysfs" } },
	{ "chassis", { "board/dmi", "board/sysfs" } },
	{ "processors", { "cpu/dmi" } },
	{ "memory.arrays", { "memory/dmi" } },
	{ "memory.modules", { "memory/dmi" } },
	{ "cpu", { "cpu/sysfs", "cpu/info" } },
	{ "memory.controllers", { "memory/edac" } },
	{ "memory.edac", { "memory/edac" } },
	{ "memory.summary", { "memory/visible" } },
	{ "storage.drives",
	  { "storage/smart", "megaraid/smart", "cciss/smart", "storage/nvme-id",
	    "storage/nvme-smart", "storage/nvme-errors", "storage/nvme-sanitize",
	    "storage/lsblk", "storage/disks" } },
	{ "storage.controllers",
	  { "storage/controllers", "storage/hba", "raid/storcli", "raid/perccli" } },
	{ "storage.arrays", { "storage/arrays" } },
	{ "storage.enclosures", { "storage/enclosure" } },
	{ "storage.phys", { "storage/phys" } },
	{ "pcie.devices", { "pcie/sysfs", "pcie/lspci" } },
	{ "onboard_devices", { "board/dmi" } },
	{ "oem_strings", { "board/dmi" } },
	{ "pcie.slots", { "board/dmi" } },
	{ "power_supplies", { "psu/fru", "psu/sdr", "psu/dmi" } },
	{ "fru.devices", { "psu/fru", "psu/ipmitool" } },
	{ "smbios.power_supplies", { "psu/dmi" } },
	{ "smbios.firmware", { "board/dmi" } },
	{ "sensors", { "psu/sdr", "sensors/hwmon" } },
	{ "bmc", { "psu/info", "psu/dmi" } },
	{ "event_log", { "psu/sel" } },
	{ "network.interfaces",
	  { "network/sysfs", "network/link", "network/ethtool", "network/module",
	    "network/errors" } },
	{ "network.infiniband", { "network/infiniband", "network/infiniband-errors" } },
	{ "network.neighbors", { "lldp/hear" } },
	{ "tpm", { "tpm/sysfs", "board/dmi" } },
	{ "host", { "identity/host" } },
	{ "kernel.log", { "kernel/log" } },
	{ "kernel.events", { "kernel/log", "kernel/pstore" } },
	{ "kernel.crashes", { "kernel/pstore" } },
	{ "usb.devices", { "usb/ids", "usb/names" } },
	{ "gpu_links", { "nvidia/nvlink" } },
	{ "gpus", { "nvidia/smi", "gpu/sysfs", "pcie/sysfs", "pcie/lspci" } },
};

static int source_rank(int type, const char *source)
{
	size_t len = strcspn(source, "@");

	for (size_t i = 0; i < ARRAY_LEN(precedence); i++) {
		if (strcmp(precedence[i].type, record_types[type].name) != 0)
			continue;
		for (int s = 0; s < SOURCES_MAX && precedence[i].sources[s]; s++)
			if (!strncmp(precedence[i].sources[s], source, len) &&
			    !precedence[i].sources[s][len])
				return s;
	}
	return RANK_UNLISTED;
}

bool merge_may_tell(int type, const char *source)
{
	for (size_t i = 0; i < ARRAY_LEN(precedence); i++)
		if (!strcmp(precedence[i].type, record_types[type].name))
			return source_rank(type, source) != RANK_UNLISTED;
	return true;
}

void merge_add(struct merge *merge, int type, const char *key, json_t *props,
	       const char *source, uint32_t job, uint32_t sequence)
{
	if (merge->count == merge->room) {
		merge->room = merge->room ? 2 * merge->room : 64;
		merge->records = xrealloc_array(merge->records, merge->room,
						sizeof(*merge->records));
	}
	merge->records[merge->count++] = (struct merge_record){
		.props = props,
		.key = xstrdup(key),
		.source = source,
		.job = job,
		.sequence = sequence,
		.type = type,
		.rank = source_rank(type, source),
	};
}

void merge_drop_jobs(struct merge *merge, const bool *jobs)
{
	size_t kept = 0;

	for (size_t i = 0; i < merge->count; i++) {
		if (jobs[merge->records[i].job]) {
			json_decref(merge->records[i].props);
			free(merge->records[i].key);
		} else {
			merge->records[kept++] = merge->records[i];
		}
	}
	merge->count = kept;
}

void merge_done(struct merge *merge)
{
	for (size_t i = 0; i < merge->count; i++) {
		json_decref(merge->records[i].props);
		free(merge->records[i].key);
	}
	free(merge->records);
	*merge = (struct merge){ 0 };
}

static int compare(const void *left, const void *right)
{
	const struct merge_record *a = left, *b = right;
	int order;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	/* A type that is one object has one record, whatever keys its sources gave it. */
	if (record_types[a->type].list) {
		order = strcmp(a->key, b->key);
		if (order)
			return order;
	}
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	order = strcmp(a->source, b->source);
	if (order)
		return order;
	if (a->job != b->job)
		return a->job < b->job ? -1 : 1;
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

void merge_sort(struct merge *merge)
{
	if (merge->count > 1)
		qsort(merge->records, merge->count, sizeof(*merge->records), compare);
}

bool merge_reserved(const char *property)
{
	return !strcmp(property, "key") || !strcmp(property, "src") ||
	       !strcmp(property, "conflicts");
}

/* The value that lost stays visible under the name of the job that said it. */
static void add_conflict(json_t *merged, const char *property, const char *source,
			 json_t *value)
{
	json_t *conflicts = json_object_get(merged, "conflicts");
	json_t *by_source;

	if (!conflicts) {
		conflicts = json_object();
		json_put(merged, "conflicts", conflicts);
	}
	by_source = json_object_get(conflicts, property);
	if (!by_source) {
		by_source = json_object();
		json_put(conflicts, property, by_source);
	}
	if (!json_object_get(by_source, source))
		json_put(by_source, source, json_incref(value));
}

/*
 * SCSI INQUIRY has 16 bytes for a model that ATA tells in 40 (SPC-4, 6.4.2): the same value
 * cut off there, and then without the blanks at its end, is no conflict.
 */
static bool inquiry_cut(const char *property, const json_t *whole, const json_t *part)
{
	size_t len = INQUIRY_MODEL_BYTES;
	const char *text = json_string_value(whole);

	if (strcmp(property, "model") != 0 || !json_is_string(part) || !text ||
	    json_string_length(whole) <= len)
		return false;
	while (len > 0 && text[len - 1] == ' ')
		len--;
	return json_string_length(part) == len &&
	       !strncmp(text, json_string_value(part), len);
}

/* What a record's maker says of its other properties: no value of the hardware's, so no conflict. */
static bool is_remark(const char *property)
{
	static const char *const names[] = { "raw",          "notes",   "unparsed",
					     "placeholders", "escaped", "read_errors" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(property, names[i]))
			return true;
	return false;
}

static bool array_has(const json_t *array, const json_t *value)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (json_equal(json_array_get(array, i), value))
			return true;
	return false;
}

/* Both sources' remarks; of one property, those of the source that is believed first. The values
 * of a record are shared with the next turn's (merge_range): what is put together is a copy. */
static void add_remarks(json_t *merged, const char *property, json_t *more)
{
	AUTO_JSON json_t *all = json_copy(json_object_get(merged, property));
	const char *name;
	json_t *value;

	if (json_is_object(all) && json_is_object(more))
		json_object_foreach(more, name, value)
		{
			if (!json_object_get(all, name))
				json_put(all, name, json_incref(value));
		}
	for (size_t i = 0; json_is_array(all) && i < json_array_size(more); i++)
		if (!array_has(all, json_array_get(more, i)))
			json_push(all, json_incref(json_array_get(more, i)));
	json_put(merged, property, json_incref(all));
}

/*
 * null says that a source does not know: it never beats a value and is no conflict. Nor is a
 * temperature, which each source took at another moment.
 */
static void merge_props(json_t *merged, const char *source, json_t *props)
{
	const char *property;
	json_t *value;

	json_object_foreach(props, property, value)
	{
		json_t *winner = json_object_get(merged, property);

		if (!winner || json_is_null(winner))
			json_put(merged, property, json_incref(value));
		else if (is_remark(property))
			add_remarks(merged, property, value);
		else if (!json_is_null(value) && !json_equal(winner, value) &&
			 strcmp(property, "temperature_celsius") != 0 &&
			 !inquiry_cut(property, winner, value))
			add_conflict(merged, property, source, value);
	}
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/*
 * Merges the records [first, last), which are of one type and key. Most are alone: such a
 * record's own object becomes the merged one, which halves the memory of a document. A
 * document that is too large is built again without some records: what is put into that object
 * ("src" here, "key" in merge_type) is the same each time.
 */
static json_t *merge_range(const struct merge *merge, size_t first, size_t last)
{
	json_t *merged, *src = json_array();
	const char **names;

	if (last - first == 1) {
		merged = json_incref(merge->records[first].props);
		json_push(src, json_string(merge->records[first].source));
		json_put(merged, "src", src);
		return merged;
	}
	merged = json_object();
	names = xcalloc(last - first, sizeof(*names));
	for (size_t i = first; i < last; i++) {
		merge_props(merged, merge->records[i].source, merge->records[i].props);
		names[i - first] = merge->records[i].source;
	}
	qsort(names, last - first, sizeof(*names), compare_names);
	for (size_t i = 0; i < last - first; i++)
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			json_push(src, json_string(names[i]));
	free(names);
	json_put(merged, "src", src);
	return merged;
}

json_t *merge_type(const struct merge *merge, int type)
{
	bool list = record_types[type].list;
	json_t *array = list ? json_array() : NULL;

	for (size_t i = 0, next; i < merge->count; i = next) {
		json_t *merged;

		next = i + 1;
		if (merge->records[i].type != type)
			continue;
		while (next < merge->count && merge->records[next].type == type &&
		       (!list ||
			!strcmp(merge->records[next].key, merge->records[i].key)))
			next++;
		merged = merge_range(merge, i, next);
		if (!list)
			return merged;
		json_put(merged, "key", json_string(merge->records[i].key));
		json_push(array, merged);
	}
	return array;
}
