/* One screen: the summary, and the QR code beside or below it where nothing is lost by it. */
#ifndef BEE_REPORT_SCREEN_H
#define BEE_REPORT_SCREEN_H

#include <jansson.h>

#include "util.h"

struct screen_options {
	unsigned columns, lines; /* of the screen; one line is left for the prompt */
	bool screen; /* there is one: a terminal, or its size was given; else all is shown */
	bool qr, utf8, color;
	bool notes;              /* also findings that are information */
	const char *path, *note; /* or NULL */
	const char *where;       /* " FILE" for bee show; "" is the last audit */
	const char *digest;
};

/* The whole output, NUL-ended; owned by the caller. */
char *screen_build(const json_t *document, const struct screen_options *options);
/* The code alone; NULL: the screen is too small for any. */
char *screen_code(const json_t *document, const struct screen_options *options);

#endif
