/* The machine as one looks at it: sockets, slots, bays, each with what is in it. */
#include "html.h"

#include "amount.h"
#include "document.h"
#include "json.h"
#include "kinds.h"
#include "rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What stands in a cell behind its name. Owned, "" for nothing. */
typedef char *words_fn(const json_t *record);
/* Which group a cell is of; owned. */
typedef char *group_fn(const struct html *h, const json_t *record);

static char *amount_of(const json_t *record, const char *property, bool binary)
{
	json_int_t bytes = json_integer_value(json_object_get(record, property));

	if (bytes <= 0)
		return xstrdup("");
	return binary ? amount_binary((uint64_t)bytes) : amount_decimal((uint64_t)bytes);
}

static char *module_words(const json_t *module)
{
	AUTO_FREE char *size = amount_of(module, "capacity_bytes", true);
	json_int_t speed =
		json_integer_value(json_object_get(module, "configured_speed_mts"));
	AUTO_FREE char *mts =
		speed > 0 ? xasprintf(" %lld MT/s", (long long)speed) : xstrdup("");

	return xasprintf("%s %s%s %s", size,
			 record_text(module, "memory_device_type") ?: "", mts,
			 record_text(module, "part_number") ?: "");
}

static char *drive_words(const json_t *drive)
{
	AUTO_FREE char *size = amount_of(drive, "capacity_bytes", false);
	const json_t *life = json_object_get(drive, "predicted_media_life_left_percent");
	AUTO_FREE char *left = json_is_integer(life)
				       ? xasprintf(", %lld %% life left",
						   (long long)json_integer_value(life))
				       : xstrdup("");

	return xasprintf("%s %s%s", size, record_text(drive, "model") ?: "", left);
}

static char *processor_words(const json_t *cpu)
{
	json_int_t cores = json_integer_value(json_object_get(cpu, "core_count"));

	return xasprintf("%s, %lld cores",
			 record_text(cpu, "model") ?: "of unknown model",
			 (long long)cores);
}

static char *supply_words(const json_t *supply)
{
	json_int_t watts =
		json_integer_value(json_object_get(supply, "power_capacity_watts"));
	AUTO_FREE char *power =
		watts > 0 ? xasprintf(" %lld W", (long long)watts) : xstrdup("");

	return xasprintf("%s%s", record_text(supply, "model") ?: "", power);
}

static char *gpu_words(const json_t *gpu)
{
	AUTO_FREE char *memory = amount_of(gpu, "memory_bytes", true);
	json_int_t lanes = json_integer_value(json_object_get(gpu, "link_width_lanes"));
	json_int_t most =
		json_integer_value(json_object_get(gpu, "max_link_width_lanes"));

	if (lanes <= 0 || most <= 0)
		return xasprintf("%s %s", record_text(gpu, "model") ?: "", memory);
	return xasprintf("%s %s, %lld of %lld lanes", record_text(gpu, "model") ?: "",
			 memory, (long long)lanes, (long long)most);
}

static char *one_group(const struct html *h, const json_t *record)
{
	(void)h;
	(void)record;
	return xstrdup("");
}

/* "P1" of "P1 CHANNEL A", "CPU2" of "CPU2_DIMM_A1": what is named by a number. */
static char *processor_of(const struct html *h, const json_t *module)
{
	const char *name = record_text(module, "bank_locator")
				   ?: record_text(module, "locator") ?: "";
	size_t len = 0;

	(void)h;
	while (isalnum((unsigned char)name[len]))
		len++;
	if (len == 0 || !isdigit((unsigned char)name[len - 1]) ||
	    !isalpha((unsigned char)name[0]) || !name[len])
		return xstrdup("");
	return xasprintf("%.*s", (int)len, name);
}

static char *enclosure_of(const struct html *h, const json_t *drive)
{
	const json_t *list = document_at(h->document, "storage.enclosures");
	const char *key = record_text(drive, "enclosure");
	const char *controller = record_text(drive, "controller_pci_address");
	json_t *enclosure;
	size_t i;

	if (!key)
		return controller ? xasprintf("at %s", controller) : xstrdup("elsewhere");
	json_array_foreach(list, i, enclosure)
	{
		if (i < 64 && !strcmp(record_text(enclosure, "key") ?: "", key))
			return xasprintf("%s %s",
					 record_text(enclosure, "model") ?: "enclosure",
					 record_text(enclosure, "id") ?: key);
	}
	return xstrdup(key);
}

static char *cell_name(const struct kind *kind, const json_t *record)
{
	const char *slot = record_text(record, "enclosure_slot_name")
				   ?: record_text(record, "raid_slot");

	if (!strcmp(kind->type, "storage.drives") && slot)
		return xasprintf("%s: %s", slot, record_text(record, "key") ?: "");
	return kind_name(kind, record);
}

static void put_cell(const struct html *h, const struct kind *kind, const json_t *record,
		     words_fn *words)
{
	const char *health =
		record_text(record, "health_rollup") ?: record_text(record, "health");
	AUTO_FREE char *name = cell_name(kind, record);

	if (kind_is_empty(record)) {
		(void)fputs("<li class=\"empty\"><b>", h->to);
		html_text(h, name);
		(void)fputs("</b>empty", h->to);
		return;
	}
	AUTO_FREE char *what = words(record);
	(void)fprintf(h->to, "<li class=\"%s\"><b>", html_class(health));
	html_text(h, name);
	(void)fputs("</b>", h->to);
	html_text(h, what);
	if (health && strcmp(health, "OK") != 0) {
		(void)fputs(" <strong>", h->to);
		html_text(h, health);
		(void)fputs("</strong>", h->to);
	}
	(void)fputs("\n", h->to);
}

/* nvme2 before nvme10, Slot 2 before Slot 10. */
static int by_name(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* Cells in the order of the names they are sorted by: those and numbers of records. */
static void put_group(const struct html *h, const struct kind *kind, const char *group,
		      const json_t *records, words_fn *words, bool sorted)
{
	size_t count = json_array_size(records), i;
	AUTO_FREE char **order = xcalloc(count + 1, sizeof(*order));

	for (i = 0; i < count; i++) {
		AUTO_FREE char *name = cell_name(kind, json_array_get(records, i));

		order[i] = xasprintf("%s\n%zu", sorted ? name : "", i);
	}
	qsort(order, count, sizeof(*order), by_name);
	if (*group) {
		(void)fputs("<h4>", h->to);
		html_text(h, group);
		(void)fputs("</h4>", h->to);
	}
	(void)fputs("<ul class=\"bays\">\n", h->to);
	for (i = 0; i < count; i++) {
		uint64_t number = 0;

		if (!parse_u64(strrchr(order[i], '\n') + 1, count, &number))
			put_cell(h, kind, json_array_get(records, number), words);
		free(order[i]);
	}
	(void)fputs("</ul>\n", h->to);
}

static const struct picture {
	const char *type, *heading;
	words_fn *words;
	group_fn *group;
	bool sorted;
} pictures[] = {
	{ "processors", "Processors", processor_words, one_group, false },
	{ "memory.modules", "Memory", module_words, processor_of, false },
	{ "storage.drives", "Drives", drive_words, enclosure_of, true },
	{ "gpus", "GPUs", gpu_words, one_group, false },
	{ "power_supplies", "Power supplies", supply_words, one_group, true },
};

static void put_picture(const struct html *h, const struct picture *picture)
{
	const struct kind *kind = kind_find(picture->type);
	AUTO_JSON json_t *records = kind_records(kind, h->document);
	AUTO_JSON json_t *groups = json_object();
	const char *name;
	json_t *record, *group;
	size_t i;

	(void)fprintf(h->to, "<h3>%s</h3>", picture->heading);
	if (!document_at(h->document, picture->type))
		(void)fputs("<p class=\"soft\">not collected</p>\n", h->to);
	else if (json_array_size(records) == 0)
		(void)fputs("<p class=\"soft\">none</p>\n", h->to);
	json_array_foreach(records, i, record)
	{
		AUTO_FREE char *of = picture->group(h, record);

		/* Flash chips and caches are type 17 records too. */
		if (json_is_false(json_object_get(record, "system_memory")))
			continue;
		group = json_object_get(groups, of);
		if (!group) {
			group = json_array();
			json_put(groups, of, group);
		}
		json_push(group, json_incref(record));
	}
	json_object_foreach(groups, name, group)
	{
		put_group(h, kind, json_object_size(groups) > 1 ? name : "", group,
			  picture->words, picture->sorted);
	}
}

static void put_network(const struct html *h)
{
	static const char *const headings[] = { "Port",  "Health",   "Link",    "Gb/s",
						"Model", "Firmware", "Address", NULL };
	AUTO_JSON json_t *rows = rows_network(h->document);
	json_t *row;
	size_t i;

	if (json_array_size(rows) == 0)
		return;
	(void)fputs("<h3>Network</h3>", h->to);
	html_table(h, "Network", headings);
	json_array_foreach(rows, i, row)
	{
		const json_t *speed = json_object_get(row, "speed_gbps");
		const char *health = record_text(row, "health_rollup");
		AUTO_FREE char *gbps = json_is_number(speed)
					       ? xasprintf("%g", json_number_value(speed))
					       : xstrdup("");

		(void)fputs("<tr>", h->to);
		html_cell(h, record_text(row, "key"));
		(void)fprintf(h->to, "<td class=\"%s\">", html_class(health));
		html_text(h, health);
		html_cell(h, record_text(row, "link_status"));
		html_cell(h, gbps);
		html_cell(h, record_text(row, "model") ?: record_text(row, "driver"));
		html_cell(h, record_text(row, "firmware_version"));
		html_cell(h, record_text(row, "pci_address"));
		(void)fputs("\n", h->to);
	}
	html_table_end(h);
}

void html_picture(const struct html *h)
{
	html_begin(h, "parts", "Parts");
	for (size_t i = 0; i < ARRAY_LEN(pictures); i++)
		put_picture(h, &pictures[i]);
	put_network(h);
	html_end(h);
}
