/* An inventory of one host for Ansible: its hardware in the variable "bee". */
#include "export.h"

#include "fit.h"
#include "json.h"
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

static const char *const sections[] = {
	"identity",   "health", "system", "firmware", "bmc",
	"processors", "cpu",    "memory", "storage",  "power_supplies",
	"network",    "gpus",   "pcie",   "tpm",      "findings"
};

/*
 * Ansible runs what stands in braces as a template, on the controller: lookup("pipe", ...) is a shell there. A
 * text with a brace is marked as data, in the JSON that its own loader knows (AnsibleJSONDecoder).
 */
static json_t *as_data(const json_t *value)
{
	json_t *made, *member;
	const char *key;
	size_t i;

	if (json_is_string(value) && strpbrk(json_string_value(value), "{}"))
		return json_pack("{s:O}", "__ansible_unsafe", value);
	if (json_is_array(value)) {
		made = json_array();
		json_array_foreach(value, i, member)
		{
			json_push(made, as_data(member));
		}
		return made;
	}
	if (!json_is_object(value))
		return json_incref((json_t *)(uintptr_t)value);
	made = json_object();
	json_object_foreach((json_t *)(uintptr_t)value, key, member)
	{
		/* Names of variables are no templates; one that its loader takes for a mark is left out. */
		if (strncmp(key, "__ansible", 9) != 0 && !strpbrk(key, "{}"))
			json_put(made, key, as_data(member));
	}
	return made;
}

/* A host's name is a pattern, too: what is no letter, digit, ".", "-" or "_" becomes "-". */
static char *host_name(const json_t *document)
{
	const json_t *identity = json_object_get(document, "identity");
	AUTO_FREE char *fitted = fit(record_text(json_object_get(document, "host"), "name")
					     ?: record_text(identity, "serial_number")
					     ?: record_text(identity, "uuid") ?: "unnamed",
				     64);

	for (char *at = fitted; *at; at++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01234567"
			    "89.-_",
			    *at))
			*at = '-';
	/* An option, else. */
	return xasprintf("%s%s", strchr("-.", *fitted) ? "h" : "", fitted);
}

char *export_ansible(const json_t *document, const struct export_options *options)
{
	AUTO_FREE char *name = host_name(document);
	AUTO_JSON json_t *whole = NULL;
	json_t *bee = json_object();

	(void)options;
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		const json_t *section = json_object_get(document, sections[i]);

		if (section)
			json_put(bee, sections[i], as_data(section));
	}
	whole = json_pack("{s:{s:{s:{s:o}}}}", "all", "hosts", name, "bee", bee);
	return json_document(whole);
}
