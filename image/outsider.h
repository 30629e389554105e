/*
 * A process without rights that takes apart what others wrote: modules of a kernel, documents of
 * an audit. It is handed files, and gives texts back.
 */
#ifndef BEE_IMAGE_OUTSIDER_H
#define BEE_IMAGE_OUTSIDER_H

#include "util.h"

#include <sys/types.h>

enum outsider_task {
	OUTSIDER_MODINFO, /* a module: its texts, modinfo.h */
	OUTSIDER_WANTS,   /* a document: what its machine needs, wants.h */
	OUTSIDER_TEXT,    /* a file: its bytes */
};

#define OUTSIDER_ANSWER (64u << 20) /* bytes of one */

struct outsider {
	int socket;
	pid_t child; /* 0: none */
};

/* Ends the program where there is no such process. */
void outsider_start(struct outsider *o);
/*
 * What it makes of a file, from where that stands: *text of malloc, with a NUL behind. 0,
 * or -EBADMSG: it is nothing of that kind; -EFBIG: too large. Ends the program where the process has ended.
 */
MUST_CHECK int outsider_ask(struct outsider *o, enum outsider_task task, int fd,
			    char **text, size_t *len);
void outsider_end(struct outsider *o);

#endif
