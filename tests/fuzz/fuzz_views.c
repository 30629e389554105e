/* Fuzzes bee show: each section of any document, as a table of any width and as JSON. */
#include "document.h"
#include "table.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct section *section, const json_t *document, unsigned width)
{
	struct table_options options = { .width = width, .utf8 = width % 2 };
	struct table table = { .section = section };
	json_t *rows = section_rows(section, document);

	for (const struct column *column = section->columns; column->name; column++)
		table.columns[table.count++] = column;
	free(table_json(&table, rows));
	free(table_text(&table, rows, &options));
	json_decref(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char reason[80];
	json_t *document = size ? document_parse((const char *)data + 1, size - 1, reason,
						 sizeof(reason))
				: NULL;

	for (const struct section *section = sections; document && section->name;
	     section++)
		show(section, document, data[0]);
	json_decref(document);
	return 0;
}
