/* What a run was seen to do: finds, each once, in the order in which they came. */
#ifndef BEE_LEARN_LOG_H
#define BEE_LEARN_LOG_H

#include "policy.h"

enum find_kind {
	FIND_PATH, /* a file or folder that was looked up and was there, by its name or by where that leads */
	FIND_TREE, /* a folder whose names were read, or in which a link was looked at */
	FIND_LOOKED, /* a folder that was only looked at */
	FIND_NODE,   /* a device that was opened */
	FIND_EXEC,
	FIND_IOCTL,   /* "0x5401" */
	FIND_COMMAND, /* "scsi INQUIRY": a line as a policy has it */
	FIND_CAP,     /* "CAP_NET_RAW": a guess */
	FIND_ROOT,    /* a file that is root's alone */
	FIND_LOST,    /* what no policy grants, in words */
};

struct find {
	enum find_kind kind;
	bool write;   /* FIND_NODE: it was opened to be written to, too */
	char *what;   /* owned */
	char *by;     /* owned: the program */
	char *detail; /* owned: what it was asked of; or NULL */
};

struct run_log {
	struct find *finds;
	size_t count, room;
	uint64_t calls[POLICY_SYSCALL_MAX / 64];
	char *call_by[POLICY_SYSCALL_MAX]; /* owned: the first program that called it */
	bool writes;                       /* something was opened to be written to */
	bool network;                      /* an interface was asked of */
	bool other_sockets;                /* than those that a policy may grant */
	bool granted_socket;
	unsigned tasks, tasks_most;
	char *program;     /* owned: path of what was started first */
	char *interpreter; /* owned: what the kernel ran for it; or NULL */
	nsec_t took;
	int status; /* as wait(2) tells it */
};

/* The one find of this kind and text; made where it is new. */
struct find *log_add(struct run_log *log, enum find_kind kind, const char *what,
		     const char *by);
PRINTF_LIKE(3, 4)
void log_lost(struct run_log *log, const char *by, const char *fmt, ...);
void log_done(struct run_log *log);

#endif
