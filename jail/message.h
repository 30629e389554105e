/* What a jail and who started it say to each other: fixed-size messages on a SEQPACKET socket. */
#ifndef BEE_JAIL_MESSAGE_H
#define BEE_JAIL_MESSAGE_H

#include "jail_stage.h"

#include <stdint.h>

#define JAIL_TEXT_MAX 256

struct jail_failure {
	uint32_t stage;
	int32_t error;            /* positive errno; 0: no failure */
	char path[JAIL_TEXT_MAX]; /* what it is about, or "" */
};

enum jail_msg_type {
	/* to the jail */
	JAIL_MSG_TERM, /* TERM to the tool's session, end of file to the reader */
	JAIL_MSG_KILL, /* KILL to tool and reader */
	/* from the jail */
	JAIL_MSG_SETUP,       /* failure: nothing has run */
	JAIL_MSG_ABSENT,      /* failure.path: it is missing */
	JAIL_MSG_UNAVAILABLE, /* the program is not installed */
	JAIL_MSG_STARTED,     /* its program runs, under what is enforced */
	JAIL_MSG_ENDING, /* a cap, or the reader is gone: the jail has sent TERM itself */
	JAIL_MSG_DENIED,
	JAIL_MSG_ASKED, /* `denied`: the device command that has no answer when TERM comes */
	JAIL_MSG_RESULT,
	JAIL_MSG_TYPES /* from here on other users of the socket have theirs */
};

/* How many are taken at once: more than a socket holds, so that nothing is left of who has ended,
 * and not without an end where a child goes on and on. */
#define JAIL_MSG_A_TURN 1024

struct jail_result {
	int32_t tool_status;   /* wait status, -1: none */
	int32_t reader_status; /* wait status, -1: none */
	uint32_t
		reader_first; /* it stopped reading before it had all: the tool's end is due to that */
	uint64_t stdout_bytes, stderr_bytes;
	uint32_t truncated; /* bit 0 stdout, bit 1 stderr */
	uint32_t copy_lost; /* a copy_ file could not be written */
	uint64_t denied_total;
};

#define JAIL_DENIED_MAX 64 /* distinct refused calls that are told */

struct jail_denied {
	int32_t call; /* system call number; below 0 a device's transport */
	uint32_t arg; /* ioctl number, the transport's command, else 0 */
	uint64_t count;
};

struct jail_msg {
	uint32_t type;
	union {
		struct jail_failure failure;
		struct jail_denied denied;
		struct {
			uint32_t enforced; /* enum gather_enforced, read back */
			char path[JAIL_TEXT_MAX];
		} started;
		struct jail_result result;
		char text[JAIL_TEXT_MAX];
		uint32_t number;
	};
};

/* Sends one message; a receiver that is gone ends the process. */
void message_send(int control, const struct jail_msg *msg);
/* Sends `failure` with `type` and exits. */
_Noreturn void message_fail(int control, uint32_t type,
			    const struct jail_failure *failure);
/* The same for a call that has just failed: SETUP with errno. */
_Noreturn void message_fail_errno(int control, enum jail_stage stage);

#endif
