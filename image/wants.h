/*
 * What an audited machine needs of a kernel: its devices, from bee-audit.json(5), as the names
 * that modules are found by. As text, a line per device: its name, what it is, the module that
 * drove it where that was a loadable one, and its modalias, with tabs between; each but the name may
 * be empty.
 */
#ifndef BEE_IMAGE_WANTS_H
#define BEE_IMAGE_WANTS_H

#include "util.h"

/* The lines, of malloc, from a document. 0, or -EBADMSG: it is none. */
MUST_CHECK int wants_of(const char *json, size_t json_len, char **text, size_t *len);

struct want {
	char *device, *module, *modalias; /* borrowed, of the text */
	bool needed; /* a module drove it, or it has to be some driver's */
	bool own;    /* the kernel itself drove it: then another one may as well */
};

/* Takes the first line off *text, which it changes. False: there is no more. */
bool wants_next(char **text, struct want *want);

#endif
