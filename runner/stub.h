/* The stub's own state; its parts are stub.c, flow.c (bytes), refused.c (calls), capture.c. */
#ifndef BEE_RUNNER_STUB_H
#define BEE_RUNNER_STUB_H

#include "job.h"

#include <poll.h>

/* Bytes from one pipe to another, by splice and tee, counted against a cap. */
struct flow {
	int in;   /* -1 once it ended */
	int out;  /* -1: nobody reads any more */
	int file; /* capture, or -1 */
	uint64_t moved, cap;
	bool discard; /* past the cap bytes are thrown away, not refused */
	bool blocked; /* `out` was full */
	bool capped;
	bool file_lost; /* could not be written to its end */
};

struct refused {
	int call;
	uint32_t arg;
	uint64_t count;
};

struct stub {
	const struct job_context *ctx;
	int null, signals;
	int sync,
		sync_write; /* -1 once the tool has its own descriptor table / has exec'd */
	int listener;       /* -1 until the filter is on */
	bool listener_gone;
	pid_t tool, collector;
	bool tool_done, collector_done;
	bool terminating;
	bool exec_done; /* the one CONTINUE was given */
	struct flow out, err;
	struct refused refused[JOB_DENIED_MAX];
	unsigned refused_count;
	struct job_done done;
	int capture_folder; /* valid when ctx->capture */
};

/* flow.c. flow_move: false when the flow is over for a reason that ends the job. */
bool flow_move(struct stub *stub, struct flow *flow);
void flow_drain(struct stub *stub, struct flow *flow);
void flow_poll(const struct flow *flow, struct pollfd *in, struct pollfd *out);

/* refused.c */
void refused_answer(struct stub *stub);
void refused_report(const struct stub *stub);

/* capture.c */
void capture_open(struct stub *stub);
void capture_nothing(const struct stub *stub, const char *word);
void capture_status(const struct stub *stub);

#endif
