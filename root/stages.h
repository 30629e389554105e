/* The two processes behind booted_start(), and what they say on their socket. */
#ifndef BEE_ROOT_STAGES_H
#define BEE_ROOT_STAGES_H

#include "booted.h"

/*
 * A tmpfs lies here in the namespaces that are being made: /run is on every machine, and
 * what is taken from below it has been opened before.
 */
#define STAGE "/run"

enum stage_type {
	TOLD_FAILED, /* failure */
	TOLD_CHILD,  /* pid: of the process that becomes pid 1 */
	TOLD_BUILT,  /* with the console's descriptor, where there is one */
};

struct stage_message {
	uint32_t type;
	int32_t pid;
	struct booted_failure failure;
};

/* What both processes know. */
struct stage {
	const struct booted *booted;
	int control; /* SOCK_SEQPACKET to booted_start() */
	int notify;  /* a datagram socket without a name yet */
	int user_ns; /* -1: the machine's */
};

/* Sends one message, with descriptor `fd` unless -1. */
void stage_send(const struct stage *stage, const struct stage_message *message, int fd);
/* Tells that what it was doing to `path` failed with errno, and ends. */
_Noreturn void stage_fail(const struct stage *stage, const char *what, const char *path);

/* Of one that has ended. NULL, or what does not go. */
const char *stage_unmount_gone(void);

/* The first process: in a mount namespace of its own, with the machine's rights. */
_Noreturn void stage_prepare(const struct stage *stage);
/* The second: in all namespaces. */
_Noreturn void stage_enter(const struct stage *stage);

#endif
