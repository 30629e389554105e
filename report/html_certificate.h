/* The certificate of bee accept, on top of a page. */
#ifndef BEE_REPORT_HTML_CERTIFICATE_H
#define BEE_REPORT_HTML_CERTIFICATE_H

#include "html.h"

struct certificate {
	const char *
		verdict_path; /* what bee verify --format json wrote; NULL: no certificate */
	const char *spec_path; /* what it was checked against */
	const char *signer;    /* the key's number, or NULL */

	int verdict_fd, spec_fd;
	json_t *verdict;      /* owned */
	char *spec;           /* owned; any bytes but NUL */
	char spec_digest[65]; /* SHA-256 of its file, in hexadecimal */
};

/* Opens both files, then reads them, which needs no rights; each ends the program where it
 * cannot. Nothing is done where there is no certificate. */
void certificate_open(struct certificate *certificate);
void certificate_read(struct certificate *certificate);
void certificate_done(struct certificate *certificate);

/* Of h->options->certificate, which is not NULL. */
void html_certificate(const struct html *h);

#endif
