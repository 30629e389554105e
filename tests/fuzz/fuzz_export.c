/* Fuzzes bee export: each target of any document. */
#include "document.h"
#include "export.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No line of metrics ends inside a label: what a document says makes no line of its own. */
static void check_lines(const char *text)
{
	for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
		if (strncmp(at, "# HELP bee_", 11) != 0 &&
		    strncmp(at, "# TYPE bee_", 11) != 0 && strncmp(at, "bee_", 4) != 0)
			abort();
}

/* No text that Ansible would run stands outside of a mark, as a value or as a name. */
static void check_templates(const json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(value) && strpbrk(json_string_value(value), "{}"))
		abort();
	json_array_foreach(value, i, member)
	{
		check_templates(member);
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, member)
	{
		if (strpbrk(key, "{}"))
			abort();
		if (strcmp(key, "__ansible_unsafe") != 0)
			check_templates(member);
		else if (json_object_size(value) != 1 || !json_is_string(member))
			abort();
	}
}

/* Each resource says where it is, which is where it is. */
static void check_resources(const json_t *all)
{
	const char *uri, *said;
	json_t *resource;

	json_object_foreach((json_t *)(uintptr_t)all, uri, resource)
	{
		said = json_string_value(json_object_get(resource, "@odata.id"));
		if (!said || strcmp(said, uri) != 0 ||
		    strncmp(uri, "/redfish/v1", 11) != 0 || strstr(uri, "..") ||
		    !json_object_get(resource, "@odata.type"))
			abort();
	}
}

/* What is JSON is whole, without a key that comes twice. */
static void check_json(const char *name, const char *text)
{
	json_t *whole = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	if (!whole)
		abort();
	if (!strcmp(name, "ansible"))
		check_templates(whole);
	if (!strcmp(name, "redfish"))
		check_resources(whole);
	json_decref(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct export_options options = { "site", "role" };
	char reason[80];
	json_t *document =
		document_parse((const char *)data, size, reason, sizeof(reason));

	for (const struct export_target *target = export_targets;
	     document && target->name; target++) {
		char *text = target->make(document, &options);

		if (!strcmp(target->name, "prometheus"))
			check_lines(text);
		else if (strcmp(target->name, "csv") != 0)
			check_json(target->name, text);
		free(text);
	}
	json_decref(document);
	return 0;
}
