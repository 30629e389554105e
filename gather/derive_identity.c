/* identity of the document: what a person asks first of a machine. */
#include "derive.h"

#include "rules.h"

#include <ctype.h>
#include <string.h>

/*
 * A chassis' or board's own word for what the system record leaves open. The collectors turn
 * vendors' placeholders into null: what is a string is an answer.
 */
static const char *fallback(const json_t *document, const char *list_name,
			    const char *property)
{
	const json_t *list = json_object_get(document, list_name);

	for (size_t n = 0; n < json_array_size(list); n++) {
		const char *text = rule_text(json_array_get(list, n), property);

		if (text)
			return text;
	}
	return NULL;
}

/* What a maker of boards writes for all of them: it tells nobody one machine from another. */
static bool is_generic(const char *model)
{
	static const char *const words[] = {
		"Super Server", "Server",      "Desktop",   "Workstation", "Computer",
		"PC",           "Motherboard", "Mainboard", "System",
	};

	for (size_t i = 0; model && i < ARRAY_LEN(words); i++)
		if (!strcasecmp(model, words[i]))
			return true;
	return false;
}

/* "30BBS1PF00", "20HRCTO1WW": the machine type and model that Lenovo orders by. */
static bool is_machine_type(const char *model)
{
	size_t len = 0, digits = 0;

	for (; model[len]; len++) {
		if (!isupper((unsigned char)model[len]) &&
		    !isdigit((unsigned char)model[len]))
			return false;
		digits += isdigit((unsigned char)model[len]) != 0;
	}
	return len >= 7 && len <= 10 && digits >= 2;
}

static bool has_small_letter(const char *text)
{
	while (*text && !islower((unsigned char)*text))
		text++;
	return *text;
}

/*
 * What people call the machine. Lenovo's Version is its name where Product Name is the order
 * number; a generic word gives way to the board's name.
 */
static const char *model_of(const json_t *system, const json_t *document,
			    const char **source)
{
	const char *model = rule_text(system, "model");
	const char *maker = rule_text(system, "manufacturer");
	const char *version = rule_text(system, "version");
	const char *board = fallback(document, "baseboards", "product");

	if (model && version && maker && !strcasecmp(maker, "LENOVO") &&
	    is_machine_type(model) && has_small_letter(version))
		return version;
	if (is_generic(model) && board && !is_generic(board)) {
		*source = "baseboards";
		return board;
	}
	return model;
}

static void identify(json_t *identity, json_t *sources, const json_t *document,
		     const char *property)
{
	/* A chassis' maker and model are the box's, seldom the machine's: serial number
	 * alone. */
	static const struct {
		const char *property, *list, *there;
	} fallbacks[] = {
		{ "serial_number", "chassis", "serial_number" },
		{ "serial_number", "baseboards", "serial_number" },
		{ "manufacturer", "baseboards", "manufacturer" },
		{ "model", "baseboards", "product" },
	};
	const json_t *system = json_object_get(document, "system");
	const char *text, *source = "system";

	text = !strcmp(property, "model") ? model_of(system, document, &source)
					  : rule_text(system, property);
	for (size_t i = 0; !text && i < ARRAY_LEN(fallbacks); i++) {
		if (strcmp(fallbacks[i].property, property) != 0)
			continue;
		source = fallbacks[i].list;
		text = fallback(document, source, fallbacks[i].there);
	}
	if (text) {
		json_put(identity, property, json_string(text));
		json_put(sources, property, json_string(source));
	} else if (system) {
		/* null: asked, and not known. Missing: nobody could ask. */
		json_put(identity, property, json_null());
	}
}

json_t *derive_identity(const json_t *document)
{
	json_t *identity = json_object(), *sources = json_object();

	identify(identity, sources, document, "manufacturer");
	identify(identity, sources, document, "model");
	identify(identity, sources, document, "serial_number");
	identify(identity, sources, document, "uuid");
	json_put(identity, "sources", sources);
	return identity;
}
