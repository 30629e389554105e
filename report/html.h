/* One audit as one page that needs nothing else: no script, no other file, no network. */
#ifndef BEE_REPORT_HTML_H
#define BEE_REPORT_HTML_H

#include "facts.h"

#include <jansson.h>

#define HTML_TEXT_MOST 600 /* bytes of one text */

struct certificate;

struct html_options {
	const char *digest;                    /* of the document, in hexadecimal */
	const char *path;                      /* where it is, or NULL */
	bool serials;                          /* a table of serial numbers */
	bool code;                             /* a QR code */
	const struct certificate *certificate; /* on top, and alone on paper; or NULL */
};

/* The page, NUL-ended UTF-8; owned by the caller. */
char *html_page(const json_t *document, const struct html_options *options);

/* What the page's parts are written with, html_*.c. */
struct html {
	FILE *to;
	const json_t *document;
	const struct facts *facts;
	const struct html_options *options;
};

/* Text of any origin: nothing of it is markup, and what is too long is cut. "" for NULL. */
void html_text(const struct html *h, const char *text);
/* A cell of a table with it. */
void html_cell(const struct html *h, const char *text);
/* "ok", "warn", "crit" or "none" for a word of health or severity. */
const char *html_class(const char *health);
/* <section> with a heading, and its end. */
void html_begin(const struct html *h, const char *id, const char *heading);
void html_end(const struct html *h);
/* <table> with these headings, NULL after the last, and its end. */
void html_table(const struct html *h, const char *name, const char *const headings[]);
void html_table_end(const struct html *h);

void html_findings(const struct html *h);
void html_picture(const struct html *h);
void html_tree(const struct html *h);
void html_jobs(const struct html *h);
void html_lists(const struct html *h);
/* The code as SVG. */
void html_code(const struct html *h);

#endif
