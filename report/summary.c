/* The lines of the summary: machine, findings, parts, what could not be learned, where the
 * document is. */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#define NOTE_LINES_MAX 6
#define PARTS_LINES 7 /* in few words */
#define SMALL_LINES 14
#define PART_LINES 3 /* that one kind of part may take on a screen */

/* What to look at, and how much more there is to read. */
static void put_health(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *counts = facts_counts(f);

	lines_put(w, "health", "%s%s%s", f->health ? f->health : "Unknown",
		  *counts ? ": " : "", counts);
}

static void put_machine(struct writer *w, const struct facts *f)
{
	if (f->manufacturer || f->model)
		lines_put(w, NULL, "%s%s%s", f->manufacturer ? f->manufacturer : "",
			  f->manufacturer && f->model ? " " : "",
			  f->model ? f->model : "");
	else
		lines_put(w, NULL, "machine of unknown make");
	lines_put(w, "serial", "%s", f->serial ?: "unknown");
	put_health(w, f);
}

static void put_audit(struct writer *w, const struct facts *f)
{
	AUTO_FREE char *words = facts_audit(f);

	lines_put(w, "audit", "%s", words);
}

/* `small`: the screen is, and the document's name can be done without. */
static void put_ending(struct writer *w, const struct facts *f, bool small)
{
	const struct summary_options *o = w->options;

	w->most = o->height ? 2 : 0;
	put_audit(w, f);
	if (o->path && !small)
		lines_put(w, "file", "%s", o->path);
	if (!small)
		lines_put(w, "sha256", "%.16s", o->digest);
	/* It says how to get in: what a line cannot hold goes on. */
	w->most = NOTE_LINES_MAX;
	if (o->note && *o->note)
		lines_put(w, NULL, "%s", o->note);
}

/* The lines the ending takes, beside a code if there is one. */
static unsigned ending_lines(const struct facts *f, const struct summary_options *options,
			     bool small)
{
	struct summary_options narrow = *options;
	struct summary lines = { .lines = NULL };
	struct writer w = { .summary = &lines, .options = &narrow, .limit = UINT32_MAX };

	narrow.wide = 0;
	put_ending(&w, f, small);
	summary_done(&lines);
	return lines.count;
}

/* Where not all of it has room: half of it for findings at least, the rest for the parts. */
static void put_least(struct writer *w, const struct facts *f,
		      const struct trouble *trouble)
{
	unsigned limit = w->limit;
	unsigned room = limit > w->summary->count ? limit - w->summary->count : 0;
	unsigned others = PARTS_LINES + (trouble->jobs > 0), lost;

	if (trouble->findings > 0)
		w->limit -= room > 2 * others ? others : room / 2 < 4 ? 0 : room / 2;
	lines_put_findings(w, trouble);
	w->summary->found_end = w->summary->count;
	w->limit = limit;
	if (trouble->jobs > 0 && w->summary->count < w->limit)
		lines_put_unlearned(w, trouble);
	w->most = 1;
	lost = w->lost;
	lines_put_parts(w, f, true);
	if (w->lost == lost || w->limit <= w->summary->found_end)
		return;
	w->summary->count = w->limit - 1;
	lines_put(w, NULL, "more: bee report%s | less", lines_where(w));
}

bool summary_build(struct summary *summary, const struct facts *facts,
		   const struct trouble *trouble, const struct summary_options *options)
{
	struct writer w = { .summary = summary, .options = options };
	unsigned height = options->height ? options->height : UINT32_MAX;
	bool terse = options->detail >= DETAIL_TERSE;
	bool small = options->detail == DETAIL_LEAST && height < SMALL_LINES;
	unsigned ending = ending_lines(facts, options, small);

	summary->count = 0;
	w.limit = height > ending ? height - ending : 0;
	w.most = options->height ? 2 : 0;
	put_machine(&w, facts);
	if (options->detail == DETAIL_LEAST) {
		put_least(&w, facts, trouble);
	} else {
		lines_put_findings(&w, trouble);
		summary->found_end = summary->count;
		w.most = terse ? 1 : options->height ? PART_LINES : 0;
		lines_put_parts(&w, facts, terse);
		lines_put_unlearned(&w, trouble);
	}
	w.limit = height;
	put_ending(&w, facts, small);
	return w.lost == 0;
}

void summary_done(struct summary *summary)
{
	free(summary->lines);
	summary->lines = NULL;
}
