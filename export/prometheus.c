/* Metrics in Prometheus' text format, 0.0.4: which, and of which property, is prometheus_metrics.c. */
#include "prometheus.h"

#include "days.h"
#include "document.h"
#include "export.h"
#include "json.h"
#include "kinds.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

/* The samples of one metric: a series that comes twice would make the whole scrape fail. */
struct samples {
	FILE *to;
	const char *name, *help, *type;
	json_t *seen; /* owned: labels as they were written */
};

static void samples_start(struct samples *samples, const char *name, const char *help,
			  const char *type)
{
	samples->name = name;
	samples->help = help;
	samples->type = type;
	samples->seen = json_object();
}

static void samples_end(struct samples *samples)
{
	json_decref(samples->seen);
	samples->seen = NULL;
}

/* A label's value: backslash, quote and end of line are escaped, and nothing else may be. */
static void put_label(FILE *to, const char *name, const char *value)
{
	(void)fprintf(to, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n') {
			(void)fputs("\\n", to);
			continue;
		}
		if (*value == '\\' || *value == '"')
			(void)fputc('\\', to);
		(void)fputc(*value, to);
	}
	(void)fputc('"', to);
}

struct labels {
	FILE *to;
	char *text; /* owned: {drive="sda"}, or nothing */
	size_t len;
	bool any;
};

static void labels_start(struct labels *labels)
{
	*labels = (struct labels){ 0 };
	labels->to = open_memstream(&labels->text, &labels->len);
	if (!labels->to)
		errx(BEE_SOFTWARE, "out of memory");
}

static void labels_add(struct labels *labels, const char *name, const char *value)
{
	(void)fputc(labels->any ? ',' : '{', labels->to);
	put_label(labels->to, name, value);
	labels->any = true;
}

/* Owned by the caller. */
static char *labels_text(struct labels *labels)
{
	if (labels->any)
		(void)fputc('}', labels->to);
	if (fclose(labels->to))
		errx(BEE_SOFTWARE, "out of memory");
	return labels->text;
}

/* One sample; the second of the same labels is left out. */
static void sample(struct samples *samples, const char *labels, const char *value)
{
	const char *key = *labels ? labels : "{}";

	if (json_object_size(samples->seen) == 0)
		(void)fprintf(samples->to, "# HELP %s %s\n# TYPE %s %s\n", samples->name,
			      samples->help, samples->name, samples->type);
	if (json_object_get(samples->seen, key))
		return;
	json_put(samples->seen, key, json_true());
	(void)fprintf(samples->to, "%s%s %s\n", samples->name, labels, value);
}

/* In the metric's base unit, as text that the caller owns; NULL: it is no number. */
static char *number_text(const json_t *value, const struct prometheus_metric *metric)
{
	if (json_is_boolean(value))
		return xstrdup(json_is_true(value) ? "1" : "0");
	if (!json_is_number(value))
		return NULL;
	if (json_is_integer(value) && metric->times <= 1 && metric->by <= 1)
		return xasprintf("%lld", (long long)json_integer_value(value));
	return xasprintf("%.15g", json_number_value(value) *
					  (metric->times > 0 ? metric->times : 1) /
					  (metric->by > 0 ? metric->by : 1));
}

/* Names of labels are those of properties, but for what Prometheus keeps for itself. */
static void label_part(struct labels *labels, const struct prometheus_subject *subject,
		       const json_t *record)
{
	if (subject->label)
		labels_add(labels, subject->label, record_text(record, "key") ?: "");
}

static void write_values(struct samples *samples, const json_t *document,
			 const struct prometheus_subject *subject)
{
	const struct kind kind = { .type = subject->type };
	AUTO_JSON json_t *records = kind_records(&kind, document);

	for (const struct prometheus_metric *metric = subject->metrics; metric->name;
	     metric++) {
		json_t *record;
		size_t i;

		samples_start(samples, metric->name, metric->help,
			      metric->counter ? "counter" : "gauge");
		json_array_foreach(records, i, record)
		{
			AUTO_FREE char *value = number_text(
				json_object_get(record, metric->property), metric);
			AUTO_FREE char *text = NULL;
			struct labels labels;

			if (!value)
				continue;
			labels_start(&labels);
			label_part(&labels, subject, record);
			text = labels_text(&labels);
			sample(samples, text, value);
		}
		samples_end(samples);
	}
}

/* What it is, as a sample of 1 whose labels say it: so no other series changes with a part. */
static void write_info(struct samples *samples, const json_t *document,
		       const struct prometheus_subject *subject)
{
	const struct kind kind = { .type = subject->type };
	AUTO_JSON json_t *records = kind_records(&kind, document);
	json_t *record;
	size_t i;

	if (!subject->info)
		return;
	samples_start(samples, subject->info, subject->info_help, "gauge");
	json_array_foreach(records, i, record)
	{
		AUTO_FREE char *text = NULL;
		struct labels labels;

		if (kind_is_empty(record))
			continue;
		labels_start(&labels);
		label_part(&labels, subject, record);
		for (size_t at = 0; at < PROMETHEUS_LABELS && subject->labels[at]; at++)
			labels_add(&labels, subject->labels[at],
				   record_text(record, subject->labels[at]) ?: "");
		text = labels_text(&labels);
		sample(samples, text, "1");
	}
	samples_end(samples);
}

static const char *health_number(const char *health)
{
	static const char *const words[] = { "OK", "Warning", "Critical" };
	static const char *const numbers[] = { "0", "1", "2" };

	for (size_t i = 0; health && i < ARRAY_LEN(words); i++)
		if (!strcmp(words[i], health))
			return numbers[i];
	return NULL;
}

/* Of every part that somebody judged, by type and key. */
static void write_health(struct samples *samples, const json_t *document)
{
	const char *all =
		health_number(record_text(json_object_get(document, "health"), "rollup"));

	samples_start(
		samples, "bee_health",
		"The machine's health: 0 OK, 1 Warning, 2 Critical; missing: not known.",
		"gauge");
	if (all)
		sample(samples, "", all);
	samples_end(samples);
	samples_start(samples, "bee_part_health",
		      "A part's health: 0 OK, 1 Warning, 2 Critical; missing: not known.",
		      "gauge");
	for (const struct kind *kind = kinds; kind->type; kind++) {
		AUTO_JSON json_t *records = kind_records(kind, document);
		json_t *record;
		size_t i;

		json_array_foreach(records, i, record)
		{
			const char *value =
				health_number(record_text(record, "health_rollup"));
			AUTO_FREE char *text = NULL;
			struct labels labels;

			if (!value)
				continue;
			labels_start(&labels);
			labels_add(&labels, "type", kind->type);
			labels_add(&labels, "key", record_text(record, "key") ?: "");
			text = labels_text(&labels);
			sample(samples, text, value);
		}
	}
	samples_end(samples);
}

/* How many entries of a list share the values of two properties. */
static void write_counts(struct samples *samples, const json_t *list, const char *a,
			 const char *b)
{
	AUTO_JSON json_t *counts = json_object();
	const char *text;
	json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		AUTO_FREE char *key = NULL;
		struct labels labels;

		labels_start(&labels);
		labels_add(&labels, a, record_text(entry, a) ?: "");
		if (b)
			labels_add(&labels, b, record_text(entry, b) ?: "");
		key = labels_text(&labels);
		json_put(counts, key,
			 json_integer(json_integer_value(json_object_get(counts, key)) +
				      1));
	}
	json_object_foreach(counts, text, entry)
	{
		AUTO_FREE char *value =
			xasprintf("%lld", (long long)json_integer_value(entry));

		sample(samples, text, value);
	}
}

static void write_lists(struct samples *samples, const json_t *document)
{
	samples_start(samples, "bee_findings",
		      "Findings of the audit, by severity and rule; OK is information.",
		      "gauge");
	write_counts(samples, json_object_get(document, "findings"), "severity", "id");
	samples_end(samples);
	samples_start(samples, "bee_jobs", "Jobs of the audit, by how they ended.",
		      "gauge");
	write_counts(samples, json_object_get(document, "collectors"), "status", NULL);
	samples_end(samples);
}

/* "2026-11-20T10:00:00.123Z". */
static bool time_of(const char *text, double *out)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	int64_t part[7] = { 0 };
	unsigned at = 0;

	if (!text || strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++) {
		if (form[i] != 'd' && text[i] != form[i])
			return false;
		if (form[i] != 'd')
			at++;
		else if (text[i] < '0' || text[i] > '9')
			return false;
		else
			part[at] = part[at] * 10 + text[i] - '0';
	}
	if (part[1] < 1 || part[1] > 12)
		return false;
	*out = (double)(days_from_1970(part[0], part[1], part[2]) * 86400 +
			part[3] * 3600 + part[4] * 60 + part[5]) +
	       (double)part[6] / 1000;
	return true;
}

static void write_time(struct samples *samples, const json_t *document)
{
	const json_t *audit = json_object_get(document, "audit");
	double started;

	samples_start(samples, "bee_audit_timestamp_seconds",
		      "When the audit started, in seconds since 1970.", "gauge");
	if (time_of(record_text(audit, "started"), &started)) {
		AUTO_FREE char *value = xasprintf("%.3f", started);

		sample(samples, "", value);
	}
	samples_end(samples);
}

char *export_prometheus(const json_t *document, const struct export_options *options)
{
	char *text = NULL;
	size_t len = 0;
	struct samples samples = { .to = open_memstream(&text, &len) };

	(void)options;
	if (!samples.to)
		errx(BEE_SOFTWARE, "out of memory");
	write_time(&samples, document);
	write_health(&samples, document);
	write_lists(&samples, document);
	for (const struct prometheus_subject *subject = prometheus_subjects;
	     subject->type; subject++) {
		write_info(&samples, document, subject);
		write_values(&samples, document, subject);
	}
	if (fclose(samples.to))
		errx(BEE_SOFTWARE, "out of memory");
	return text;
}
