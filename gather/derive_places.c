/* Which module is in a place that the kernel's EDAC driver counts errors for. */
#include "derive.h"

#include "rules.h"
#include "values.h"

#include <string.h>

/* Properties of a place that are put here. Records live on when the document is built again
 * without some, so they are taken away first. */
#define MODULE "module"
#define FOUND_BY "module_found_by"
#define PROBABLE "probable_module"

/* Socket, channel of it, slot of the channel. */
struct spot {
	unsigned socket, channel, slot;
};

/*
 * The kernel's label of a place is the board's (ras-mc-ctl), or the firmware's "bank locator" with a
 * blank in between, and so are the places of its error records (drivers/edac/ghes_edac.c;
 * drivers/firmware/efi/cper.c, cper_dimm_err_location).
 */
json_t *derive_modules_by_label(const json_t *list)
{
	json_t *modules = json_object();

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *module = json_array_get(list, i);
		const char *locator = rule_text(module, "locator"),
			   *bank = rule_text(module, "bank_locator");
		AUTO_FREE char *both = NULL;

		if (!rule_is(module, "state", "Enabled") || !locator)
			continue;
		value_index(modules, locator, module);
		if (!bank)
			continue;
		both = xasprintf("%s %s", bank, locator);
		value_index(modules, both, module);
	}
	return modules;
}

static bool is_filled(const json_t *module)
{
	return rule_is(module, "state", "Enabled") &&
	       !json_is_false(json_object_get(module, "system_memory"));
}

/* The driver counts by DIMM: a rank's size is not the module's. */
static bool is_dimm(const json_t *place)
{
	const char *key = rule_text(place, "key");

	return key && strstr(key, "/dimm") != NULL;
}

static void found(json_t *place, const char *property, const json_t *module,
		  const char *how)
{
	json_put(place, property, json_string(rule_text(module, "key")));
	if (how)
		json_put(place, FOUND_BY, json_string(how));
}

/* sizes[bytes] = the record, null where several have that size. False: one has none. */
static bool index_size(json_t *sizes, json_t *record)
{
	const json_t *bytes = json_object_get(record, "capacity_bytes");
	AUTO_FREE char *name = NULL;

	if (!json_is_integer(bytes) || json_integer_value(bytes) <= 0)
		return false;
	name = xasprintf("%lld", (long long)json_integer_value(bytes));
	value_index(sizes, name, record);
	return true;
}

/* Where there are as many modules as places, the only ones of a size on both sides belong together. */
static void join_by_size(const json_t *modules, json_t *places)
{
	AUTO_JSON json_t *of_modules = json_object();
	AUTO_JSON json_t *of_places = json_object();
	size_t filled = 0;
	const char *size;
	json_t *place;

	for (size_t i = 0; i < json_array_size(modules); i++) {
		json_t *module = json_array_get(modules, i);

		if (!is_filled(module))
			continue;
		filled++;
		if (!rule_text(module, "key") || !index_size(of_modules, module))
			return;
	}
	for (size_t i = 0; i < json_array_size(places); i++) {
		json_t *record = json_array_get(places, i);

		if (!is_dimm(record) || !index_size(of_places, record))
			return;
	}
	if (filled != json_array_size(places))
		return;
	json_object_foreach(of_places, size, place)
	{
		const json_t *module = json_object_get(of_modules, size);

		if (json_is_object(place) && json_is_object(module) &&
		    !json_object_get(place, MODULE))
			found(place, MODULE, module, "size");
	}
}

/* Takes `word` and a number of at most four digits after it, which may stand behind one of "_ #",
 * off the text; letters of both cases are the same. */
static bool take(const char **text, const char *word, unsigned *number)
{
	const char *at = strcasestr(*text, word);
	unsigned digits = 0;

	if (!at)
		return false;
	at += strlen(word);
	if (*at && strchr("_ #", *at))
		at++;
	*number = 0;
	for (; *at >= '0' && *at <= '9' && digits < 4; digits++)
		*number = 10 * *number + (unsigned)(*at++ - '0');
	*text = at;
	return digits > 0;
}

/* "P0_Node0_Channel1_Dimm0", "NODE 1 CHANNEL 2 DIMM 0": words of many firmwares. */
static bool module_spot(const json_t *module, struct spot *spot)
{
	const char *text = rule_text(module, "bank_locator");

	return text && take(&text, "node", &spot->socket) &&
	       take(&text, "channel", &spot->channel) && take(&text, "dimm", &spot->slot);
}

/* "CPU_SrcID#0_MC#0_Chan#1_DIMM#0" (skx_common.c, skx_get_dimm_info), "..._Ha#0_..." (sb_edac.c,
 * __populate_dimms). */
static bool place_spot(const json_t *place, struct spot *spot)
{
	const char *text = rule_text(place, "label");

	return text && take(&text, "SrcID", &spot->socket) &&
	       take(&text, "Chan", &spot->channel) && take(&text, "DIMM", &spot->slot);
}

static char *spot_name(const struct spot *spot)
{
	return xasprintf("%u/%u/%u", spot->socket, spot->channel, spot->slot);
}

static bool same_size(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "capacity_bytes"),
			  json_object_get(b, "capacity_bytes"));
}

/*
 * Firmware and driver each number sockets, channels and slots. Where every module has such a place, no
 * two the same, and every place of the driver's holds a module of its size, they count alike; nobody
 * says that they do, so this is no more than probable. A driver that numbers a channel anew for each of a
 * socket's controllers has places twice, and nothing is joined.
 */
static bool index_spots(const json_t *modules, json_t *spots, size_t *filled)
{
	for (size_t i = 0; i < json_array_size(modules); i++) {
		json_t *module = json_array_get(modules, i);
		AUTO_FREE char *name = NULL;
		struct spot spot;

		if (!is_filled(module))
			continue;
		if (!rule_text(module, "key") || !module_spot(module, &spot))
			return false;
		name = spot_name(&spot);
		if (json_object_get(spots, name))
			return false;
		json_put(spots, name, json_incref(module));
		++*filled;
	}
	return true;
}

static void join_by_spot(const json_t *modules, json_t *places)
{
	AUTO_JSON json_t *spots = json_object();
	AUTO_JSON json_t *taken = json_object();
	size_t filled = 0, count = json_array_size(places);
	const char *spot_at;
	json_t *there;

	if (!index_spots(modules, spots, &filled) || filled != count)
		return;
	for (size_t i = 0; i < count; i++) {
		json_t *place = json_array_get(places, i);
		AUTO_FREE char *name = NULL;
		struct spot spot;

		if (!is_dimm(place) || !place_spot(place, &spot))
			return;
		name = spot_name(&spot);
		if (json_object_get(taken, name) ||
		    !same_size(place, json_object_get(spots, name)))
			return;
		json_put(taken, name, json_incref(place));
	}
	json_object_foreach(taken, spot_at, there)
	{
		if (!json_object_get(there, MODULE))
			found(there, PROBABLE, json_object_get(spots, spot_at), NULL);
	}
}

void derive_places(const json_t *modules, json_t *places)
{
	AUTO_JSON json_t *by_label = derive_modules_by_label(modules);

	for (size_t i = 0; i < json_array_size(places); i++) {
		json_t *place = json_array_get(places, i), *module;
		const char *label = rule_text(place, "label");

		(void)json_object_del(place, MODULE);
		(void)json_object_del(place, FOUND_BY);
		(void)json_object_del(place, PROBABLE);
		module = label ? json_object_get(by_label, label) : NULL;
		if (rule_text(module, "key"))
			found(place, MODULE, module, "label");
	}
	join_by_size(modules, places);
	join_by_spot(modules, places);
}
