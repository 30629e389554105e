/* One row per part, as RFC 4180 writes them. */
#include "export.h"

#include "part.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

struct csv {
	FILE *to;
	const json_t *document;
	bool begun; /* there is a cell on the line */
};

/*
 * A spreadsheet runs what begins like a formula, whatever its quotes. An apostrophe makes it text
 * there; numbers are ours and stay.
 */
static bool is_formula(const char *text)
{
	/* Where a semicolon parts the cells, as in much of Europe, one may begin behind it. */
	for (const char *part = text; part; part = strchr(part, ';')) {
		part += *part == ';';
		if (*part && strchr("=+-@\t\r|", *part) && part[1])
			return true;
	}
	return false;
}

static void cell(struct csv *csv, const char *text)
{
	if (csv->begun)
		(void)fputc(',', csv->to);
	csv->begun = true;
	if (!is_formula(text) && !strpbrk(text, ",\"\r\n") && *text != ' ') {
		(void)fputs(text, csv->to);
		return;
	}
	(void)fputs(is_formula(text) ? "\"'" : "\"", csv->to);
	for (; *text; text++) {
		if (*text == '"')
			(void)fputc('"', csv->to);
		(void)fputc(*text, csv->to);
	}
	(void)fputc('"', csv->to);
}

static void line_end(struct csv *csv)
{
	(void)fputs("\r\n", csv->to);
	csv->begun = false;
}

static void row(void *with, const struct part *part)
{
	static const char *const whose[] = { "manufacturer", "model", "serial_number",
					     "uuid" };
	struct csv *csv = with;
	const json_t *identity = json_object_get(csv->document, "identity");
	const json_t *audit = json_object_get(csv->document, "audit");

	for (size_t i = 0; i < ARRAY_LEN(whose); i++)
		cell(csv, record_text(identity, whose[i]) ?: "");
	cell(csv, record_text(audit, "started") ?: "");
	cell(csv, part->kind->word);
	cell(csv, record_text(part->record, "key") ?: "");
	cell(csv, part->name);
	cell(csv, part->spot ?: "");
	for (enum part_fact fact = 0; fact < FACT_COUNT; fact++) {
		AUTO_FREE char *text = part_fact(part, fact);

		cell(csv, text);
	}
	line_end(csv);
}

char *export_csv(const json_t *document, const struct export_options *options)
{
	static const char *const first[] = { "machine_manufacturer",
					     "machine_model",
					     "machine_serial_number",
					     "machine_uuid",
					     "audited",
					     "kind",
					     "key",
					     "name",
					     "place" };
	char *text = NULL;
	size_t len = 0;
	struct csv csv = { .to = open_memstream(&text, &len), .document = document };

	(void)options;
	if (!csv.to)
		errx(BEE_SOFTWARE, "out of memory");
	for (size_t i = 0; i < ARRAY_LEN(first); i++)
		cell(&csv, first[i]);
	for (enum part_fact fact = 0; fact < FACT_COUNT; fact++)
		cell(&csv, part_fact_name(fact));
	line_end(&csv);
	parts_visit(document, row, &csv);
	if (fclose(csv.to))
		errx(BEE_SOFTWARE, "out of memory");
	return text;
}
