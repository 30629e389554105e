/* What a spec can speak of. */
#include "spec.h"

#include "json.h"
#include "kinds.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#define HEALTH                                                                           \
	{                                                                                \
		"health", { "health_rollup" }, PLAIN, false, OP_IS                       \
	}

const struct spec_kind spec_kinds[] = {
	{ "system",
	  "identity",
	  NULL,
	  { NULL },
	  true,
	  false,
	  { { "maker", { "manufacturer" }, PLAIN, true, OP_IS },
	    { "model", { "model" }, PLAIN, true, OP_IS },
	    { "serial", { "serial_number" }, PLAIN, false, OP_IS } } },
	{ "bios",
	  "firmware",
	  NULL,
	  { NULL },
	  true,
	  false,
	  { { "vendor", { "vendor" }, PLAIN, false, OP_IS },
	    { "version", { "version" }, PLAIN, true, OP_LEAST },
	    { "date", { "release_date" }, PLAIN, false, OP_LEAST } } },
	{ "bmc",
	  "bmc",
	  NULL,
	  { NULL },
	  true,
	  false,
	  { { "firmware", { "firmware_version" }, PLAIN, true, OP_LEAST } } },
	{ "processors",
	  "processors",
	  rows_processors,
	  { "model" },
	  false,
	  false,
	  { { "cores", { "core_enabled", "core_count" }, PLAIN, true, OP_IS },
	    { "threads", { "thread_count" }, PLAIN, false, OP_IS },
	    { "mhz", { "max_speed_mhz" }, PLAIN, false, OP_LEAST },
	    HEALTH } },
	{ "memory",
	  "memory.modules",
	  NULL,
	  { "part_number" },
	  false,
	  false,
	  { { "size", { "capacity_bytes" }, BINARY, true, OP_IS },
	    { "type", { "memory_device_type" }, PLAIN, true, OP_IS },
	    { "speed",
	      { "configured_speed_mts", "rated_speed_mts" },
	      PLAIN,
	      true,
	      OP_LEAST },
	    { "maker", { "manufacturer" }, PLAIN, false, OP_IS },
	    HEALTH } },
	{ "drives",
	  "storage.drives",
	  NULL,
	  { "model" },
	  false,
	  false,
	  { { "size", { "capacity_bytes" }, DECIMAL, true, OP_IS },
	    { "type", { "media_type" }, PLAIN, true, OP_IS },
	    { "bus", { "protocol", "transport" }, PLAIN, false, OP_IS },
	    { "firmware", { "firmware_version", "revision" }, PLAIN, true, OP_LEAST },
	    { "life", { "predicted_media_life_left_percent" }, PLAIN, false, OP_LEAST },
	    { "hours", { "power_on_hours" }, PLAIN, false, OP_MOST },
	    HEALTH } },
	{ "controllers",
	  "storage.controllers",
	  NULL,
	  { "model", "driver" },
	  false,
	  false,
	  { { "firmware", { "firmware_version" }, PLAIN, true, OP_LEAST },
	    { "driver", { "driver" }, PLAIN, false, OP_IS },
	    HEALTH } },
	{ "gpus",
	  "gpus",
	  NULL,
	  { "model" },
	  false,
	  false,
	  { { "memory", { "memory_bytes" }, BINARY, true, OP_IS },
	    { "lanes", { "link_width_lanes" }, PLAIN, true, OP_LEAST },
	    { "vbios", { "vbios_version" }, PLAIN, true, OP_LEAST },
	    { "driver", { "driver_version", "driver" }, PLAIN, false, OP_LEAST },
	    HEALTH } },
	{ "network",
	  "network.interfaces",
	  rows_network,
	  { "model", "driver" },
	  false,
	  false,
	  { { "max", { "max_speed_gbps" }, PLAIN, true, OP_LEAST },
	    { "firmware", { "firmware_version" }, PLAIN, true, OP_LEAST },
	    { "speed", { "speed_gbps" }, PLAIN, false, OP_LEAST },
	    { "link", { "link_status" }, PLAIN, false, OP_IS },
	    { "driver", { "driver" }, PLAIN, false, OP_IS },
	    HEALTH } },
	{ "power",
	  "power_supplies",
	  NULL,
	  { "model", "part_number" },
	  false,
	  false,
	  { { "watts", { "power_capacity_watts" }, PLAIN, true, OP_IS },
	    { "state", { "state" }, PLAIN, false, OP_IS },
	    HEALTH } },
	{ "pcie",
	  "pcie.devices",
	  NULL,
	  { "model", "device_id" },
	  false,
	  true,
	  { { "lanes", { "link_width_lanes" }, PLAIN, true, OP_LEAST },
	    { "speed", { "link_speed_gtps" }, PLAIN, false, OP_LEAST },
	    { "driver", { "driver" }, PLAIN, false, OP_IS },
	    HEALTH } },
	{ "infiniband",
	  "network.infiniband",
	  rows_infiniband,
	  { "model", "hca_type" },
	  false,
	  true,
	  { { "speed", { "speed_gbps" }, PLAIN, false, OP_LEAST },
	    { "state", { "state" }, PLAIN, false, OP_IS },
	    { "layer", { "link_layer" }, PLAIN, false, OP_IS },
	    { "firmware", { "firmware_version" }, PLAIN, false, OP_LEAST },
	    HEALTH } },
	{ "kernel",
	  "cpu",
	  rows_kernel,
	  { NULL },
	  true,
	  false,
	  { { "sockets", { "socket_count" }, PLAIN, false, OP_IS },
	    { "cores", { "core_count" }, PLAIN, false, OP_IS },
	    { "threads", { "logical_cpu_count" }, PLAIN, false, OP_IS },
	    { "memory", { "visible_bytes" }, BINARY, false, OP_LEAST } } },
	{ .word = NULL },
};

const struct spec_kind *spec_kind_find(const char *word)
{
	for (const struct spec_kind *kind = spec_kinds; kind->word; kind++)
		if (!strcasecmp(kind->word, word))
			return kind;
	return NULL;
}

const struct spec_property *spec_property_find(const struct spec_kind *kind,
					       const char *word)
{
	for (size_t i = 0; i < SPEC_PROPERTIES && kind->properties[i].word; i++)
		if (!strcasecmp(kind->properties[i].word, word))
			return &kind->properties[i];
	return NULL;
}

json_t *spec_records(const struct spec_kind *kind, const json_t *document)
{
	const struct kind plain = { kind->type, NULL, { NULL } };
	AUTO_JSON json_t *all =
		kind->rows ? kind->rows(document) : kind_records(&plain, document);
	json_t *there = json_array(), *record;
	size_t i;

	json_array_foreach(all, i, record)
	{
		/* Flash chips and caches are type 17 records too. */
		if (!kind_is_empty(record) && !record_text(record, "physical_function") &&
		    !json_is_false(json_object_get(record, "system_memory")))
			json_push(there, json_incref(record));
	}
	return there;
}

const json_t *spec_value(const json_t *record, const struct spec_property *property)
{
	for (size_t i = 0; i < ARRAY_LEN(property->from) && property->from[i]; i++) {
		const json_t *value = json_object_get(record, property->from[i]);

		if (json_is_number(value) || json_is_boolean(value) ||
		    (json_is_string(value) && *json_string_value(value)))
			return value;
	}
	return NULL;
}

const char *spec_model(const struct spec_kind *kind, const json_t *record)
{
	for (size_t i = 0; i < ARRAY_LEN(kind->model) && kind->model[i]; i++)
		if (record_text(record, kind->model[i]))
			return record_text(record, kind->model[i]);
	return NULL;
}

/* "64GiB", "3.84TB": three digits, as they are sold, and well within what verify allows. */
static char *amount_word(double bytes, double base, const char *end)
{
	static const char *const letters[] = { "", "k", "M", "G", "T", "P", "E" };
	size_t at = 0;

	/* 1023 GiB is no 1e+03 GiB, and 768 GiB no 0.75 TiB. */
	while (at + 1 < ARRAY_LEN(letters) && bytes >= (base > 1000 ? 9999 : 999.5)) {
		bytes /= base;
		at++;
	}
	return xasprintf("%.*g%s%s", bytes >= 999.5 ? 4 : 3, bytes, letters[at],
			 at ? end : "B");
}

char *spec_text(const json_t *value, const struct spec_property *property)
{
	if (property->unit == BINARY && json_is_number(value))
		return amount_word(json_number_value(value), 1024, "iB");
	if (property->unit == DECIMAL && json_is_number(value))
		return amount_word(json_number_value(value), 1000, "B");
	if (json_is_integer(value))
		return xasprintf("%lld", (long long)json_integer_value(value));
	if (json_is_real(value))
		return xasprintf("%.6g", json_real_value(value));
	if (json_is_boolean(value))
		return xstrdup(json_is_true(value) ? "yes" : "no");
	return xstrdup(json_string_value(value) ?: "");
}
