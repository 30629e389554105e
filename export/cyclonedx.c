/* A bill of materials of hardware and firmware: CycloneDX 1.6, JSON; cdx:device is its taxonomy's. */
#include "export.h"

#include "fit.h"
#include "json.h"
#include "part.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1000 /* bytes; the schema has no limit of its own */
#define MACHINE "machine"

struct bom {
	json_t *components, *refs, *dependencies;
	json_t *firmware; /* object: of a part, "TYPE/KEY", the refs of its firmware */
	json_t *parts;    /* array: refs of what the machine has */
};

static void add_property(json_t *component, const char *name, const char *value)
{
	json_t *properties = json_object_get(component, "properties");
	AUTO_FREE char *text = fit(value, TEXT_MAX);

	if (!*text)
		return;
	if (!properties) {
		properties = json_array();
		json_put(component, "properties", properties);
	}
	json_push(properties, json_pack("{s:s, s:s}", "name", name, "value", text));
}

static void set_maker(json_t *component, const char *maker)
{
	json_t *entity = json_object();

	if (put_fit(entity, "name", maker, TEXT_MAX))
		json_put(component, "manufacturer", entity);
	else
		json_decref(entity);
}

/* A component with that reference, which no other may have; NULL: one has it. */
static json_t *component_new(struct bom *bom, const char *type, const char *ref)
{
	json_t *component;

	if (json_object_get(bom->refs, ref))
		return NULL;
	json_put(bom->refs, ref, json_true());
	component = json_object();
	json_put(component, "type", json_string(type));
	json_put(component, "bom-ref", json_string(ref));
	return component;
}

static void add_part(void *with, const struct part *part)
{
	static const char *const names[FACT_COUNT] = {
		[FACT_NUMBER] = "bee:part_number",
		[FACT_SERIAL] = "cdx:device:serialNumber",
		[FACT_ASSET] = "bee:asset_tag",
		[FACT_SIZE] = "bee:capacity_bytes",
		[FACT_STATE] = "bee:state",
		[FACT_HEALTH] = "bee:health",
		[FACT_MAC] = "cdx:device:macAddress",
		[FACT_ADDRESS] = "bee:pci_address",
		[FACT_WWN] = "bee:wwn",
	};
	struct bom *bom = with;
	const char *key = record_text(part->record, "key");
	AUTO_FREE char *maker = part_fact(part, FACT_MAKER);
	AUTO_FREE char *model = part_fact(part, FACT_MODEL);
	AUTO_FREE char *number = part_fact(part, FACT_NUMBER);
	AUTO_FREE char *words =
		xasprintf("%s%s%s", part->kind->word, *part->name ? " " : "", part->name);
	AUTO_FREE char *ref =
		xasprintf("%s%s%s", part->kind->type, key ? "/" : "", key ?: "");
	json_t *component;

	/* That is the machine itself, or its firmware: metadata and firmware_inventory tell them. */
	if (!strcmp(part->kind->type, "system") || !strcmp(part->kind->type, "firmware"))
		return;
	component = component_new(bom, "device", ref);
	if (!component)
		return;
	set_maker(component, maker);
	if (!put_fit(component, "name", model, TEXT_MAX) &&
	    !put_fit(component, "name", number, TEXT_MAX))
		put_fit(component, "name", words, TEXT_MAX);
	put_fit(component, "description", words, TEXT_MAX);
	add_property(component, "cdx:device:function", part->kind->word);
	add_property(component, "cdx:device:location", part->spot);
	for (enum part_fact fact = 0; fact < FACT_COUNT; fact++) {
		AUTO_FREE char *text = names[fact] ? part_fact(part, fact) : NULL;

		if (text)
			add_property(component, names[fact], text);
	}
	json_push(bom->components, component);
	json_push(bom->parts, json_string(ref));
}

/* The reference of the part that firmware runs on, where there is such a component, else the machine's. */
static char *owner_ref(const struct bom *bom, const json_t *firmware)
{
	const json_t *component = json_object_get(firmware, "component");
	const char *type = record_text(component, "type") ?: "";
	const char *key = record_text(component, "key");
	AUTO_FREE char *ref = xasprintf("%s%s%s", type, key ? "/" : "", key ?: "");

	return xstrdup(json_object_get(bom->refs, ref) ? ref : MACHINE);
}

static void add_firmware(struct bom *bom, const json_t *firmware)
{
	const char *key = record_text(firmware, "key"),
		   *class = record_text(firmware, "class");
	AUTO_FREE char *ref = xasprintf("firmware/%s", key ?: "");
	AUTO_FREE char *owner = owner_ref(bom, firmware);
	AUTO_FREE char *name =
		xasprintf("%s%s%s", record_text(firmware, "model") ?: "",
			  record_text(firmware, "model") ? " " : "", class ?: "firmware");
	json_t *component = component_new(bom, "firmware", ref), *depends;

	if (!component)
		return;
	set_maker(component, record_text(firmware, "manufacturer"));
	put_fit(component, "name", name, TEXT_MAX);
	put_fit(component, "version", record_text(firmware, "version"), TEXT_MAX);
	add_property(component, "bee:class", class);
	add_property(component, "bee:release_date",
		     record_text(firmware, "release_date"));
	json_push(bom->components, component);
	depends = json_object_get(bom->firmware, owner);
	if (!depends) {
		depends = json_array();
		json_put(bom->firmware, owner, depends);
	}
	json_push(depends, json_string(ref));
}

static json_t *machine(const json_t *document)
{
	const json_t *identity = json_object_get(document, "identity");
	json_t *component = json_object();

	json_put(component, "type", json_string("device"));
	json_put(component, "bom-ref", json_string(MACHINE));
	set_maker(component, record_text(identity, "manufacturer"));
	if (!put_fit(component, "name", record_text(identity, "model"), TEXT_MAX))
		json_put(component, "name", json_string("machine of unknown make"));
	add_property(component, "cdx:device:serialNumber",
		     record_text(identity, "serial_number"));
	add_property(component, "bee:uuid", record_text(identity, "uuid"));
	add_property(component, "bee:health",
		     record_text(json_object_get(document, "health"), "rollup"));
	return component;
}

/* "2026-11-20T10:00:00.000Z", or it is left out: the schema takes nothing else. */
static bool is_time(const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";

	for (size_t i = 0; text && i < sizeof(form); i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	return text;
}

static json_t *metadata(const json_t *document)
{
	const json_t *audit = json_object_get(document, "audit");
	const char *started = record_text(audit, "started");
	json_t *all = json_object(), *tool = json_object();

	if (is_time(started))
		json_put(all, "timestamp", json_string(started));
	json_put(tool, "type", json_string("application"));
	json_put(tool, "name", json_string("bee"));
	put_fit(tool, "version", record_text(audit, "version"), TEXT_MAX);
	json_put(all, "tools", json_pack("{s:[o]}", "components", tool));
	json_put(all, "component", machine(document));
	return all;
}

/* The machine has its parts, and each what runs on it. */
static void add_dependencies(struct bom *bom)
{
	const char *ref;
	json_t *on, *part;
	size_t i;

	on = json_object_get(bom->firmware, MACHINE);
	if (on && json_array_extend(bom->parts, on))
		json_push(bom->parts, NULL); /* ends the program: no memory */
	json_push(bom->dependencies,
		  json_pack("{s:s, s:O}", "ref", MACHINE, "dependsOn", bom->parts));
	json_array_foreach(bom->parts, i, part)
	{
		ref = json_string_value(part);
		on = json_object_get(bom->firmware, ref);
		if (on)
			json_push(bom->dependencies,
				  json_pack("{s:s, s:O}", "ref", ref, "dependsOn", on));
	}
}

char *export_cyclonedx(const json_t *document, const struct export_options *options)
{
	struct bom bom = { json_array(), json_object(), json_array(), json_object(),
			   json_array() };
	AUTO_JSON json_t *whole = json_object();
	const json_t *list = json_object_get(document, "firmware_inventory");
	json_t *firmware;
	size_t i;

	(void)options;
	json_put(bom.refs, MACHINE, json_true());
	parts_visit(document, add_part, &bom);
	json_array_foreach(list, i, firmware)
	{
		add_firmware(&bom, firmware);
	}
	add_dependencies(&bom);
	json_put(whole, "$schema",
		 json_string("http://cyclonedx.org/schema/bom-1.6.schema.json"));
	json_put(whole, "bomFormat", json_string("CycloneDX"));
	json_put(whole, "specVersion", json_string("1.6"));
	json_put(whole, "version", json_integer(1));
	json_put(whole, "metadata", metadata(document));
	json_put(whole, "components", bom.components);
	json_put(whole, "dependencies", bom.dependencies);
	json_decref(bom.refs);
	json_decref(bom.firmware);
	json_decref(bom.parts);
	return json_document(whole);
}
