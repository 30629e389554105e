/*
 * What the monitor tells the gatherer: fixed-size messages over a SOCK_SEQPACKET socket.
 * The monitor is trusted and the gatherer is not: nothing but the document and one
 * struct gather_reply comes back.
 */
#ifndef BEE_LIB_GATHER_MSG_H
#define BEE_LIB_GATHER_MSG_H

#include "enforced.h"
#include "util.h"

#define GATHER_SOCKET_FD 3 /* in bee-gather: the socket to the monitor */
/* in bee-gather: a pipe; the document's bytes, then closed */
#define GATHER_DOCUMENT_FD 4
/* bytes; a larger document is cut down to statuses */
#define GATHER_DOCUMENT_MAX (64u << 20)
#define GATHER_JOBS_MAX 8192

enum gather_type {
	GATHER_AUDIT,  /* first, once */
	GATHER_POLICY, /* once per policy, index counts up from 0 */
	GATHER_JOB,    /* once per job entry, job counts up from 0 */
	GATHER_PIPES, /* with two descriptors: records pipe, stderr pipe (both read ends) */
	GATHER_DENIED, /* one refused system call of a job */
	GATHER_LOOK,   /* with one descriptor: pipe from the look process (see below) */
	GATHER_AROUND, /* with one descriptor: pipe from who looks at other processes */
	GATHER_END,    /* the job is settled; its records pipe is drained, then closed */
	GATHER_FINISH, /* drain what is there, write the document, reply, exit */
	GATHER_TYPES
};

struct gather_audit {
	char version[48];
	char policy_dir[256];
	char kernel[72];         /* uname release */
	char machine[24];        /* uname machine */
	char boot_id[40];        /* /proc/sys/kernel/random/boot_id, or "" */
	char cgroup[32];         /* "v2", "v2 without controllers", "v1", "none" */
	int64_t started_unix_ms; /* CLOCK_REALTIME */
	uint32_t timeout_ms;
	uint32_t parallel_jobs;
	int32_t landlock_abi; /* 0: none */
	uint32_t replay; /* 1: from a captured folder: nothing in it is of this machine */
	char only[256];  /* --only's collectors, separated by commas; "": not given */
	char with[256];  /* --with's */
	int64_t stopped_ms; /* of the audit's time, how long it could not run, so far */
};

struct gather_policy {
	uint32_t index;
	char collector[32];
	char file[256];
	char sha256[65];
	uint64_t emits;
};

struct gather_job {
	uint32_t policy; /* index */
	uint64_t order;  /* collectors[] is sorted by it: policy, step, instance */
	char name[128];  /* "storage/smart@sda" */
	char argv[1024]; /* NUL-separated; empty for a read step and for a list job */
	uint32_t argv_len;
};

struct gather_denied {
	char call[32];   /* "ioctl", "socket", or "syscall 500" */
	char detail[32]; /* "0x5401" for an ioctl, else "" */
	uint64_t count;
};

struct gather_end {
	uint32_t
		status; /* enum job_status, before the gatherer's own view of the records */
	char reason[256];       /* the monitor's words, ASCII; "" for ok */
	uint32_t started;       /* the tool was started (exec allowed) */
	char path[256];         /* of the program, "" unknown */
	int32_t exit_code;      /* of the tool, -1: none */
	int32_t signal;         /* that ended the tool, 0: none */
	int32_t collector_exit; /* bee-collect's exit code, -1: none */
	int32_t collector_signal;
	uint32_t duration_ms;
	int32_t started_ms; /* since the audit's start, -1: it never was */
	uint64_t stdout_bytes,
		stderr_bytes;  /* what the tool wrote, as far as it was moved */
	uint32_t truncated;    /* bit 0 stdout cap, bit 1 stderr cap */
	uint32_t enforced;     /* enum enforced */
	uint64_t denied_total; /* refused calls, also those beyond the listed ones */
	int64_t since_unix_ms; /* stuck since an earlier audit; 0: no */
};

struct gather_finish {
	int32_t interrupted; /* the signal that ended the audit, or 0 */
	uint32_t elapsed_ms;
	int64_t stopped_ms; /* as in gather_audit, since then */
};

struct gather_msg {
	uint32_t type; /* enum gather_type */
	uint32_t job;  /* of GATHER_JOB, _PIPES, _DENIED, _LOOK, _END */
	union {
		struct gather_audit audit;
		struct gather_policy policy;
		struct gather_job job_entry;
		struct gather_denied denied;
		struct gather_end end;
		struct gather_finish finish;
	};
};

/* The gatherer's only message, after the document's last byte. */
struct gather_reply {
	uint64_t document_bytes;
	/* Jobs that are not ok, absent or unavailable in the document. */
	uint32_t incomplete;
	/* Those that are starved there, a bit for each number, of which the monitor says that they are stuck. */
	uint8_t starved[GATHER_JOBS_MAX / 8];
};

/*
 * The look process writes, per process of a stuck job, one frame:
 *   "pid\0starttime\0comm\0state\0wchan\0stack\0" and then one more "\0".
 * All of it is to be taken as hostile bytes (comm is the tool's choice); the deepest
 * process comes first. "stack" has one function per line, or is empty. Of GATHER_AROUND it is
 * "2\0" and such frames, or nothing at all; no more than a pipe holds, read at GATHER_FINISH.
 */

#endif
