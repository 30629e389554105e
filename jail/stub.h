/* The stub's own state; its parts are stub.c, relay.c (bytes) and refused.c (calls). */
#ifndef BEE_JAIL_STUB_H
#define BEE_JAIL_STUB_H

#include "jail.h"
#include "message.h"

#include <poll.h>

/* Bytes from one pipe to another, by splice and tee, counted against a cap. */
struct relay {
	int in;   /* -1 once it ended */
	int out;  /* -1: nobody reads any more */
	int file; /* a copy, or -1 */
	uint64_t moved, cap;
	bool discard; /* past the cap bytes are thrown away, not refused */
	bool blocked; /* `out` was full */
	bool capped;
	bool broken;    /* whoever read `out` has stopped */
	bool file_lost; /* could not be written to its end */
};

struct refused {
	int call;
	uint32_t arg;
	uint64_t count;
};

struct stub {
	const struct jail *jail;
	bool has_reader; /* else the tool's output goes to jail->out itself */
	int null, signals;
	int sync;       /* reads what the tool's child says; -1 once it has exec'd */
	int sync_write; /* -1 once that child has a descriptor table of its own */
	int listener;   /* -1 until the filter is on */
	bool listener_gone;
	uint32_t enforced; /* of the tool, as its child has read it back */
	pid_t tool, reader;
	bool tool_done, reader_done;
	bool terminating;
	bool exec_done; /* the one CONTINUE was given */
	struct relay out, err;
	struct refused refused[JAIL_DENIED_MAX];
	unsigned refused_count;
	struct jail_result result;
};

/* relay.c. relay_move: false when it is over for a reason that ends the job. */
bool relay_move(struct stub *stub, struct relay *relay);
void relay_drain(struct stub *stub, struct relay *relay);
void relay_poll(const struct relay *relay, struct pollfd *in, struct pollfd *out);

/* refused.c */
void refused_answer(struct stub *stub);
void refused_report(const struct stub *stub);

#endif
