/*
 * The caller's stdout and stderr. Each is held by a child that may be abandoned, as a terminal
 * can be stopped, a pipe full, a file system dead; the monitor has sockets to the two in their
 * place. What is printed there is written to the caller's descriptor, as are the messages below.
 */
#ifndef BEE_RUNNER_STREAM_H
#define BEE_RUNNER_STREAM_H

#include "clock.h"

#include <sys/stat.h>

enum stream_kind { /* the first byte of a message: no printed text begins with it */
		   STREAM_LINE = 1, /* a line of text */
		   STREAM_EVENT,    /* the same; a terminal shows the last one only */
		   STREAM_PROGRESS, /* for terminals: a line that the next one replaces */
		   STREAM_ASK,      /* an answer is wanted */
};

/* What is known of the caller's descriptor. */
struct stream_answer {
	uint32_t number; /* of the question */
	int32_t error;   /* of what the question had to write: 0 or -errno */
	int32_t printed; /* of all that was written since the start: the first -errno, or 0 */
	bool terminal;
	uint16_t columns, lines;
	struct stat file; /* st_nlink 0: not known */
};

/* The child: serves `socket` until its end, writing to `to` (-1: the caller has closed it).
 * With `plain` nothing but lines of printable text reaches it. */
_Noreturn void stream_serve(int socket, int to, bool plain);

/* A message of text to the child at the other end of `fd`; it is lost when nobody reads. */
void stream_send(int fd, enum stream_kind kind, const char *text);
/* Asks when all that was sent before has been written; `file`, or -1, is then written too.
 * Until `after` past T. 0, the file's -errno, or -ETIMEDOUT; *answer then has nothing. */
MUST_CHECK int stream_ask(int fd, int file, struct audit_clock *clock, nsec_t after,
			  struct stream_answer *answer);

#endif
