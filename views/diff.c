/* What has become of a machine between two documents, in an operator's words. */
#include "diff.h"

#include "compare.h"
#include "document.h"
#include "json.h"
#include "unlearned.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 8 /* of parts in one row */

/* The order of what is told, and all words there are. */
static const char *const words[] = { "removed",  "unlearned", "degraded",
				     "replaced", "moved",     "added",
				     "firmware", "changed",   "recovered" };

/* One of the two documents. */
struct side {
	const json_t *document;
	const char *name;
	json_t *steps; /* owned: what a step's jobs came to, by "COLLECTOR/STEP": "ok", or words */
	json_t *found; /* owned: findings_by_part */
	struct lookup lookup;
};

/* "storage/smart" of "storage/smart@sda". Owned. */
static char *step_of(const char *job)
{
	return xasprintf("%.*s", (int)strcspn(job, "@"), job);
}

/* The worst of a step's jobs counts: one that hangs may be the one that would have told. */
static json_t *steps_of(const json_t *document)
{
	const json_t *jobs = json_object_get(document, "collectors");
	json_t *steps = json_object(), *job;
	size_t i;

	json_array_foreach(jobs, i, job)
	{
		const char *status = record_text(job, "status") ?: "unknown";
		const char *name = record_text(job, "job") ?: "?";
		AUTO_FREE char *step = step_of(name);
		bool told = !strcmp(status, "ok") || !strcmp(status, "absent");

		if (!told || !json_object_get(steps, step))
			json_put(steps, step, json_string(told ? "ok" : status));
	}
	return steps;
}

static void side_open(struct side *side, const json_t *document, const char *name)
{
	*side = (struct side){ .document = document, .name = name };
	side->steps = steps_of(document);
	side->found = findings_by_part(document);
	lookup_make(&side->lookup, document);
}

static void side_close(struct side *side)
{
	json_decref(side->steps);
	json_decref(side->found);
	lookup_done(&side->lookup);
}

/* Who alone says whether a part is there: others only tell more of it. */
static const struct {
	const char *type, *step;
} listing[] = {
	{ "storage.drives", "storage/disks" },
	{ "pcie.devices", "pcie/sysfs" },
	{ "network.interfaces", "network/sysfs" },
	{ "memory.modules", "memory/dmi" },
	{ "processors", "cpu/dmi" },
	{ "usb.devices", "usb/ids" },
};

static bool lists(const char *type, const char *step)
{
	for (size_t i = 0; i < ARRAY_LEN(listing); i++)
		if (!strcmp(listing[i].type, type) && !strcmp(listing[i].step, step))
			return true;
	return false;
}

/* Which job of the other document would have told of a part that it does not have, and how that
 * ended: "nvidia/smi timeout". Owned; NULL: all have told, it is not there. */
static char *not_told(const struct part *part, const struct side *other)
{
	const json_t *src = json_object_get(part->record, "src");
	char *missing = NULL;
	json_t *job;
	size_t i;

	json_array_foreach(src, i, job)
	{
		AUTO_FREE char *step = step_of(json_string_value(job) ?: "?");
		const char *how = json_string_value(json_object_get(other->steps, step))
					  ?: "not run";
		bool told = !strcmp(how, "ok");

		if (lists(part->kind->type, step)) {
			free(missing);
			return told ? NULL : xasprintf("%s %s", step, how);
		}
		if (!told && !missing)
			missing = xasprintf("%s %s", step, how);
	}
	return missing;
}

/* "EXHDD 22T, serial HD01, Slot 05 of 0x500"; the place where it is no part of its name. Owned. */
static char *whereabouts(const struct part *part)
{
	char *which = part_described(part), *whole;

	if (!part->spot || !strcmp(part->spot, part->name))
		return which;
	whole = xasprintf("%s%s%s", which, *which ? ", " : "", part->spot);
	free(which);
	return whole;
}

/* Parts that only one of the two has. */
static void tell_lone(struct diff *diff, const struct parts *parts,
		      const struct side *other, const char *word)
{
	for (size_t i = 0; i < parts->count; i++) {
		const struct part *part = &parts->list[i];
		AUTO_FREE char *why = NULL;

		if (part->other || part->covered)
			continue;
		why = not_told(part, other);
		if (why)
			change_add(diff->changes, "unlearned", part->kind, part->name,
				   NULL, NULL,
				   xasprintf("not learned in %s: %s", other->name, why));
		else
			change_add(diff->changes, word, part->kind, part->name, NULL,
				   NULL, whereabouts(part));
	}
}

static void compare_kind(struct diff *diff, const struct kind *kind, const struct side *a,
			 const struct side *b)
{
	const struct comparison to = { .changes = diff->changes,
				       .counters = diff->counters,
				       .found_a = a->found,
				       .found_b = b->found };
	struct parts in_a, in_b;

	parts_collect(&in_a, kind, a->document, &a->lookup);
	parts_collect(&in_b, kind, b->document, &b->lookup);
	parts_match(&in_a, &in_b);
	for (size_t i = 0; i < in_b.count; i++)
		if (in_b.list[i].other)
			compare(&to, in_b.list[i].other, &in_b.list[i]);
	tell_lone(diff, &in_a, b, "removed");
	tell_lone(diff, &in_b, a, "added");
	parts_done(&in_a);
	parts_done(&in_b);
}

/* Findings that are about no part: of a bank of modules, of the machine. */
static bool is_about_a_part(const json_t *finding)
{
	const json_t *component = json_object_get(finding, "component");

	return record_text(component, "key") &&
	       kind_find(record_text(component, "type") ?: "");
}

static json_t *rules_of(const json_t *document)
{
	const json_t *list = json_object_get(document, "findings");
	json_t *rules = json_object(), *finding;
	size_t i;

	json_array_foreach(list, i, finding)
	{
		const json_t *component = json_object_get(finding, "component");
		AUTO_FREE char *name =
			xasprintf("%s\n%s\n%s", record_text(finding, "id") ?: "",
				  record_text(component, "type") ?: "",
				  record_text(component, "key") ?: "");

		if (!is_about_a_part(finding) &&
		    strcmp(record_text(finding, "severity") ?: "OK", "OK") != 0)
			json_put(rules, name, json_incref(finding));
	}
	return rules;
}

static void compare_rules(struct diff *diff, const struct side *before,
			  const struct side *now, const char *word)
{
	AUTO_JSON json_t *known = rules_of(before->document);
	AUTO_JSON json_t *rules = rules_of(now->document);
	const char *name;
	json_t *finding;

	json_object_foreach(rules, name, finding)
	{
		const json_t *component = json_object_get(finding, "component");

		if (!json_object_get(known, name))
			change_add(diff->changes, word, NULL,
				   record_text(component, "type"), NULL,
				   record_text(finding, "severity"),
				   xstrdup(record_text(finding, "message") ?: "?"));
	}
}

/* Those of one word stay as they came: part by part. */
static json_t *in_order(const json_t *changes)
{
	json_t *sorted = json_array(), *change;

	for (size_t w = 0; w < ARRAY_LEN(words); w++) {
		size_t i;

		json_array_foreach(changes, i, change)
		{
			if (!strcmp(record_text(change, "change") ?: "", words[w]))
				json_push(sorted, json_incref(change));
		}
	}
	return sorted;
}

void diff_make(struct diff *diff, const json_t *a, const json_t *b)
{
	struct side before, now;
	json_t *sorted;

	side_open(&before, a, "A");
	side_open(&now, b, "B");
	/* Where only one has the GPU, its function is told of by none of them. */
	lookup_cover(&before.lookup, b);
	lookup_cover(&now.lookup, a);
	*diff = (struct diff){ .changes = json_array(), .counters = json_array() };
	for (const struct kind *kind = kinds; kind->type; kind++)
		compare_kind(diff, kind, &before, &now);
	compare_rules(diff, &before, &now, "degraded");
	/* What was not asked has not gone. */
	if (json_is_true(json_object_get(json_object_get(b, "audit"), "complete")))
		compare_rules(diff, &now, &before, "recovered");
	sorted = in_order(diff->changes);
	json_decref(diff->changes);
	diff->changes = sorted;
	side_close(&before);
	side_close(&now);
}

void diff_done(struct diff *diff)
{
	json_decref(diff->changes);
	json_decref(diff->counters);
}

/* The row of a change: the one of its likes, or a new one. */
static json_t *row_alike(json_t *rows, json_t *known, const json_t *change)
{
	AUTO_FREE char *likeness = xasprintf(
		"%s\n%s\n%s", record_text(change, "change") ?: "",
		record_text(change, "kind") ?: "", record_text(change, "detail") ?: "");
	json_t *row = json_object_get(known, likeness);

	if (row)
		return row;
	row = json_object();
	json_put(row, "change", json_incref(json_object_get(change, "change")));
	json_put(row, "detail", json_incref(json_object_get(change, "detail")));
	json_put(row, "kind", json_incref(json_object_get(change, "kind")));
	json_put(row, "parts", json_array());
	json_put(known, likeness, json_incref(row));
	json_push(rows, row);
	return row;
}

json_t *diff_rows(const json_t *changes)
{
	AUTO_JSON json_t *known = json_object();
	json_t *rows = json_array(), *change, *row;
	size_t i;

	json_array_foreach(changes, i, change)
	{
		row = row_alike(rows, known, change);
		json_push(json_object_get(row, "parts"),
			  json_string(record_text(change, "part") ?: ""));
	}
	json_array_foreach(rows, i, row)
	{
		AUTO_FREE char *names =
			unlearned_names(json_object_get(row, "parts"), NAMES_MAX);
		const char *kind = record_text(row, "kind");
		AUTO_FREE char *part =
			xasprintf("%s%s%s", kind ?: "", kind && *names ? " " : "", names);

		json_put(row, "part", json_string(part));
	}
	return rows;
}

json_t *diff_counter_rows(const json_t *counters)
{
	json_t *rows = json_array(), *counter;
	size_t i;

	json_array_foreach(counters, i, counter)
	{
		json_t *row = json_copy(counter);
		double was = json_number_value(json_object_get(counter, "from"));
		double is = json_number_value(json_object_get(counter, "to"));
		AUTO_FREE char *part =
			xasprintf("%s %s", record_text(counter, "kind") ?: "",
				  record_text(counter, "part") ?: "");
		AUTO_FREE char *by = xasprintf("%+.6g", is - was);

		json_put(row, "part", json_string(part));
		json_put(row, "by", json_string(by));
		json_push(rows, row);
	}
	return rows;
}
