/* What NetBox's REST API takes, 4.2 and later: a list of endpoints, each with what to POST there. */
#include "export.h"

#include "document.h"
#include "fit.h"
#include "json.h"
#include "part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { /* characters, and so also bytes */
       ITEM_MAX = 64,
       SERIAL_MAX = 50,
       MODEL_MAX = 100,
       SLUG_MAX = 100,
       TEXT_MAX = 200,
       MTU_MAX = 65536,
};
#define SPEED_MAX 2147483647 /* kb/s */

struct netbox {
	const json_t *document;
	const struct export_options *options;
	json_t *makers; /* object: names by slug */
	json_t *names;  /* object: of inventory items, which are unique in a device */
	json_t *device; /* how it is referred to */
	json_t *items;
};

/* As NetBox makes one itself, of letters, digits and "-"; a name in other letters becomes a number. */
static char *slug_of(const char *name)
{
	char *slug = xcalloc(SLUG_MAX + 1, 1);
	uint32_t hash = 2166136261; /* FNV-1a */
	size_t len = 0;

	for (const char *at = name; *at; at++) {
		unsigned char c = (unsigned char)*at;
		bool upper = c >= 'A' && c <= 'Z';

		hash = (hash ^ c) * 16777619;
		if (len == SLUG_MAX)
			continue;
		if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
			slug[len++] = (char)(upper ? c - 'A' + 'a' : c);
		else if ((c == ' ' || c == '-') && len > 0 && slug[len - 1] != '-')
			slug[len++] = '-';
	}
	while (len > 0 && slug[len - 1] == '-')
		slug[--len] = '\0';
	if (len == 0)
		(void)snprintf(slug, SLUG_MAX + 1, "x-%08x", hash);
	return slug;
}

static json_t *named(const char *name)
{
	AUTO_FREE char *fitted = fit(name, MODEL_MAX);
	AUTO_FREE char *slug = slug_of(fitted);

	return json_pack("{s:s, s:s}", "name", fitted, "slug", slug);
}

/* A maker as others refer to it. Two names of one slug are one: NetBox takes no second. */
static json_t *maker(struct netbox *netbox, const char *name)
{
	AUTO_FREE char *fitted = fit(name, MODEL_MAX);
	AUTO_FREE char *slug = slug_of(fitted);
	const json_t *known = json_object_get(netbox->makers, slug);

	if (!known)
		json_put(netbox->makers, slug, json_string(fitted));
	return json_pack("{s:s, s:s}", "name", known ? json_string_value(known) : fitted,
			 "slug", slug);
}

static void put_endpoint(json_t *all, const char *endpoint, json_t *objects)
{
	json_push(all, json_pack("{s:s, s:o}", "endpoint", endpoint, "objects", objects));
}

static json_t *makers(const struct netbox *netbox)
{
	json_t *list = json_array(), *name;
	const char *slug;

	json_object_foreach(netbox->makers, slug, name)
	{
		json_push(list, json_pack("{s:O, s:s}", "name", name, "slug", slug));
	}
	return list;
}

static json_t *device_type(struct netbox *netbox)
{
	const json_t *identity = json_object_get(netbox->document, "identity");
	json_t *type = named(record_text(identity, "model") ?: "unknown");
	json_t *model = json_incref(json_object_get(type, "name"));

	json_object_del(type, "name");
	json_put(type, "model", model);
	json_put(type, "manufacturer",
		 maker(netbox, record_text(identity, "manufacturer") ?: "unknown"));
	return type;
}

/* Of the first chassis; nobody else's is on the machine's outside. */
static const char *asset_tag(const json_t *document)
{
	return record_text(json_array_get(json_object_get(document, "chassis"), 0),
			   "asset_tag");
}

/* A device has the host's name, else its serial number or UUID: without a name nothing could refer
 * to it. */
static json_t *device(struct netbox *netbox, json_t *type)
{
	const json_t *identity = json_object_get(netbox->document, "identity");
	const char *serial = record_text(identity, "serial_number");
	json_t *all = json_object();

	put_fit(all, "name",
		record_text(json_object_get(netbox->document, "host"), "name")
			?: serial ?: record_text(identity, "uuid") ?: "unnamed",
		ITEM_MAX);
	json_put(all, "device_type", json_incref(type));
	json_put(all, "role", named(netbox->options->role));
	json_put(all, "site", named(netbox->options->site));
	put_fit(all, "serial", serial, SERIAL_MAX);
	put_fit(all, "asset_tag", asset_tag(netbox->document), SERIAL_MAX);
	json_put(all, "status", json_string("active"));
	return all;
}

/* By the fastest that the port can; what is not here is "other". */
static const char *interface_type(const json_t *interface)
{
	static const struct {
		const char *port;
		double gbps;
		const char *type;
	} types[] = {
		{ "TP", 0.1, "100base-tx" },
		{ "TP", 1, "1000base-t" },
		{ "TP", 2.5, "2.5gbase-t" },
		{ "TP", 5, "5gbase-t" },
		{ "TP", 10, "10gbase-t" },
		{ "FIBRE", 1, "1000base-x-sfp" },
		{ "FIBRE", 10, "10gbase-x-sfpp" },
		{ "FIBRE", 25, "25gbase-x-sfp28" },
		{ "FIBRE", 40, "40gbase-x-qsfpp" },
		{ "FIBRE", 100, "100gbase-x-qsfp28" },
		{ "FIBRE", 200, "200gbase-x-qsfp56" },
		{ "FIBRE", 400, "400gbase-x-qsfpdd" },
	};
	const char *port = record_text(interface, "port_type") ?: "";
	double gbps = json_number_value(json_object_get(interface, "max_speed_gbps"));

	if (!strcmp(port, "DirectAttach"))
		port = "FIBRE";
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strcmp(types[i].port, port) && fabs(types[i].gbps - gbps) < 0.01)
			return types[i].type;
	return "other";
}

/* An Ethernet address, in NetBox's letters; NULL: another, as InfiniBand's 20 bytes. Owned. */
static char *ethernet(const char *text)
{
	char *out;

	if (!text || strlen(text) != 17)
		return NULL;
	for (size_t i = 0; i < 17; i++)
		if (i % 3 == 2 ? text[i] != ':'
			       : !strchr("0123456789abcdefABCDEF", text[i]))
			return NULL;
	out = xstrdup(text);
	for (char *at = out; *at; at++)
		if (*at >= 'a')
			*at = (char)(*at - 'a' + 'A');
	return out;
}

static json_t *interface_of(const struct netbox *netbox, const json_t *record)
{
	const json_t *mtu = json_object_get(record, "mtu_bytes");
	double speed = json_number_value(json_object_get(record, "speed_gbps")) * 1e6;
	json_t *all = json_object();

	put_fit(all, "name", record_text(record, "key"), ITEM_MAX);
	json_put(all, "device", json_incref(netbox->device));
	json_put(all, "type", json_string(interface_type(record)));
	if (json_is_integer(mtu) && json_integer_value(mtu) > 0 &&
	    json_integer_value(mtu) <= MTU_MAX)
		json_put(all, "mtu", json_incref((json_t *)(uintptr_t)mtu));
	if (speed >= 1 && speed <= SPEED_MAX)
		json_put(all, "speed", json_integer((json_int_t)speed));
	return all;
}

/* Interfaces, and their addresses: which is whose stands in the words, as NetBox has ids for it. */
static void add_interfaces(struct netbox *netbox, json_t *interfaces, json_t *addresses)
{
	const json_t *list = document_at(netbox->document, "network.interfaces");
	AUTO_JSON json_t *seen = json_object();
	json_t *record;
	size_t i;

	json_array_foreach(list, i, record)
	{
		const char *key = record_text(record, "key");
		const char *stands = record_text(record, "permanent_mac_address")
					     ?: record_text(record, "mac_address");
		AUTO_FREE char *name = fit(key, ITEM_MAX), *mac = ethernet(stands);
		AUTO_FREE char *words = NULL;

		if (!*name || json_object_get(seen, name))
			continue;
		json_put(seen, name, json_true());
		json_push(interfaces, interface_of(netbox, record));
		if (!mac)
			continue;
		words = xasprintf("%s of %s", name,
				  record_text(netbox->device, "name")
					  ?: "a device without a name");
		json_push(addresses, json_pack("{s:s, s:s}", "mac_address", mac,
					       "description", words));
	}
}

/* "drive sda", or "drive sda (2)" where that is taken. */
static void put_name(struct netbox *netbox, json_t *item, const struct part *part)
{
	AUTO_FREE char *words =
		xasprintf("%s%s%s", part->kind->word, *part->name ? " " : "", part->name);
	AUTO_FREE char *name = fit(words, ITEM_MAX);

	for (unsigned i = 2; json_object_get(netbox->names, name); i++) {
		AUTO_FREE char *shorter = fit(words, ITEM_MAX - 12);

		free(name);
		name = xasprintf("%s (%u)", shorter, i);
	}
	json_put(netbox->names, name, json_true());
	json_put(item, "name", json_string(name));
}

static void add_item(void *with, const struct part *part)
{
	struct netbox *netbox = with;
	AUTO_FREE char *name = part_fact(part, FACT_MAKER);
	AUTO_FREE char *by = fit(name, MODEL_MAX);
	AUTO_FREE char *model = part_fact(part, FACT_MODEL);
	AUTO_FREE char *number = part_fact(part, FACT_NUMBER);
	AUTO_FREE char *serial = part_fact(part, FACT_SERIAL);
	AUTO_FREE char *firmware = part_fact(part, FACT_FIRMWARE);
	AUTO_FREE char *words = NULL;
	json_t *item;

	if (!strcmp(part->kind->type, "system") ||
	    !strcmp(part->kind->type, "network.interfaces"))
		return;
	item = json_object();
	put_name(netbox, item, part);
	json_put(item, "device", json_incref(netbox->device));
	json_put(item, "discovered", json_true());
	if (*by)
		json_put(item, "manufacturer", maker(netbox, by));
	if (!put_fit(item, "part_id", number, SERIAL_MAX))
		put_fit(item, "part_id", model, SERIAL_MAX);
	put_fit(item, "serial", serial, SERIAL_MAX);
	words = xasprintf("%s%s%s%s%s", model, *model && part->spot ? ", " : "",
			  part->spot ?: "", *firmware ? ", firmware " : "", firmware);
	put_fit(item, "description", words + (*words == ',' ? 1 : 0), TEXT_MAX);
	json_push(netbox->items, item);
}

char *export_netbox(const json_t *document, const struct export_options *options)
{
	struct netbox netbox = { .document = document, .options = options };
	AUTO_JSON json_t *all = json_array(), *type = NULL, *whole = NULL;
	json_t *interfaces = json_array(), *addresses = json_array();

	netbox.makers = json_object();
	netbox.names = json_object();
	netbox.items = json_array();
	type = device_type(&netbox);
	whole = device(&netbox, type);
	netbox.device = json_pack("{s:O}", "name", json_object_get(whole, "name"));
	add_interfaces(&netbox, interfaces, addresses);
	parts_visit(document, add_item, &netbox);
	put_endpoint(all, "dcim/manufacturers", makers(&netbox));
	put_endpoint(all, "dcim/device-types", json_pack("[O]", type));
	put_endpoint(all, "dcim/devices", json_pack("[O]", whole));
	put_endpoint(all, "dcim/interfaces", interfaces);
	put_endpoint(all, "dcim/mac-addresses", addresses);
	put_endpoint(all, "dcim/inventory-items", netbox.items);
	json_decref(netbox.makers);
	json_decref(netbox.names);
	json_decref(netbox.device);
	return json_document(all);
}
