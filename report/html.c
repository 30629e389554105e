/* One audit as one page that needs nothing else: no script, no other file, no network. */
#include "html.h"
#include "html_certificate.h"

#include "json.h"
#include "kinds.h"
#include "qr.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Colours of both schemes have a contrast of 4.5 at least; health is told by words, too. */
static const char style[] =
	":root{color-scheme:light "
	"dark;--fg:#1b1d21;--bg:#fff;--soft:#5b6270;--line:#d4d8df;"
	"--box:#f4f5f8;--ok:#1a7f37;--warn:#8a5a00;--crit:#b3261e;--okb:#e3f4e7;--warnb:#"
	"fdf0d0;"
	"--critb:#fbe1df}"
	"@media(prefers-color-scheme:dark){:root{--fg:#e6e8ec;--bg:#15171b;--soft:#"
	"a2a9b5;"
	"--line:#363b45;--box:#1f2228;--ok:#6fd08a;--warn:#f0c05a;--crit:#ff8f86;--okb:#"
	"17301f;"
	"--warnb:#382c10;--critb:#431c1a}}"
	"*{box-sizing:border-box}"
	"body{margin:0 "
	"auto;max-width:75rem;padding:1rem;background:var(--bg);color:var(--fg);"
	"font:16px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}"
	"h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .6rem;"
	"border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1rem 0 .4rem}"
	"h4{font-size:.85rem;margin:.6rem 0 .3rem;color:var(--soft)}"
	"figure{margin:0}figure svg{min-width:46rem;width:100%}"
	"header{display:flex;flex-wrap:wrap;gap:1.5rem;justify-content:space-between}"
	"header div{flex:1 1 20rem}dl{display:grid;grid-template-columns:max-content 1fr;"
	"gap:.15rem .9rem;margin:0}dt{color:var(--soft)}dd{margin:0}"
	"nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:0;list-style:none}"
	"a{color:inherit}a:focus-visible,[tabindex]:focus-visible{outline:3px solid "
	"var(--warn)}"
	".scroll{overflow-x:auto}"
	"table{border-collapse:collapse;width:100%;font-size:.9rem}"
	"th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;"
	"border-bottom:1px solid var(--line);unicode-bidi:isolate}"
	"th{color:var(--soft);font-weight:600;white-space:nowrap}td{min-width:5rem}td "
	"p{margin:.1rem 0}"
	"small,.soft,summary{color:var(--soft);font-size:.85em}"
	".ok{color:var(--ok)}.warn{color:var(--warn)}.crit{color:var(--crit)}"
	"strong{white-space:nowrap}strong.ok,strong.warn,strong.crit{padding:.05rem "
	".45rem;border-radius:.3rem}"
	"strong.ok{background:var(--okb)}strong.warn{background:var(--warnb)}"
	"strong.crit{background:var(--critb)}"
	"ul.bays{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));"
	"gap:.35rem;"
	"padding:0;margin:0;list-style:none;font-size:.8rem;line-height:1.3}"
	"ul.bays li{border:1px solid var(--line);border-left:.3rem solid var(--line);"
	"background:var(--box);border-radius:.25rem;padding:.25rem "
	".4rem;unicode-bidi:isolate}"
	"ul.bays li.ok{border-left-color:var(--ok);color:inherit}"
	"ul.bays "
	"li.warn{border-left-color:var(--warn);background:var(--warnb);color:inherit}"
	"ul.bays "
	"li.crit{border-left-color:var(--crit);background:var(--critb);color:inherit}"
	"ul.bays li.empty{border-style:dashed;background:none;color:var(--soft)}"
	"ul.bays b{display:block}"
	"ul.tree,ul.tree ul{list-style:none;padding-left:1.1rem;margin:0;"
	"border-left:1px solid "
	"var(--line);font-size:.9rem}ul.tree{padding-left:.2rem;border:0}"
	"code{font:.92em ui-monospace,monospace}"
	"svg{max-width:100%;height:auto}svg.code{width:13rem;background:#fff}"
	"svg text{fill:currentColor;font:11px system-ui,sans-serif}"
	".b-ok{fill:var(--ok)}.b-warn{fill:var(--warn)}.b-crit{fill:var(--crit)}.b-none{"
	"fill:var(--soft)}"
	"pre{font:.85em/1.35 ui-monospace,monospace;white-space:pre-wrap;margin:.2rem 0}"
	"#findings td:last-child{width:60%}"
	/* A phone has no room for three columns: a row becomes a paragraph. */
	"@media screen and (max-width:34rem){#findings "
	"thead{position:absolute;clip-path:inset(50%)}#findings "
	"td{display:inline-block;border:0;padding:.2rem .6rem .1rem 0}#findings "
	"td:last-child{display:block;width:auto}#findings "
	"tr{display:block;border-bottom:1px solid "
	"var(--line)}}"
	".paper{display:none}"
	".grid{stroke:var(--line)}.end{stroke:var(--crit);stroke-dasharray:4 3}"
	"@media "
	"print{body{max-width:none;font-size:10pt}nav{display:none}.scroll{overflow:"
	"visible}"
	"ul.bays "
	"li,tr{break-inside:avoid}:root{--fg:#000;--bg:#fff;--soft:#444;--line:#999;--"
	"box:#fff;"
	"--ok:#1a7f37;--warn:#8a5a00;--crit:#b3261e;--okb:#fff;--warnb:#fff;--critb:#fff}"
	".paper{display:block}.cert .screen,.cert "
	"main>section:not(#certificate){display:none}"
	".cert{padding:0;font-size:9pt;line-height:1.25}.cert h2,.cert h3{margin:.5rem 0 "
	".2rem}"
	".cert p{margin:.2rem 0}.cert pre{font-size:7.5pt}.cert td,.cert "
	"th{font-size:8pt;word-break:break-all;padding:.1rem .4rem .1rem 0}.cert "
	"svg.code{width:9rem}"
	".cert .sign{margin-top:2rem;border-top:1px "
	"solid;max-width:25rem}@page{margin:12mm}"
	".cert h1,.cert header dd{max-height:2.6em;overflow:hidden}"
	"}";

static void put_escaped(FILE *to, unsigned char c)
{
	switch (c) {
	case '&':
		(void)fputs("&amp;", to);
		break;
	case '<':
		(void)fputs("&lt;", to);
		break;
	case '>':
		(void)fputs("&gt;", to);
		break;
	case '"':
		(void)fputs("&quot;", to);
		break;
	case '\'':
		(void)fputs("&#39;", to);
		break;
	default:
		(void)fputc(c < 0x20 || c == 0x7f ? '?' : c, to);
	}
}

/* Controls of C1 and directions were escaped when the document was read: lib/json_load.c. */
void html_text(const struct html *h, const char *text)
{
	size_t len = text ? strlen(text) : 0, end = len;

	if (len > HTML_TEXT_MOST)
		for (end = HTML_TEXT_MOST; ((unsigned char)text[end] & 0xc0) == 0x80;
		     end--)
			;
	for (size_t i = 0; i < end; i++)
		put_escaped(h->to, (unsigned char)text[i]);
	if (end < len)
		(void)fprintf(h->to, "&hellip; <small>(%zu bytes)</small>", len);
}

void html_cell(const struct html *h, const char *text)
{
	(void)fputs("<td>", h->to);
	html_text(h, text);
}

const char *html_class(const char *health)
{
	static const char *const words[][2] = {
		{ "OK", "ok" },         { "ok", "ok" },        { "Warning", "warn" },
		{ "Critical", "crit" }, { "stuck", "crit" },   { "crashed", "crit" },
		{ "failed", "crit" },   { "timeout", "crit" }, { "denied", "crit" },
		{ "setup", "crit" },    { "partial", "warn" }, { "truncated", "warn" },
		{ "skipped", "warn" },  { "starved", "warn" },
	};

	for (size_t i = 0; health && i < ARRAY_LEN(words); i++)
		if (!strcmp(words[i][0], health))
			return words[i][1];
	return "none";
}

void html_begin(const struct html *h, const char *id, const char *heading)
{
	(void)fprintf(
		h->to,
		"<section id=\"%s\" aria-labelledby=\"%s-h\"><h2 id=\"%s-h\">%s</h2>\n",
		id, id, id, heading);
}

void html_end(const struct html *h)
{
	(void)fputs("</section>\n", h->to);
}

void html_table(const struct html *h, const char *name, const char *const headings[])
{
	/* What can be scrolled by a finger must be so by keys, too. */
	(void)fprintf(
		h->to,
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
		"<table><thead><tr>",
		name);
	for (size_t i = 0; headings[i]; i++)
		(void)fprintf(h->to, "<th scope=\"col\">%s", headings[i]);
	(void)fputs("</thead><tbody>\n", h->to);
}

void html_table_end(const struct html *h)
{
	(void)fputs("</tbody></table></div>\n", h->to);
}

/* Runs of dark modules as one path. */
void html_code(const struct html *h)
{
	struct qr qr = { 0 };
	int size;

	if (!h->options->code ||
	    !qr_make(&qr, h->facts, h->options->digest, QR_VERSION_MAX))
		return;
	size = qr.size + 2 * QR_QUIET;
	(void)fprintf(
		h->to,
		"<svg class=\"code\" role=\"img\" viewBox=\"0 0 %d %d\" "
		"shape-rendering=\"crispEdges\"><title>QR code: identity, counts, health "
		"and SHA-256</title><rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>"
		"<path fill=\"#000\" d=\"",
		size, size, size, size);
	for (int y = 0; y < qr.size; y++)
		for (int x = 0; x < qr.size; x++) {
			int run = 0;

			while (x + run < qr.size && qr.modules[y * qr.size + x + run])
				run++;
			if (run > 0)
				(void)fprintf(h->to, "M%d %dh%dv1h-%dz", x + QR_QUIET,
					      y + QR_QUIET, run, run);
			x += run;
		}
	(void)fputs("\"/></svg>\n", h->to);
	qr_done(&qr);
}

/* Nothing may be loaded or run; of styles, this one alone. */
static void put_head(const struct html *h, const char *title)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char base64[sodium_base64_ENCODED_LEN(sizeof(hash),
					      sodium_base64_VARIANT_ORIGINAL)];

	(void)crypto_hash_sha256(hash, (const unsigned char *)style, sizeof(style) - 1);
	(void)sodium_bin2base64(base64, sizeof(base64), hash, sizeof(hash),
				sodium_base64_VARIANT_ORIGINAL);
	(void)fprintf(
		h->to,
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
		"'none'; "
		"style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, "
		"initial-scale=1\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
		base64);
	html_text(h, title);
	(void)fprintf(h->to, "</title>\n<style>%s</style></head><body%s>\n", style,
		      h->options->certificate ? " class=\"cert\"" : "");
}

static void put_term(const struct html *h, const char *term, const char *text)
{
	if (!text || !*text)
		return;
	(void)fprintf(h->to, "<dt>%s<dd>", term);
	html_text(h, text);
	(void)fputs("\n", h->to);
}

static void put_health(const struct html *h)
{
	const struct facts *f = h->facts;
	const char *health = f->health ?: "Unknown";
	AUTO_FREE char *counts = facts_counts(f);

	(void)fprintf(h->to, "<dt>health<dd><strong class=\"%s\">", html_class(health));
	html_text(h, health);
	(void)fprintf(h->to, "</strong> %s\n", counts);
}

static void put_header(const struct html *h, const char *title)
{
	const json_t *audit = json_object_get(h->document, "audit");
	AUTO_FREE char *words = facts_audit(h->facts);

	(void)fputs("<header><div><h1>", h->to);
	html_text(h, title);
	(void)fputs("</h1><dl>", h->to);
	put_term(h, "serial", h->facts->serial ?: "unknown");
	put_health(h);
	put_term(h, "audit", words);
	put_term(h, "started", record_text(audit, "started"));
	put_term(h, "file", h->options->path);
	(void)fputs("<dt>sha256<dd><code>", h->to);
	html_text(h, h->options->digest);
	(void)fputs("</code></dl></div>\n", h->to);
	html_code(h);
	(void)fputs("</header>\n", h->to);
}

char *html_page(const json_t *document, const struct html_options *options)
{
	struct facts facts;
	struct html h = { .document = document, .facts = &facts, .options = options };
	AUTO_FREE char *title = NULL;
	char *page = NULL;
	size_t len = 0;

	facts_count(&facts, document);
	title = xasprintf("%s%s%s", facts.manufacturer ?: "",
			  facts.manufacturer && facts.model ? " " : "",
			  facts.model
				  ?: facts.manufacturer ? facts.model ?: ""
							: "machine of unknown make");
	h.to = open_memstream(&page, &len);
	if (!h.to)
		return NULL;
	put_head(&h, title);
	put_header(&h, title);
	(void)fputs("<nav aria-label=\"Sections\"><ul>", h.to);
	if (options->certificate)
		(void)fputs("<li><a href=\"#certificate\">Certificate</a>", h.to);
	(void)fputs("<li><a href=\"#findings\">Findings</a>"
		    "<li><a href=\"#parts\">Parts</a><li><a href=\"#pcie\">PCIe</a>"
		    "<li><a href=\"#jobs\">Jobs</a><li><a "
		    "href=\"#lists\">Lists</a></ul></nav>\n"
		    "<main>\n",
		    h.to);
	if (options->certificate)
		html_certificate(&h);
	html_findings(&h);
	html_picture(&h);
	html_tree(&h);
	html_jobs(&h);
	html_lists(&h);
	(void)fputs("</main></body></html>\n", h.to);
	return fclose(h.to) ? NULL : page;
}
