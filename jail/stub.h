/* The stub's own state; its parts are stub.c, relay.c (bytes) and refused.c (calls). */
#ifndef BEE_JAIL_STUB_H
#define BEE_JAIL_STUB_H

#include "jail.h"
#include "message.h"

#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>

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

/* Of the one device command that is under way. */
struct asked {
	pid_t copier;     /* 0: there is no broker */
	int socket;       /* to the copier; -1: it has gone */
	bool ready;       /* the copier is confined, and there is a performer */
	uint32_t step;    /* enum broker_step that the copier is at; BROKER_READY: none */
	uint64_t id;      /* of the notification */
	uint32_t request; /* of ioctl(2) */
	uint32_t transport, key; /* what is asked, as the copier says */
	cpu_set_t anywhere;      /* where the tool may be; the others share a processor */
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
	struct asked asked;
	struct relay out, err;
	struct jail_denied refused[JAIL_DENIED_MAX];
	unsigned refused_count;
	struct jail_result result;
};

/* stub.c. Tells why, with errno, and ends. */
_Noreturn void setup_failed(const struct stub *stub, enum jail_stage stage);

/* relay.c. relay_move: false when it is over for a reason that ends the job. */
bool relay_move(struct stub *stub, struct relay *relay);
void relay_drain(struct stub *stub, struct relay *relay);
void relay_poll(const struct relay *relay, struct pollfd *in, struct pollfd *out);

/* refused.c. `call` is a system call's number, or below 0 a transport of device commands. */
void refused_count(struct stub *stub, int call, uint32_t arg);
void refused_answer(struct stub *stub);
void refused_report(const struct stub *stub);

/* asked.c. `device` is the node, not yet opened; it is closed here. */
void asked_start(struct stub *stub, int device);
bool asked_of(const struct stub *stub, const struct seccomp_notif *request);
void asked_take(struct stub *stub, const struct seccomp_notif *request);
void asked_read(struct stub *stub);
/* Whether the listener can be heard: the copier is ready, and at nothing. */
bool asked_idle(const struct stub *stub);
/* Tells who started the jail what the performer has not yet answered, if anything. */
void asked_tell(const struct stub *stub);

#endif
