/* The certificate on top of a page: what was ordered, what was delivered, and how a stranger checks
 * it. On paper it is all there is of the page, on one sheet; every text is cut to that. */
#include "html_certificate.h"

#include "json.h"
#include "kinds.h"
#include "screen.h"

#include <stdlib.h>
#include <string.h>

/* A sheet of A4 or Letter has some 60 lines, of which the header takes a dozen. */
#define DEVIATIONS_ON_PAPER 5
/* Lines; more where no deviation takes them. Of the summary, one is for a prompt that is not there. */
#define SPEC_ON_PAPER(good) ((good) ? 18 : 6)
#define SUMMARY_ON_PAPER(good) ((good) ? 19 : 11)
#define PAPER_COLUMNS 92
#define DEVIATIONS_MOST 500 /* on the screen; the verdict has them all */
#define CELL_MOST 110       /* bytes, two lines */

/* The beginning of a text, as much as its place on paper takes. */
static void put_cut(const struct html *h, const char *text, size_t most)
{
	size_t end = text ? strlen(text) : 0;
	AUTO_FREE char *begin = NULL;

	if (end <= most) {
		html_text(h, text);
		return;
	}
	for (end = most; ((unsigned char)text[end] & 0xc0) == 0x80; end--)
		;
	begin = xasprintf("%.*s", (int)end, text);
	html_text(h, begin);
	(void)fputs("&hellip;", h->to);
}

static void put_deviation(const struct html *h, const json_t *deviation, bool paper)
{
	const char *kind = record_text(deviation, "kind");
	const char *part = record_text(deviation, "part");

	(void)fprintf(h->to, "<tr%s><td>", paper ? "" : " class=\"screen\"");
	put_cut(h, kind, CELL_MOST / 3);
	(void)fputs(kind && part ? " " : "", h->to);
	put_cut(h, part, CELL_MOST / 3);
	(void)fputs("<td>", h->to);
	put_cut(h, record_text(deviation, "what"), CELL_MOST);
	(void)fputs("\n", h->to);
}

static void put_deviations(const struct html *h, const json_t *deviations)
{
	static const char *const headings[] = { "Part", "Deviation", NULL };
	size_t count = json_array_size(deviations), i;
	json_t *deviation;

	if (count == 0)
		return;
	html_table(h, "Deviations", headings);
	json_array_foreach(deviations, i, deviation)
	{
		if (i == DEVIATIONS_MOST)
			break;
		put_deviation(h, deviation, i < DEVIATIONS_ON_PAPER);
	}
	html_table_end(h);
	if (count > DEVIATIONS_ON_PAPER)
		(void)fprintf(h->to,
			      "<p class=\"paper\">and %zu more, see the file.</p>\n",
			      count - DEVIATIONS_ON_PAPER);
	if (count > DEVIATIONS_MOST)
		(void)fprintf(h->to,
			      "<p class=\"screen\">and %zu more, see the file.</p>\n",
			      count - DEVIATIONS_MOST);
}

/* A line as a document would have it. Owned by the caller. */
static char *printable(const char *text, size_t len)
{
	AUTO_JSON json_t *escaped = NULL;
	char *line = xasprintf("%.*s", (int)len, text);

	for (char *at = line; *at; at++)
		if (*at == '\t')
			*at = ' ';
	if (json_text_is_clean(line, len))
		return line;
	escaped = json_text(line, len, NULL);
	free(line);
	return xstrdup(json_string_value(escaped) ?: "");
}

/* Lines in a <pre>; those that `budget` lines of paper have no room for are the screen's alone. */
static void put_lines(const struct html *h, const char *text, size_t budget)
{
	bool paper = true;
	size_t used = 0;

	(void)fputs("<pre>", h->to);
	for (size_t len; *text; text += len) {
		AUTO_FREE char *line = NULL;

		len = strcspn(text, "\n");
		line = printable(text, len);
		len += text[len] == '\n';
		/* What html_text cuts is not as long as it was. */
		used += *line ? (strnlen(line, HTML_TEXT_MOST) + PAPER_COLUMNS - 1) /
					PAPER_COLUMNS
			      : 1;
		if (paper && used > budget) {
			paper = false;
			(void)fputs("<span class=\"screen\">", h->to);
		}
		html_text(h, line);
		(void)fputs("\n", h->to);
	}
	(void)fputs(paper ? "</pre>\n"
			  : "</span></pre><p class=\"paper\">and more, see the "
			    "file.</p>\n",
		    h->to);
}

static void put_delivered(const struct html *h, bool good)
{
	const struct screen_options o = { .columns = PAPER_COLUMNS,
					  .lines = SUMMARY_ON_PAPER(good),
					  .screen = true,
					  .utf8 = true,
					  .where = "",
					  .digest = h->options->digest };
	AUTO_FREE char *summary = screen_build(h->document, &o);

	(void)fputs("<h3>Delivered</h3>\n", h->to);
	put_lines(h, summary, SUMMARY_ON_PAPER(good));
}

static void put_check(const struct html *h, const struct certificate *c)
{
	(void)fputs("<h3>To check it</h3>\n<p>With the public key", h->to);
	if (c->signer) {
		AUTO_FREE char *signer = printable(c->signer, strlen(c->signer));

		(void)fputs(" <code>", h->to);
		put_cut(h, signer, CELL_MOST / 3);
		(void)fputs("</code>", h->to);
	}
	(void)fputs(", in the folder of this page:<br><code>minisign -Vm certificate.txt "
		    "-p KEY.pub &amp;&amp; sha256sum -c certificate.txt</code></p>\n"
		    "<p>The code above has the first digits of the document's SHA-256; "
		    "<code>bee verify --expect spec audit.json</code> gives the verdict "
		    "again.</p>\n<p class=\"paper sign\">Date, name, "
		    "signature</p>\n",
		    h->to);
}

void html_certificate(const struct html *h)
{
	const struct certificate *c = h->options->certificate;
	const json_t *deviations = json_object_get(c->verdict, "deviations");
	bool good = json_is_true(json_object_get(c->verdict, "as_ordered"));
	json_int_t checks = json_integer_value(json_object_get(c->verdict, "checks"));
	size_t count = json_array_size(deviations);

	html_begin(h, "certificate", "Certificate");
	(void)fprintf(h->to,
		      "<p><strong class=\"%s\">%s</strong> %lld checks, %zu "
		      "deviation%s</p>\n",
		      good ? "ok" : "crit", good ? "As ordered" : "Not as ordered",
		      (long long)checks, count, count == 1 ? "" : "s");
	put_deviations(h, deviations);
	(void)fputs("<h3>Ordered</h3>\n", h->to);
	put_lines(h, c->spec, SPEC_ON_PAPER(good));
	(void)fputs("<p><small>SHA-256 of this spec <code>", h->to);
	html_text(h, c->spec_digest);
	(void)fputs("</code></small></p>\n", h->to);
	put_delivered(h, good);
	put_check(h, c);
	html_end(h);
}
