/* Rows of what the machine's firmware and its GPUs tell in lists inside of a record. */
#include "rows.h"

#include "document.h"
#include "json.h"
#include "kinds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *rows_gpu_links(const json_t *document)
{
	const json_t *list = json_object_get(document, "gpu_links");
	json_t *rows = json_array(), *gpu, *link;
	size_t i, n;

	json_array_foreach(list, i, gpu)
	{
		json_t *row = json_is_object(gpu) ? json_copy(gpu) : NULL;
		json_t *down = json_array();
		double speed = 0;

		json_array_foreach(json_object_get(row, "links"), n, link)
		{
			json_t *number = json_object_get(link, "number");

			if (json_is_true(json_object_get(link, "active")))
				speed += json_number_value(
					json_object_get(link, "speed_gbps"));
			else if (json_is_integer(number))
				json_push(down, json_incref(number));
		}
		if (row) {
			json_put(row, "down", json_incref(down));
			json_put(row, "speed_gbps",
				 speed > 0 && isfinite(speed) ? json_real(speed)
							      : json_null());
			json_push(rows, row);
		}
		json_decref(down);
	}
	return rows;
}

/* A list of a machine has some dozen; one that says it has thousands takes no longer. */
#define ORDERED_MOST 512

/* From 1; 0: it is not in there. */
static size_t place_in(const json_t *order, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach(order, i, entry)
	{
		if (i == ORDERED_MOST)
			break;
		if (!strcmp(json_string_value(entry) ?: "", name))
			return i + 1;
	}
	return 0;
}

static json_t *boot_row(const json_t *firmware, json_t *option)
{
	const char *name = record_text(option, "boot_option_reference") ?: "";
	size_t place =
		*name ? place_in(json_object_get(firmware, "boot_order"), name) : 0;
	bool now = *name && !strcmp(record_text(firmware, "boot_current") ?: "", name);
	bool next = *name && !strcmp(record_text(firmware, "boot_next") ?: "", name);
	json_t *row = json_copy(option);

	if (!row)
		return json_object();
	json_put(row, "order", place ? json_integer((json_int_t)place) : json_null());
	json_put(row, "is",
		 now && next ? json_string("now, next")
		 : now       ? json_string("now")
		 : next      ? json_string("next")
			     : json_null());
	return row;
}

json_t *rows_boot(const json_t *document)
{
	const json_t *firmware = json_object_get(document, "firmware");
	const json_t *options = json_object_get(firmware, "boot_options");
	AUTO_JSON json_t *all = json_array();
	json_t *rows = json_array(), *option, *row;
	size_t i;

	json_array_foreach(options, i, option)
	{
		if (json_is_object(option))
			json_push(all, boot_row(firmware, option));
	}
	for (json_int_t place = 1; place <= ORDERED_MOST; place++)
		json_array_foreach(all, i, row)
		{
			if (json_integer_value(json_object_get(row, "order")) == place)
				json_push(rows, json_incref(row));
		}
	json_array_foreach(all, i, row)
	{
		if (!json_is_integer(json_object_get(row, "order")))
			json_push(rows, json_incref(row));
	}
	return rows;
}
