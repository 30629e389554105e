/* What ran when, against the deadline; what hung, and where. */
#include "html.h"

#include "json.h"
#include "kinds.h"
#include "unlearned.h"

#include <stdlib.h>
#include <string.h>

#define LEFT 210   /* of the first second, for names */
#define WIDTH 1000 /* of all */
#define ROW 13
#define BARS_MAX 150 /* the longest; a thousand disks make no better picture */

struct bar {
	const json_t *job;
	int64_t started, took;
};

static int64_t number(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value < 0 ? 0 : value > INT32_MAX ? INT32_MAX : value;
}

static int longest_first(const void *a, const void *b)
{
	const struct bar *left = a, *right = b;

	return (left->took < right->took) - (left->took > right->took);
}

static int in_time(const void *a, const void *b)
{
	const struct bar *left = a, *right = b;

	if (left->started != right->started)
		return left->started < right->started ? -1 : 1;
	return longest_first(a, b);
}

/* Those that ran, at most BARS_MAX of them, as they began. */
static size_t bars_make(const struct html *h, struct bar **bars)
{
	const json_t *jobs = json_object_get(h->document, "collectors");
	json_t *job;
	size_t count = 0, i;

	*bars = xcalloc(json_array_size(jobs) + 1, sizeof(**bars));
	json_array_foreach(jobs, i, job)
	{
		struct bar bar = { job, number(job, "started_ms"),
				   number(job, "duration_ms") };

		if (bar.took > 0)
			(*bars)[count++] = bar;
	}
	qsort(*bars, count, sizeof(**bars), longest_first);
	if (count > BARS_MAX)
		count = BARS_MAX;
	qsort(*bars, count, sizeof(**bars), in_time);
	return count;
}

static int64_t place(int64_t ms, int64_t all)
{
	return LEFT + (ms > all ? all : ms) * (WIDTH - LEFT - 10) / all;
}

static void put_bar(const struct html *h, const struct bar *bar, size_t row, int64_t all)
{
	const char *status = record_text(bar->job, "status") ?: "unknown";
	int64_t x = place(bar->started, all);
	long long ended = bar->started + bar->took;
	int64_t width = place(ended, all) - x;
	long long y = (long long)(row * ROW) + 18;

	(void)fprintf(h->to, "<text x=\"%d\" y=\"%lld\" text-anchor=\"end\">", LEFT - 6,
		      y + 9);
	html_text(h, record_text(bar->job, "job"));
	(void)fprintf(h->to,
		      "</text><rect class=\"b-%s\" x=\"%lld\" y=\"%lld\" width=\"%lld\" "
		      "height=\"%d\"><title>",
		      html_class(status), (long long)x, y,
		      (long long)(width > 2 ? width : 2), ROW - 4);
	html_text(h, record_text(bar->job, "job"));
	(void)fputs(": ", h->to);
	html_text(h, status);
	(void)fprintf(h->to, ", %lld to %lld ms</title></rect>\n",
		      (long long)bar->started, ended);
}

/* A line each second, or each tenth of the time where that is more. */
static void put_grid(const struct html *h, int64_t all, int64_t timeout, size_t rows)
{
	int64_t step = all > 10000 ? (all / 10000 + 1) * 1000 : 1000;
	long long bottom = (long long)(rows * ROW) + 18;

	for (int64_t at = 0; at <= all; at += step)
		(void)fprintf(h->to,
			      "<line class=\"grid\" x1=\"%lld\" y1=\"14\" x2=\"%lld\" "
			      "y2=\"%lld\"/>"
			      "<text x=\"%lld\" y=\"10\" text-anchor=\"middle\">%lld "
			      "s</text>\n",
			      (long long)place(at, all), (long long)place(at, all),
			      bottom, (long long)place(at, all), (long long)(at / 1000));
	if (timeout > 0)
		(void)fprintf(h->to,
			      "<line class=\"end\" x1=\"%lld\" y1=\"0\" x2=\"%lld\" "
			      "y2=\"%lld\">"
			      "<title>the deadline</title></line>\n",
			      (long long)place(timeout, all),
			      (long long)place(timeout, all), bottom);
}

static void put_timeline(const struct html *h)
{
	const json_t *audit = json_object_get(h->document, "audit");
	int64_t timeout = number(audit, "timeout_ms"), all = number(audit, "duration_ms");
	AUTO_FREE struct bar *bars = NULL;
	size_t count = bars_make(h, &bars);

	if (all < timeout)
		all = timeout;
	if (count == 0 || all <= 0)
		return;
	(void)fprintf(h->to,
		      "<figure class=\"scroll\" tabindex=\"0\" "
		      "aria-label=\"Timeline\"><svg role=\"img\" "
		      "viewBox=\"0 0 %d "
		      "%zu\"><title>Jobs against the deadline</title>\n",
		      WIDTH, count * ROW + 24);
	put_grid(h, all, timeout, count);
	for (size_t i = 0; i < count; i++)
		put_bar(h, &bars[i], i, all);
	(void)fprintf(h->to,
		      "</svg><figcaption class=\"soft\">%zu of %u jobs, as they began; "
		      "the dashed "
		      "line is the deadline.</figcaption></figure>\n",
		      count, h->facts->jobs);
}

/* Functions of the kernel's stack, the innermost first. */
static void put_stuck(const struct html *h, const json_t *job)
{
	const json_t *list = json_object_get(job, "stuck");
	json_t *process, *function;
	size_t i, at;

	json_array_foreach(list, i, process)
	{
		const json_t *stack = json_object_get(process, "stack");

		(void)fputs("<p>", h->to);
		html_text(h, record_text(process, "comm"));
		(void)fprintf(
			h->to, " <small>(pid %lld)</small> in <code>",
			(long long)json_integer_value(json_object_get(process, "pid")));
		html_text(h, record_text(process, "wchan") ?: "?");
		(void)fputs("</code> <small>", h->to);
		json_array_foreach(stack, at, function)
		{
			(void)fputs(at ? " &lt; " : "", h->to);
			html_text(h, json_string_value(function));
		}
		(void)fputs("</small></p>", h->to);
	}
}

static void put_incomplete(const struct html *h)
{
	static const char *const headings[] = { "Job", "Status", "Why", "Took", NULL };
	const json_t *jobs = json_object_get(h->document, "collectors");
	json_t *job;
	size_t i;

	(void)fputs("<h3>What was not learned</h3>", h->to);
	if (h->facts->incomplete + h->facts->unavailable == 0) {
		(void)fputs("<p>Every job told what it was asked.</p>\n", h->to);
		return;
	}
	html_table(h, "What was not learned", headings);
	json_array_foreach(jobs, i, job)
	{
		const char *status = record_text(job, "status") ?: "unknown";

		if (!strcmp(status, "ok") || !strcmp(status, "absent"))
			continue;
		(void)fputs("<tr>", h->to);
		html_cell(h, record_text(job, "job"));
		(void)fprintf(h->to, "<td class=\"%s\">", html_class(status));
		html_text(h, status);
		(void)fputs("<td>", h->to);
		html_text(h, record_text(job, "reason"));
		put_stuck(h, job);
		(void)fprintf(h->to, "<td>%.1f s\n",
			      (double)number(job, "duration_ms") / 1000);
	}
	html_table_end(h);
}

/* The calls that a policy refused are what a reviewer of policies looks for. */
static void put_refused(const struct html *h)
{
	static const char *const headings[] = { "Job", "Refused calls", NULL };
	const json_t *jobs = json_object_get(h->document, "collectors");
	bool any = false;
	json_t *job;
	size_t i;

	json_array_foreach(jobs, i, job)
	{
		const json_t *denied = json_object_get(job, "denied");
		AUTO_FREE char *text = NULL;

		if (json_array_size(denied) == 0)
			continue;
		if (!any) {
			(void)fputs("<h3>Refused by policy</h3>", h->to);
			html_table(h, "Refused by policy", headings);
		}
		any = true;
		text = json_dumps(denied, JSON_ENSURE_ASCII | JSON_COMPACT);
		(void)fputs("<tr>", h->to);
		html_cell(h, record_text(job, "job"));
		(void)fputs("<td><code>", h->to);
		html_text(h, text);
		(void)fputs("</code>\n", h->to);
	}
	if (any)
		html_table_end(h);
}

void html_jobs(const struct html *h)
{
	html_begin(h, "jobs", "Jobs");
	put_timeline(h);
	put_incomplete(h);
	put_refused(h);
	html_end(h);
}
