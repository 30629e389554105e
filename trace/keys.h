/* Between the person's terminal and the run's own. */
#ifndef BEE_TRACE_KEYS_H
#define BEE_TRACE_KEYS_H

#include "util.h"

#include <poll.h>

struct keys {
	int master; /* -1: there is none */
	char in[4096], out[4096];
	size_t in_len, out_len; /* bytes that are to be written on */
	bool in_ended;
	nsec_t silent; /* until when the run's terminal is not asked: nobody has it open */
};

/* The person's terminal passes on every key from now on, until keys_end or the program's end by
 * exit(3); there is one at a time. `master` is closed by keys_end. */
void keys_begin(struct keys *keys, int master);
void keys_resize(const struct keys *keys);
/* Two entries for poll(2), and what they say. */
void keys_polled(const struct keys *keys, struct pollfd polled[2]);
void keys_move(struct keys *keys, const struct pollfd polled[2]);
/* What is still to be read is passed on; the terminal is as it was. */
void keys_end(struct keys *keys);

#endif
