/* Findings, firmware, serial numbers, and where the document is from. */
#include "html.h"

#include "json.h"
#include "kinds.h"
#include "rows.h"

#include <string.h>

/* "reallocated_sector_count: 2048". */
static void put_evidence(const struct html *h, const json_t *evidence)
{
	const char *key, *comma = "";
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)evidence, key, value)
	{
		AUTO_FREE char *text =
			json_is_string(value)
				? xstrdup(json_string_value(value))
				: json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

		(void)fputs(comma, h->to);
		html_text(h, key);
		(void)fputs(": ", h->to);
		html_text(h, text);
		comma = ", ";
	}
}

static void put_proof(const struct html *h, const json_t *row)
{
	html_text(h, record_text(row, "id"));
	(void)fputs(" &middot; ", h->to);
	put_evidence(h, json_object_get(row, "evidence"));
}

/* How many from `first` on say the same of different parts: sixty drives behind one controller. */
static size_t alike(const json_t *rows, size_t first)
{
	static const char *const said[] = { "severity", "id", "message", "resolution" };
	const json_t *row = json_array_get(rows, first);
	size_t end = first + 1;

	for (; end < json_array_size(rows); end++)
		for (size_t i = 0; i < ARRAY_LEN(said); i++)
			if (!json_equal(
				    json_object_get(row, said[i]),
				    json_object_get(json_array_get(rows, end), said[i])))
				return end - first;
	return end - first;
}

static void put_group(const struct html *h, const json_t *rows, size_t first,
		      size_t count)
{
	const json_t *row = json_array_get(rows, first);
	const char *severity = record_text(row, "severity") ?: "?";

	(void)fprintf(h->to, "<tr><td><strong class=\"%s\">", html_class(severity));
	html_text(h, !strcmp(severity, "OK") ? "note" : severity);
	(void)fputs("</strong><td>", h->to);
	for (size_t i = first; i < first + count; i++) {
		(void)fputs(i > first ? ", " : "", h->to);
		html_text(h, record_text(json_array_get(rows, i), "part"));
	}
	(void)fputs("<td><p>", h->to);
	html_text(h, record_text(row, "message"));
	(void)fputs("</p>", h->to);
	if (record_text(row, "resolution")) {
		(void)fputs("<p><b>Do:</b> ", h->to);
		html_text(h, record_text(row, "resolution"));
		(void)fputs("</p>", h->to);
	}
	if (count > 1)
		(void)fprintf(h->to,
			      "<details><summary>evidence of each of %zu</summary>",
			      count);
	for (size_t i = first; i < first + count; i++) {
		(void)fputs("<small>", h->to);
		if (count > 1) {
			html_text(h, record_text(json_array_get(rows, i), "part"));
			(void)fputs(" &middot; ", h->to);
		}
		put_proof(h, json_array_get(rows, i));
		(void)fputs(count > 1 ? "</small><br>\n" : "</small>\n", h->to);
	}
	(void)fputs(count > 1 ? "</details>\n" : "", h->to);
}

void html_findings(const struct html *h)
{
	static const char *const headings[] = { "Severity", "Part", "Finding", NULL };
	AUTO_JSON json_t *rows = rows_findings(h->document);
	size_t count;

	html_begin(h, "findings", "Findings");
	if (json_array_size(rows) == 0)
		(void)fputs("<p>None.</p>\n", h->to);
	else
		html_table(h, "Findings", headings);
	for (size_t i = 0; i < json_array_size(rows); i += count) {
		count = alike(rows, i);
		put_group(h, rows, i, count);
	}
	if (json_array_size(rows) > 0)
		html_table_end(h);
	html_end(h);
}

static void put_firmware(const struct html *h)
{
	static const char *const headings[] = { "Part", "What", "Version", "Model",
						NULL };
	AUTO_JSON json_t *rows = rows_firmware(h->document);
	json_t *row;
	size_t i;

	if (json_array_size(rows) == 0)
		return;
	(void)fputs("<h3>Firmware</h3>", h->to);
	html_table(h, "Firmware", headings);
	json_array_foreach(rows, i, row)
	{
		(void)fputs("<tr>", h->to);
		html_cell(h, record_text(row, "part"));
		html_cell(h, record_text(row, "class"));
		html_cell(h, record_text(row, "version"));
		html_cell(h, record_text(row, "model"));
		(void)fputs("\n", h->to);
	}
	html_table_end(h);
}

static void put_serials(const struct html *h)
{
	static const char *const headings[] = { "Part", "Serial", "Model", NULL };
	AUTO_JSON json_t *rows = rows_serials(h->document);
	json_t *row;
	size_t i;

	if (!h->options->serials || json_array_size(rows) == 0)
		return;
	(void)fputs("<h3>Serial numbers</h3>", h->to);
	html_table(h, "Serial numbers", headings);
	json_array_foreach(rows, i, row)
	{
		(void)fputs("<tr><td>", h->to);
		html_text(h, record_text(row, "kind"));
		(void)fputs(" ", h->to);
		html_text(h, record_text(row, "part"));
		html_cell(h, record_text(row, "serial_number"));
		html_cell(h,
			  record_text(row, "model") ?: record_text(row, "part_number"));
		(void)fputs("\n", h->to);
	}
	html_table_end(h);
}

/* One of each collector: its policy, as it was. */
static void put_provenance(const struct html *h)
{
	static const char *const terms[][2] = { { "bee", "version" },
						{ "kernel", "kernel" },
						{ "machine", "machine" },
						{ "policies", "policy_dir" },
						{ "boot", "boot_id" } };
	static const char *const headings[] = { "Collector", "SHA-256 of its policy",
						NULL };
	const json_t *audit = json_object_get(h->document, "audit");
	const json_t *jobs = json_object_get(h->document, "collectors");
	AUTO_JSON json_t *shown = json_object();
	json_t *job;
	size_t i;

	(void)fputs("<h3>Where this is from</h3><dl>", h->to);
	for (size_t t = 0; t < ARRAY_LEN(terms); t++) {
		if (!record_text(audit, terms[t][1]))
			continue;
		(void)fprintf(h->to, "<dt>%s<dd>", terms[t][0]);
		html_text(h, record_text(audit, terms[t][1]));
	}
	(void)fputs("</dl>\n", h->to);
	html_table(h, "Policies", headings);
	json_array_foreach(jobs, i, job)
	{
		const char *collector = record_text(job, "collector");

		if (!collector || json_object_get(shown, collector))
			continue;
		json_put(shown, collector, json_true());
		(void)fputs("<tr>", h->to);
		html_cell(h, collector);
		(void)fputs("<td><code>", h->to);
		html_text(h, record_text(job, "policy_sha256"));
		(void)fputs("</code>\n", h->to);
	}
	html_table_end(h);
}

void html_lists(const struct html *h)
{
	html_begin(h, "lists", "Lists");
	put_firmware(h);
	put_serials(h);
	put_provenance(h);
	html_end(h);
}
