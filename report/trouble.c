/* What is wrong with a machine and what could not be learned, put together by likeness. */
#include "lines.h"

#include "json.h"
#include "rows.h"
#include "unlearned.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 12 /* of parts on a screen */
#define JOBS_MAX 6   /* and of jobs */
#define REASONS_FEW 3
#define FOUND_LINES 4 /* that one finding may take on a screen */

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* Information has a line where somebody asked for it: most machines have some. */
static bool is_worth_a_line(const json_t *finding, bool notes)
{
	return *text_of(finding, "severity") &&
	       (notes || strcmp(text_of(finding, "severity"), "OK") != 0);
}

/* Adds it to the group of its likes, whose numbers `known` has. */
static void add(struct found_list *list, json_t *known, const char *likeness,
		const json_t *finding, const char *part)
{
	json_t *number = json_object_get(known, likeness);
	struct found *group;

	if (!number || !*likeness) {
		number = json_integer((json_int_t)list->count);
		if (*likeness)
			json_put(known, likeness, number);
		else
			json_decref(number);
		group = &list->groups[list->count++];
		*group = (struct found){ .first = finding, .parts = json_array() };
	} else {
		group = &list->groups[json_integer_value(number)];
	}
	group->count++;
	if (*part)
		json_push(group->parts, json_string(part));
}

void trouble_collect(struct trouble *trouble, const json_t *document, bool notes)
{
	const json_t *list = json_object_get(document, "findings");
	AUTO_JSON json_t *rules = json_object(), *wholes = json_object();
	AUTO_JSON json_t *found = json_object();
	json_t *finding, *row;
	size_t i, size = json_array_size(list) + 1;

	*trouble = (struct trouble){ .unlearned = unlearned_rows(document) };
	trouble->whole.groups = xcalloc(size, sizeof(struct found));
	trouble->rules.groups = xcalloc(size, sizeof(struct found));
	json_array_foreach(list, i, finding)
	{
		const json_t *component = json_object_get(finding, "component");
		const char *id = text_of(finding, "id");
		AUTO_FREE char *whole = NULL, *part = NULL;

		if (!is_worth_a_line(finding, notes))
			continue;
		whole = xasprintf("%s\n%s\n%s", id, text_of(component, "type"),
				  text_of(finding, "message"));
		part = rows_part(found, document, component);
		trouble->findings++;
		add(&trouble->whole, wholes, whole, finding, part);
		add(&trouble->rules, rules, id, finding, part);
	}
	json_array_foreach(trouble->unlearned, i, row)
	{
		trouble->jobs +=
			(unsigned)json_integer_value(json_object_get(row, "count"));
	}
}

static void list_done(struct found_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		json_decref(list->groups[i].parts);
	free(list->groups);
}

void trouble_done(struct trouble *trouble)
{
	list_done(&trouble->whole);
	list_done(&trouble->rules);
	json_decref(trouble->unlearned);
}

static void put_found(struct writer *w, const struct found *group, bool by_rule,
		      size_t names_most)
{
	const json_t *component = json_object_get(group->first, "component");
	const char *message = text_of(group->first, "message");
	const char *part = json_string_value(json_array_get(group->parts, 0)) ?: "";
	AUTO_FREE char *more = by_rule && group->count > 1
				       ? xasprintf(" +%u", group->count - 1)
				       : xstrdup("");
	AUTO_FREE char *names =
		by_rule ? xstrdup(part) : unlearned_names(group->parts, names_most);

	/* A sensor's message begins with its name. */
	if (!strcmp(text_of(component, "type"), "sensors"))
		lines_put(w, NULL, " %s%s", message, more);
	else
		lines_put(w, NULL, " %s%s: %s", names, more, message);
}

/* The rest in one line. Of the first, which is too long for what room there is, its beginning. */
static void put_more(struct writer *w, const struct trouble *trouble,
		     const struct found_list *list, unsigned at, unsigned before,
		     unsigned shown)
{
	w->summary->count = before;
	if (at == 0 && before + 1 < w->limit) {
		w->most = w->limit - before - 1;
		put_found(w, &list->groups[0], true, 0);
		shown = list->groups[0].count;
	}
	if (trouble->findings > shown)
		lines_put(w, NULL, " +%u more: bee show findings%s",
			  trouble->findings - shown, lines_where(w));
}

void lines_put_findings(struct writer *w, const struct trouble *trouble)
{
	bool by_rule = w->options->detail >= DETAIL_RULES;
	const struct found_list *list = by_rule ? &trouble->rules : &trouble->whole;
	unsigned shown = 0;

	if (list->count == 0)
		return;
	w->most = trouble->all ? 0 : FOUND_LINES;
	lines_put(w, NULL, "found:");
	for (unsigned i = 0; i < list->count; i++) {
		unsigned before = w->summary->count, lost = w->lost;

		/* The last line says how many more there are. */
		w->limit -= w->options->detail == DETAIL_LEAST && i + 1 < list->count;
		put_found(w, &list->groups[i], by_rule, trouble->all ? 0 : NAMES_MAX);
		w->limit += w->options->detail == DETAIL_LEAST && i + 1 < list->count;
		if (w->options->detail == DETAIL_LEAST && w->lost > lost) {
			put_more(w, trouble, list, i, before, shown);
			return;
		}
		if (w->lost > 0)
			return;
		shown += list->groups[i].count;
	}
	if (trouble->all)
		lines_put(w, NULL, " what to do: bee show findings%s", lines_where(w));
}

static void put_row(struct writer *w, const json_t *row, size_t names_most)
{
	const json_t *jobs = json_object_get(row, "jobs");
	const char *status = text_of(row, "status"), *reason = text_of(row, "reason");
	const char *function = text_of(row, "hangs_in");
	AUTO_FREE char *names = unlearned_names(jobs, names_most);
	AUTO_FREE char *in = *function ? xasprintf(" in %s", function) : xstrdup("");

	if (json_array_size(jobs) == 1)
		lines_put(w, NULL, " %s %s%s%s%s", names, status, in, *reason ? ": " : "",
			  reason);
	else if (*function || !strcmp(status, "starved"))
		lines_put(w, NULL, " %zu %s%s: %s", json_array_size(jobs), status, in,
			  names);
	else
		lines_put(w, NULL, " %zu %s%s%s: %s", json_array_size(jobs), status,
			  *reason ? ", " : "", reason, names);
}

void lines_put_unlearned(struct writer *w, const struct trouble *trouble)
{
	size_t i, rows = json_array_size(trouble->unlearned), most = rows;
	unsigned shown = 0;
	json_t *row;

	if (rows == 0)
		return;
	if (w->options->detail >= DETAIL_LINE) {
		w->most = 1;
		lines_put(w, NULL, "not learned: %u job%s: bee show unlearned%s",
			  trouble->jobs, lines_plural(trouble->jobs), lines_where(w));
		return;
	}
	if (w->options->detail >= DETAIL_FEW && rows > REASONS_FEW + 1)
		most = REASONS_FEW;
	w->most = trouble->all ? 0 : w->options->detail == DETAIL_ALL ? 2 : 1;
	lines_put(w, NULL, "not learned:");
	json_array_foreach(trouble->unlearned, i, row)
	{
		if (i == most) {
			lines_put(w, NULL, " +%u more: bee show unlearned%s",
				  trouble->jobs - shown, lines_where(w));
			return;
		}
		if (w->lost > 0)
			return;
		put_row(w, row,
			trouble->all                       ? 0
			: w->options->detail == DETAIL_ALL ? JOBS_MAX
							   : JOBS_MAX / 2);
		shown += (unsigned)json_integer_value(json_object_get(row, "count"));
	}
}
