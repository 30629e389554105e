/* A spec of a machine that is as it should be. */
#include "spec.h"

#include "json.h"
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

/* PCI's base class: what carries data, draws or computes has a link worth a line. */
static bool has_link_worth_a_line(const json_t *device)
{
	static const char *const classes[] = { "0x01", "0x02", "0x03", "0x12" };
	const char *code = record_text(device, "class_code") ?: "";

	if (!record_text(device, "model") ||
	    json_integer_value(json_object_get(device, "link_width_lanes")) <= 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (!strncmp(code, classes[i], strlen(classes[i])))
			return true;
	return false;
}

/* "size 64GiB, type DDR5, speed >= 4800" of what is known. Owned. */
static char *conditions_of(const struct spec_kind *kind, const json_t *record)
{
	static const char *const operators[] = { "", ">= ", "<= " };
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	const char *comma = "";

	for (size_t i = 0; to && i < SPEC_PROPERTIES && kind->properties[i].word; i++) {
		const struct spec_property *property = &kind->properties[i];
		const json_t *value = spec_value(record, property);
		AUTO_FREE char *plain = NULL, *quoted = NULL;

		if (!value || !property->made)
			continue;
		plain = spec_text(value, property);
		quoted = spec_quoted(plain);
		(void)fprintf(to, "%s%s %s%s", comma, property->word,
			      operators[property->op], quoted);
		comma = ", ";
	}
	return !to || fclose(to) ? xstrdup("") : text;
}

static char *model_of(const struct spec_kind *kind, const json_t *record)
{
	const char *model = spec_model(kind, record);
	AUTO_FREE char *quoted = model ? spec_quoted(model) : NULL;

	return quoted ? xasprintf(" x %s", quoted) : xstrdup("");
}

/* One line for all that are alike. */
static void put_kind(FILE *to, const struct spec_kind *kind, const json_t *document)
{
	AUTO_JSON json_t *records = spec_records(kind, document);
	AUTO_JSON json_t *counts = json_object();
	const char *words;
	json_t *record, *count;
	size_t i;

	json_array_foreach(records, i, record)
	{
		AUTO_FREE char *conditions = NULL, *model = NULL, *line = NULL;

		if (!strcmp(kind->type, "pcie.devices") && !has_link_worth_a_line(record))
			continue;
		conditions = conditions_of(kind, record);
		model = model_of(kind, record);
		line = xasprintf("%s%s%s", model, *conditions ? "  " : "", conditions);
		json_put(counts, line,
			 json_integer(1 +
				      json_integer_value(json_object_get(counts, line))));
	}
	json_object_foreach(counts, words, count)
	{
		if (!kind->alone)
			(void)fprintf(to, "%-11s %lld%s\n", kind->word,
				      (long long)json_integer_value(count), words);
		else if (*words)
			(void)fprintf(to, "%-11s %s\n", kind->word, words + 2);
	}
}

static void put_serials(FILE *to, const struct spec_kind *kind, const json_t *document)
{
	AUTO_JSON json_t *records = spec_records(kind, document);
	json_t *record;
	bool any = false;
	size_t i;
	unsigned shown = 0;

	json_array_foreach(records, i, record)
	{
		any = any || record_text(record, "serial_number");
	}
	json_array_foreach(records, i, record)
	{
		const char *serial = record_text(record, "serial_number");
		AUTO_FREE char *quoted = spec_quoted(serial ?: SPEC_NO_SERIAL);

		if (!any)
			break;
		if (shown++ == 0)
			(void)fprintf(to, "%-11s %s", kind->word,
				      kind->alone ? "serial" : "serials");
		(void)fprintf(to, " %s", quoted);
	}
	if (shown > 0)
		(void)fputc('\n', to);
}

/* The worst that the machine has now: a spec that it does not meet itself is no use. */
static const char *worst_of(const json_t *document)
{
	static const char *const words[] = { "OK", "Warning", "Critical" };
	const json_t *list = json_object_get(document, "findings");
	json_t *finding;
	int worst = 1;
	size_t i;

	json_array_foreach(list, i, finding)
	{
		int number = severity_number(record_text(finding, "severity") ?: "");

		if (number > worst)
			worst = number;
	}
	return words[worst];
}

char *spec_make(const json_t *document, bool serials)
{
	const json_t *audit = json_object_get(document, "audit");
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return xstrdup("");
	(void)fputs("# What bee verify --expect THIS checks a machine against; "
		    "bee-verify(1).\n",
		    to);
	for (const struct spec_kind *kind = spec_kinds; kind->word; kind++)
		put_kind(to, kind, document);
	for (const struct spec_kind *kind = spec_kinds; serials && kind->word; kind++)
		put_serials(to, kind, document);
	if (json_is_true(json_object_get(audit, "complete")))
		(void)fputs("audit       complete\n", to);
	(void)fprintf(to, "no finding  above %s\n", worst_of(document));
	return fclose(to) ? xstrdup("") : text;
}
