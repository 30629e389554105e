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
		free(text);
	}
	json_decref(document);
	return 0;
}
