/* The gatherer as the monitor sees it: messages go out in order, nothing here blocks. */
#ifndef BEE_RUNNER_GATHERER_H
#define BEE_RUNNER_GATHERER_H

#include "clock.h"
#include "gather_msg.h"
#include "job.h"

struct gatherer;
struct tell;

/* `program` is bee-gather, opened; errors are told to `tell`. Never NULL. */
struct gatherer *gatherer_start(int program, struct tell *tell);
/* Takes the descriptors; -1: none. */
void gatherer_send(struct gatherer *gatherer, const struct gather_msg *msg, int fd0,
		   int fd1);
/* Tells it of a job that gets an entry in the document. */
void gatherer_enter(struct gatherer *gatherer, const struct job *job);
/* The socket to wait for, -1 when nothing is to be sent. */
int gatherer_poll_fd(const struct gatherer *gatherer, short *events);
void gatherer_flush(struct gatherer *gatherer);
/* Sends FINISH and reads the document until `after` past T: owned bytes, and what it says of them; or NULL. */
char *gatherer_finish(struct gatherer *gatherer, struct audit_clock *clock, nsec_t after,
		      size_t *len, struct gather_reply *reply);

#endif
