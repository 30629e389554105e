/* What an audit could not learn, by reason: one line for forty drives that hang alike. */
#include "unlearned.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>

/* The worst first: what comes after them may be left out. NULL: any status not named here. */
static const char *const by_weight[] = { "stuck",   "crashed", "timeout", "failed",
					 "denied",  "setup",   NULL,      "truncated",
					 "partial", "skipped", "starved", "unavailable" };

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

bool unlearned_incomplete(const char *status)
{
	return strcmp(status, "ok") != 0 && strcmp(status, "absent") != 0 &&
	       strcmp(status, "unavailable") != 0;
}

static size_t weight(const char *status)
{
	size_t other = 0;

	for (size_t i = 0; i < ARRAY_LEN(by_weight); i++) {
		if (!by_weight[i])
			other = i;
		else if (!strcmp(status, by_weight[i]))
			return i;
	}
	return other;
}

/* What a stuck job hangs in says more than that it is stuck. */
static const char *hangs_in(const json_t *job)
{
	return text_of(json_array_get(json_object_get(job, "stuck"), 0), "wchan");
}

/* Text that was loaded is escaped already: json_text would do it twice. */
static void put_text(json_t *row, const char *key, const char *text)
{
	json_put(row, key, *text ? json_string(text) : json_null());
}

/* The row of a status, function and reason: the one there is, or a new one. */
static json_t *row_alike(json_t *rows, json_t *known, const json_t *job,
			 const char *status)
{
	bool each = !strcmp(status, "stuck") || !strcmp(status, "starved");
	const char *reason = text_of(job, "reason"), *function = hangs_in(job);
	AUTO_FREE char *all =
		xasprintf("%s\n%s\n%s", status, function, each ? "" : reason);
	json_t *row = json_object_get(known, all);

	if (row)
		return row;
	row = json_object();
	put_text(row, "status", status);
	put_text(row, "reason", reason);
	put_text(row, "hangs_in", function);
	json_put(row, "jobs", json_array());
	json_put(known, all, json_incref(row));
	json_push(rows, row);
	return row;
}

static json_t *rows_of_weight(const json_t *jobs, json_t *rows, size_t wanted)
{
	AUTO_JSON json_t *known = json_object();
	json_t *job;
	size_t i;

	json_array_foreach(jobs, i, job)
	{
		const char *status = text_of(job, "status");
		json_t *row, *names;

		if (!*status)
			status = "unknown";
		if (weight(status) != wanted || !strcmp(status, "ok") ||
		    !strcmp(status, "absent"))
			continue;
		row = row_alike(rows, known, job, status);
		names = json_object_get(row, "jobs");
		json_push(names,
			  json_string(*text_of(job, "job") ? text_of(job, "job") : "?"));
		json_put(row, "count", json_integer((json_int_t)json_array_size(names)));
	}
	return rows;
}

json_t *unlearned_rows(const json_t *document)
{
	const json_t *jobs = json_object_get(document, "collectors");
	json_t *rows = json_array();

	for (size_t turn = 0; turn < ARRAY_LEN(by_weight); turn++)
		(void)rows_of_weight(jobs, rows, turn);
	return rows;
}

/* "@sdb" behind "storage/smart@sda". */
static const char *short_name(const char *name, const char *before)
{
	size_t step = strcspn(name, "@");

	return before && name[step] && !strncmp(name, before, step + 1) ? name + step
									: name;
}

char *unlearned_names(const json_t *jobs, size_t most)
{
	size_t count = json_array_size(jobs), len = 0;
	const char *before = NULL;
	char *text = NULL;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return xstrdup("");
	if (most == 0 || most > count)
		most = count;
	for (size_t i = 0; i < most; i++) {
		const char *name = json_string_value(json_array_get(jobs, i)) ?: "?";

		(void)fprintf(to, "%s%s", i ? ", " : "", short_name(name, before));
		before = name;
	}
	if (most < count)
		(void)fprintf(to, " and %zu more", count - most);
	return fclose(to) ? xstrdup("") : text;
}
