/* The lines of the summary: machine, parts, what could not be learned, where the document
 * is. */
#include "lines.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_COLUMNS 8 /* "serial  " */
#define NOTE_LINES_MAX 6

void lines_put(struct writer *w, const char *label, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	struct text_line *line;
	va_list args;

	if (w->summary->count >= w->limit)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	line = &w->summary->lines[w->summary->count++];
	*line = (struct text_line){ .len = 0 };
	if (label) {
		line_add(line, label, LABEL_COLUMNS - 1, false);
		line_pad(line, LABEL_COLUMNS);
	}
	line_add(line, text ? text : "out of memory", w->options->width,
		 w->options->utf8);
}

const char *lines_plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

/* What to look at, and how much more there is to read. */
static void put_health(struct writer *w, const struct facts *f)
{
	const char *health = f->health ? f->health : "Unknown";
	AUTO_FREE char *critical = xasprintf("%u Critical", f->criticals);
	AUTO_FREE char *warning = xasprintf("%u Warning", f->warnings);
	AUTO_FREE char *notes = xasprintf("%u note%s", f->notes, lines_plural(f->notes));
	const char *parts[3];
	unsigned count = 0;

	if (f->criticals > 0)
		parts[count++] = critical;
	if (f->warnings > 0)
		parts[count++] = warning;
	if (f->notes > 0)
		parts[count++] = notes;
	lines_put(w, "health", "%s%s%s%s%s%s%s", health, count > 0 ? ": " : "",
		  count > 0 ? parts[0] : "", count > 1 ? ", " : "",
		  count > 1 ? parts[1] : "", count > 2 ? ", " : "",
		  count > 2 ? parts[2] : "");
}

static void put_machine(struct writer *w, const struct facts *f)
{
	if (f->manufacturer || f->model)
		lines_put(w, NULL, "%s%s%s", f->manufacturer ? f->manufacturer : "",
			  f->manufacturer && f->model ? " " : "",
			  f->model ? f->model : "");
	else
		lines_put(w, NULL, "machine of unknown make");
	lines_put(w, "serial", "%s", f->serial ? f->serial : "unknown");
	put_health(w, f);
}

/* What a stuck job hangs in says more than that it is stuck. */
static const char *hangs_in(const json_t *job)
{
	const json_t *first = json_array_get(json_object_get(job, "stuck"), 0);
	const char *wchan = json_string_value(json_object_get(first, "wchan"));

	return wchan && *wchan ? wchan : NULL;
}

static void put_job(struct writer *w, const json_t *job)
{
	const char *name = json_string_value(json_object_get(job, "job"));
	const char *status = json_string_value(json_object_get(job, "status"));
	const char *reason = json_string_value(json_object_get(job, "reason"));
	const char *wchan = hangs_in(job);

	lines_put(w, NULL, " %s %s%s%s%s%s", name ? name : "?", status ? status : "?",
		  wchan ? " in " : "", wchan ? wchan : "", reason ? ": " : "",
		  reason ? reason : "");
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* "sdc", "0000:3b:00.0" and "eth0" speak for themselves, a handle of SMBIOS does not. */
static void put_finding(struct writer *w, const json_t *finding, unsigned others)
{
	AUTO_FREE char *more = others ? xasprintf(" +%u", others) : xstrdup("");
	static const char *const plain[] = { "storage.drives", "pcie.devices", "gpus",
					     "network.interfaces" };
	const json_t *component = json_object_get(finding, "component");
	const char *type = text_of(component, "type"), *key = text_of(component, "key");

	/* A sensor's message begins with its name. */
	if (!strcmp(type, "sensors")) {
		lines_put(w, NULL, " %s%s", text_of(finding, "message"), more);
		return;
	}
	for (size_t i = 0; *key && i < ARRAY_LEN(plain); i++)
		if (!strcmp(type, plain[i]))
			type = "";
	lines_put(w, NULL, " %s%s%s%s: %s", type, *type && *key ? " " : "", key, more,
		  text_of(finding, "message"));
}

/* Information has a line where somebody asked for it: most machines have some. */
static bool is_worth_a_line(const json_t *finding, bool notes)
{
	return *text_of(finding, "severity") &&
	       (notes || strcmp(text_of(finding, "severity"), "OK") != 0);
}

struct group { /* of one rule, for want of room: forty sick drives hide no lost GPU */
	const json_t *first;
	unsigned count;
};

/* The worst stand first in the document; what is beyond `size` groups is not counted. */
static unsigned group_findings(const json_t *findings, bool notes, struct group *groups,
			       unsigned size, bool alike)
{
	unsigned count = 0, at;
	size_t i;
	json_t *finding;

	json_array_foreach(findings, i, finding)
	{
		if (!is_worth_a_line(finding, notes))
			continue;
		for (at = 0; at < count; at++)
			if (alike && *text_of(finding, "id") &&
			    !strcmp(text_of(groups[at].first, "id"),
				    text_of(finding, "id")))
				break;
		if (at == size)
			continue;
		if (at == count)
			groups[count++] = (struct group){ finding, 0 };
		groups[at].count++;
	}
	return count;
}

static void put_findings(struct writer *w, const json_t *findings, unsigned wanted,
			 unsigned room)
{
	struct group groups[SUMMARY_LINES_MAX];
	unsigned count, shown = 0;

	if (wanted == 0 || room < 2)
		return;
	lines_put(w, NULL, "found:");
	room--;
	count = group_findings(findings, w->options->notes, groups, ARRAY_LEN(groups),
			       wanted > room);
	for (unsigned at = 0; at < count; at++) {
		if (at + (count > room) == room) {
			lines_put(w, NULL, " +%u more", wanted - shown);
			return;
		}
		put_finding(w, groups[at].first, groups[at].count - 1);
		shown += groups[at].count;
	}
}

/* The worst first: what comes after them may be left out. NULL: any status not named
 * here. */
static const char *const by_weight[] = { "stuck",   "crashed", "timeout", "failed",
					 "denied",  "setup",   NULL,      "truncated",
					 "partial", "skipped", "starved", "unavailable" };

static size_t weight(const json_t *job)
{
	const char *status = json_string_value(json_object_get(job, "status"));
	size_t other = 0;

	for (size_t i = 0; i < ARRAY_LEN(by_weight); i++) {
		if (!by_weight[i])
			other = i;
		else if (status && !strcmp(status, by_weight[i]))
			return i;
	}
	return status && !facts_incomplete(status) ? ARRAY_LEN(by_weight) : other;
}

/* One line per job that could not tell, as many as there is room for; then "+N more". */
static void put_jobs(struct writer *w, const struct facts *f, const json_t *jobs,
		     unsigned room)
{
	unsigned wanted = f->incomplete + f->unavailable, shown = 0;

	if (wanted == 0 || room < 2)
		return;
	lines_put(w, NULL, "not learned:");
	room--;
	for (size_t turn = 0; turn < ARRAY_LEN(by_weight); turn++) {
		size_t i;
		json_t *job;

		json_array_foreach(jobs, i, job)
		{
			if (weight(job) != turn)
				continue;
			if (shown + (wanted > room) == room) {
				lines_put(w, NULL, " +%u more", wanted - shown);
				return;
			}
			put_job(w, job);
			shown++;
		}
	}
}

/* Findings and jobs share the lines that are left: half each, or what the other leaves.
 */
static void put_trouble(struct writer *w, const struct facts *f, const json_t *document)
{
	const json_t *findings = json_object_get(document, "findings");
	unsigned jobs = f->incomplete + f->unavailable, wanted = 0;
	unsigned room = w->limit - w->summary->count, for_findings = room;
	size_t i;
	json_t *finding;

	json_array_foreach(findings, i, finding) wanted +=
		is_worth_a_line(finding, w->options->notes);
	if (jobs > 0)
		for_findings = room > jobs + 1 && room - (jobs + 1) > room / 2
				       ? room - (jobs + 1)
				       : room / 2;
	put_findings(w, findings, wanted, for_findings);
	put_jobs(w, f, json_object_get(document, "collectors"),
		 w->limit - w->summary->count);
}

/* It says how to get in: what a line cannot hold goes on. */
static unsigned put_note(struct writer *w)
{
	const char *rest = w->options->note ? w->options->note : "";
	unsigned count = 0;

	for (; *rest && count < NOTE_LINES_MAX; count++) {
		size_t len = count + 1 < NOTE_LINES_MAX
				     ? text_fold(rest, w->options->width)
				     : strlen(rest);

		lines_put(w, NULL, "%.*s", (int)len, rest);
		rest += len;
		rest += strspn(rest, " ");
	}
	return count;
}

static char *seconds(uint64_t ms)
{
	if (ms < 100)
		return ms ? xasprintf("%llu ms", (unsigned long long)ms)
			  : xstrdup("less than 1 ms");
	return xasprintf("%llu.%llu s", (unsigned long long)(ms / 1000),
			 (unsigned long long)(ms / 100 % 10));
}

static void put_ending(struct writer *w, const struct facts *f)
{
	const struct summary_options *o = w->options;
	AUTO_FREE char *took = seconds(f->duration_ms), *still = seconds(f->stopped_ms);
	AUTO_FREE char *more =
		xasprintf("%s%s%s%s", f->stopped_ms ? ", stopped for " : "",
			  f->stopped_ms ? still : "", f->partial ? ", " : "",
			  f->partial ? "with --only" : "");

	if (f->interrupted)
		lines_put(w, "audit", "interrupted by %s after %s%s", f->interrupted,
			  took, more);
	else if (f->complete)
		lines_put(w, "audit", "complete, %u job%s in %s%s", f->jobs,
			  lines_plural(f->jobs), took, more);
	else
		lines_put(w, "audit", "incomplete: %u of %u job%s, %s%s", f->incomplete,
			  f->jobs, lines_plural(f->jobs), took, more);
	if (o->path)
		lines_put(w, "file", "%s", o->path);
	lines_put(w, "sha256", "%.16s", o->digest);
	put_note(w);
}

void summary_build(struct summary *summary, const struct facts *facts,
		   const json_t *document, const struct summary_options *options)
{
	/* The first call puts nothing: there is no room yet. */
	struct writer w = { summary, options, 0 };
	unsigned ending = 2u + (options->path ? 1 : 0) + put_note(&w);
	unsigned height =
		options->height < SUMMARY_LINES_MAX ? options->height : SUMMARY_LINES_MAX;

	if (height < ending)
		height = ending;
	summary->count = 0;
	w.limit = height - ending;
	put_machine(&w, facts);
	lines_put_parts(&w, facts);
	put_trouble(&w, facts, document);
	w.limit = height;
	put_ending(&w, facts);
}
