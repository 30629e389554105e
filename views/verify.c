/* Whether a machine is the one that was ordered. */
#include "verify.h"

#include "document.h"
#include "json.h"
#include "kinds.h"
#include "unlearned.h"

#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

/* One deviation as it is put together; what is NULL is null. */
struct deviation {
	unsigned line;
	const char *kind, *part, *property, *wanted, *found;
	const json_t *src;
	bool unlearned;
};

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static void deviate(struct verdicts *verdicts, const struct deviation *d, char *what)
{
	json_t *entry = json_object();

	json_put(entry, "line", json_integer(d->line));
	json_put(entry, "kind", text_or_null(d->kind));
	json_put(entry, "part", text_or_null(d->part));
	json_put(entry, "property", text_or_null(d->property));
	json_put(entry, "wanted", text_or_null(d->wanted));
	json_put(entry, "found", text_or_null(d->found));
	json_put(entry, "src",
		 d->src ? json_incref((json_t *)(uintptr_t)d->src) : json_null());
	json_put(entry, "what", text_or_null(what));
	json_put(entry, "unlearned", json_boolean(d->unlearned));
	verdicts->unlearned += d->unlearned;
	json_push(verdicts->deviations, entry);
	free(what);
}

/* The parts of a kind, and which line of the spec each has; its like of another line may take
 * a place, so that as many as can are as they should be. */
struct match {
	const struct spec *spec;
	const struct spec_kind *kind;
	json_t *records; /* owned */
	size_t *line;    /* owned: of each record, or NONE */
	uint64_t *taken; /* owned: places of each wish that are taken */
	bool *asked;     /* owned: wishes that have been asked for a place in this turn */
};

static bool is_of(const struct match *m, const struct wish *wish)
{
	return wish->kind == m->kind && wish->sort == WISH_PARTS && !wish->kind->alone;
}

static bool model_fits(const struct wish *wish, const json_t *record)
{
	if (wish->at && strcasecmp(wish->at, record_text(record, "key") ?: "") != 0)
		return false;
	return !wish->model || model_matches(wish->model, spec_model(wish->kind, record));
}

static bool fits(const struct wish *wish, const json_t *record)
{
	if (!model_fits(wish, record))
		return false;
	for (size_t i = 0; i < wish->condition_count; i++)
		if (!condition_holds(&wish->conditions[i],
				     spec_value(record, wish->conditions[i].property)))
			return false;
	return true;
}

/* A line that says "<= 8" or no number takes what it can, one of ">= 8" any number. */
static uint64_t places(const struct wish *wish)
{
	return wish->counted && wish->count_op != OP_LEAST ? wish->count : UINT64_MAX;
}

/* Finds a line for a part; one that is full gives a place where its part has another. */
static bool place(struct match *m, size_t part, unsigned depth)
{
	const json_t *record = json_array_get(m->records, part);

	for (size_t w = 0; w < m->spec->count; w++) {
		const struct wish *wish = &m->spec->wishes[w];

		if (!is_of(m, wish) || m->asked[w] || !fits(wish, record))
			continue;
		if (m->taken[w] < places(wish)) {
			m->taken[w]++;
			m->line[part] = w;
			return true;
		}
		m->asked[w] = true;
		for (size_t other = 0; depth > 0 && other < json_array_size(m->records);
		     other++) {
			if (m->line[other] != w || !place(m, other, depth - 1))
				continue;
			m->line[part] = w;
			return true;
		}
	}
	return false;
}

/* Those that no line takes as they are go where their model is wanted. */
static void place_by_model(struct match *m, size_t part)
{
	const json_t *record = json_array_get(m->records, part);

	for (size_t w = 0; w < m->spec->count; w++) {
		const struct wish *wish = &m->spec->wishes[w];

		if (!is_of(m, wish) || m->taken[w] >= places(wish) ||
		    !model_fits(wish, record))
			continue;
		m->taken[w]++;
		m->line[part] = w;
		return;
	}
}

#define DEPTH 8 /* of parts that give their place to another */

static void match_make(struct match *m, const struct spec *spec,
		       const struct spec_kind *kind, const json_t *document)
{
	size_t count;

	*m = (struct match){ .spec = spec, .kind = kind };
	m->records = spec_records(kind, document);
	count = json_array_size(m->records);
	m->line = xcalloc(count + 1, sizeof(*m->line));
	m->taken = xcalloc(spec->count + 1, sizeof(*m->taken));
	m->asked = xcalloc(spec->count + 1, sizeof(*m->asked));
	for (size_t i = 0; i < count; i++)
		m->line[i] = NONE;
	for (size_t i = 0; i < count; i++) {
		memset(m->asked, 0, spec->count * sizeof(*m->asked));
		(void)place(m, i, DEPTH);
	}
	for (size_t i = 0; i < count; i++)
		if (m->line[i] == NONE)
			place_by_model(m, i);
}

static void match_done(struct match *m)
{
	json_decref(m->records);
	free(m->line);
	free(m->taken);
	free(m->asked);
}

/* "DIMM A1", "sdc". Owned. */
static char *name_of(const struct spec_kind *kind, const json_t *record)
{
	const struct kind *known = kind_find(kind->type);

	return known ? kind_name(known, record) : xstrdup("");
}

static const char *const operators[] = { "", ">= ", "<= " };

/* "DIMM A1: speed is 4400, not >= 4800 (configured_speed_mts)". */
static void check_conditions(struct verdicts *verdicts, const struct wish *wish,
			     const json_t *record)
{
	AUTO_FREE char *part = name_of(wish->kind, record);

	for (size_t i = 0; i < wish->condition_count; i++) {
		const struct condition *condition = &wish->conditions[i];
		const struct spec_property *property = condition->property;
		const json_t *value = spec_value(record, property);
		AUTO_FREE char *wanted = NULL, *found = NULL;
		struct deviation d = { .line = wish->line,
				       .kind = wish->kind->word,
				       .part = part,
				       .property = property->word,
				       .src = json_object_get(record, "src") };

		verdicts->checks++;
		if (condition_holds(condition, value))
			continue;
		wanted = xasprintf("%s%s", operators[condition->op], condition->value);
		found = value ? spec_text(value, property) : NULL;
		d.wanted = wanted;
		d.found = found;
		d.unlearned = !value;
		deviate(verdicts, &d,
			found ? xasprintf("%s is %s, not %s", property->word, found,
					  wanted)
			      : xasprintf("%s is not known; wanted is %s", property->word,
					  wanted));
	}
}

/* Of a list that is not there somebody may know why: a job that did not end well. Owned. */
static char *why_no_list(const json_t *document)
{
	AUTO_JSON json_t *rows = unlearned_rows(document);
	const json_t *row = json_array_get(rows, 0);
	AUTO_FREE char *names = unlearned_names(json_object_get(row, "jobs"), 3);

	return row ? xasprintf("not learned (%s %s)", names, record_text(row, "status"))
		   : xstrdup("not learned");
}

static bool enough(const struct wish *wish, uint64_t count)
{
	if (!wish->counted)
		return count > 0;
	return wish->count_op == OP_LEAST  ? count >= wish->count
	       : wish->count_op == OP_MOST ? count <= wish->count
					   : count == wish->count;
}

static void check_count(struct verdicts *verdicts, const struct wish *wish,
			uint64_t count, const json_t *document)
{
	bool listed = document_at(document, wish->kind->type) != NULL;
	AUTO_FREE char *wanted = wish->counted
					 ? xasprintf("%s%llu", operators[wish->count_op],
						     (unsigned long long)wish->count)
					 : xstrdup("some");
	AUTO_FREE char *found = xasprintf("%llu", (unsigned long long)count);
	AUTO_FREE char *why = listed ? NULL : why_no_list(document);
	struct deviation d = { .line = wish->line,
			       .kind = wish->kind->word,
			       .part = wish->at,
			       .property = "count",
			       .wanted = wanted,
			       .found = found,
			       .unlearned = !listed };

	verdicts->checks++;
	if (enough(wish, count))
		return;
	deviate(verdicts, &d,
		why        ? xasprintf("%s; wanted are %s", why, wanted)
		: wish->at ? xstrdup("is not there")
			   : xasprintf("%s there, not %s%s%s", found, wanted,
				       wish->model ? " x " : "", wish->model ?: ""));
}

/* What no line asks for. */
static void check_stranger(struct verdicts *verdicts, const struct match *m, size_t part)
{
	const json_t *record = json_array_get(m->records, part);
	AUTO_FREE char *name = name_of(m->kind, record);
	const char *model = spec_model(m->kind, record);
	struct deviation d = { .kind = m->kind->word,
			       .part = name,
			       .property = "count",
			       .found = model,
			       .src = json_object_get(record, "src") };

	deviate(verdicts, &d,
		xasprintf("was not ordered: %s", model ?: "of unknown model"));
}

/* Where others are allowed each line stands for itself: a part can be what several ask for. */
static void check_each(struct verdicts *verdicts, const struct match *m,
		       const struct wish *wish, const json_t *document)
{
	uint64_t count = 0;
	json_t *record;
	size_t i;

	json_array_foreach(m->records, i, record)
	{
		count += wish->at ? model_fits(wish, record) : fits(wish, record);
	}
	check_count(verdicts, wish, count, document);
	json_array_foreach(m->records, i, record)
	{
		if (wish->at && model_fits(wish, record))
			check_conditions(verdicts, wish, record);
	}
}

static void check_parts(struct verdicts *verdicts, const struct spec *spec,
			const struct spec_kind *kind, const json_t *document)
{
	struct match m;
	bool any = false;

	match_make(&m, spec, kind, document);
	for (size_t w = 0; w < spec->count; w++) {
		if (!is_of(&m, &spec->wishes[w]))
			continue;
		any = true;
		if (spec->open) {
			check_each(verdicts, &m, &spec->wishes[w], document);
			continue;
		}
		check_count(verdicts, &spec->wishes[w], m.taken[w], document);
		for (size_t i = 0; i < json_array_size(m.records); i++)
			if (m.line[i] == w)
				check_conditions(verdicts, &spec->wishes[w],
						 json_array_get(m.records, i));
	}
	for (size_t i = 0;
	     any && !kind->open && !spec->open && i < json_array_size(m.records); i++)
		if (m.line[i] == NONE)
			check_stranger(verdicts, &m, i);
	match_done(&m);
}

static void check_alone(struct verdicts *verdicts, const struct wish *wish,
			const json_t *document)
{
	AUTO_JSON json_t *records = spec_records(wish->kind, document);
	AUTO_JSON json_t *none = json_object();

	check_conditions(verdicts, wish, json_array_get(records, 0) ?: none);
}

static void check_total(struct verdicts *verdicts, const struct wish *wish,
			const json_t *document)
{
	AUTO_JSON json_t *records = spec_records(wish->kind, document);
	const struct condition *condition = &wish->conditions[0];
	AUTO_JSON json_t *sum = NULL;
	AUTO_FREE char *wanted = NULL, *found = NULL;
	struct deviation d = { .line = wish->line,
			       .kind = wish->kind->word,
			       .property = "total" };
	json_int_t total = 0, one;
	json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		one = json_integer_value(spec_value(record, condition->property));
		if (one < 0 || __builtin_add_overflow(total, one, &total))
			total = INT64_MAX;
	}
	sum = json_integer(total);
	verdicts->checks++;
	if (condition_holds(condition, sum))
		return;
	d.found = found = spec_text(sum, condition->property);
	d.wanted = wanted = xasprintf("%s%s", operators[condition->op], condition->value);
	d.unlearned = !document_at(document, wish->kind->type);
	deviate(verdicts, &d, xasprintf("in all %s, not %s", found, wanted));
}

/* How often each is wanted. */
static json_t *wanted_serials(const struct wish *wish)
{
	json_t *wanted = json_object(), *entry;
	size_t i;

	json_array_foreach(wish->serials, i, entry)
	{
		const char *serial = json_string_value(entry);
		const json_t *before = json_object_get(wanted, serial);

		json_put(wanted, serial, json_integer(1 + json_integer_value(before)));
	}
	return wanted;
}

/* Takes one of them away; false: it is not wanted, or not again. */
static bool take_serial(json_t *wanted, const char *serial)
{
	json_int_t left = json_integer_value(json_object_get(wanted, serial));

	if (left > 1)
		json_put(wanted, serial, json_integer(left - 1));
	else if (left == 1)
		(void)json_object_del(wanted, serial);
	return left > 0;
}

static void check_serials(struct verdicts *verdicts, const struct wish *wish,
			  const json_t *document)
{
	AUTO_JSON json_t *records = spec_records(wish->kind, document);
	AUTO_JSON json_t *wanted = wanted_serials(wish);
	const char *serial;
	json_t *record, *entry;
	size_t i;

	json_array_foreach(records, i, record)
	{
		AUTO_FREE char *part = name_of(wish->kind, record);
		const char *its = record_text(record, "serial_number");
		struct deviation d = { .line = wish->line,
				       .kind = wish->kind->word,
				       .part = part,
				       .property = "serial",
				       .found = its,
				       .src = json_object_get(record, "src"),
				       .unlearned = !its };

		verdicts->checks++;
		if (!take_serial(wanted, its ?: SPEC_NO_SERIAL))
			deviate(verdicts, &d,
				its ? xasprintf("serial %s was not ordered", its)
				    : xstrdup("serial is not known"));
	}
	json_object_foreach(wanted, serial, entry)
	{
		struct deviation d = { .line = wish->line,
				       .kind = wish->kind->word,
				       .property = "serial",
				       .wanted = serial };

		if (strcmp(serial, SPEC_NO_SERIAL) != 0)
			deviate(verdicts, &d,
				xasprintf("serial %s is not there", serial));
	}
}

static void check_findings(struct verdicts *verdicts, const struct spec *spec,
			   const json_t *document)
{
	const json_t *list = json_object_get(document, "findings");
	json_t *finding;
	size_t i;

	json_array_foreach(list, i, finding)
	{
		const json_t *component = json_object_get(finding, "component");
		const char *severity = record_text(finding, "severity") ?: "";
		const char *rule = record_text(finding, "id") ?: "";
		struct deviation d = { .line = spec->worst_line,
				       .kind = record_text(component, "type"),
				       .part = record_text(component, "key"),
				       .property = "finding",
				       .found = rule };

		verdicts->checks++;
		if (severity_number(severity) > spec->worst &&
		    !json_object_get(spec->allowed, rule))
			deviate(verdicts, &d,
				xasprintf("%s: %s (%s)", severity,
					  record_text(finding, "message") ?: "?", rule));
	}
}

static void check_complete(struct verdicts *verdicts, const struct spec *spec,
			   const json_t *document)
{
	const json_t *audit = json_object_get(document, "audit");
	AUTO_FREE char *why = NULL;
	struct deviation d = { .line = spec->complete_line,
			       .kind = "audit",
			       .property = "complete",
			       .unlearned = true };

	verdicts->checks++;
	if (json_is_true(json_object_get(audit, "complete")))
		return;
	why = why_no_list(document);
	deviate(verdicts, &d, xasprintf("the audit is not complete: %s", why));
}

void verify(struct verdicts *verdicts, const struct spec *spec, const json_t *document)
{
	*verdicts = (struct verdicts){ .deviations = json_array() };
	for (const struct spec_kind *kind = spec_kinds; kind->word; kind++) {
		for (size_t w = 0; w < spec->count; w++) {
			const struct wish *wish = &spec->wishes[w];

			if (wish->kind != kind)
				continue;
			if (wish->sort == WISH_SERIALS)
				check_serials(verdicts, wish, document);
			else if (wish->sort == WISH_TOTAL)
				check_total(verdicts, wish, document);
			else if (kind->alone)
				check_alone(verdicts, wish, document);
		}
		check_parts(verdicts, spec, kind, document);
	}
	if (spec->complete_line)
		check_complete(verdicts, spec, document);
	if (spec->worst_line)
		check_findings(verdicts, spec, document);
}

void verify_done(struct verdicts *verdicts)
{
	json_decref(verdicts->deviations);
}
