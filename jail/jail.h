/*
 * One confined process tree: what a sandbox is told. Policies, hardware and the audit are not
 * known here: language/compile.c fills this in for a step of a policy, others by themselves.
 */
#ifndef BEE_JAIL_JAIL_H
#define BEE_JAIL_JAIL_H

#include "util.h"

#include <linux/filter.h>
#include <sys/types.h>

/* Something of the machine's own tree that is bound into the new root, read-only. */
struct jail_tree {
	const char *path; /* there and here */
	enum {
		JAIL_DATA,    /* nothing of it can be run */
		JAIL_LIBRARY, /* it may be mapped as code */
		JAIL_START,   /* and the tool may start it (execve) */
	} use;
	enum {
		JAIL_NEEDED,   /* without it the job is absent */
		JAIL_OPTIONAL, /* without it the job runs */
		JAIL_ONE_OF,   /* without any of those so marked the job is absent */
	} need;
};

/* A device node that is made in the new root, for the tool's uid, with just this right. */
struct jail_node {
	const char *path;
	bool write, optional;
	const char *major; /* where it is not there: a driver of /proc/devices; or NULL */
};

struct jail_exec {
	int fd; /* the program, opened outside; -1: argv[0], found as a shell would */
	char **argv;
	uid_t uid;
	uint64_t caps; /* bit N is capability N */
};

struct jail_limits {
	nsec_t wall, term, kill; /* to run; from TERM to KILL; from KILL to stuck */
	uint64_t stdout_bytes, stderr_bytes; /* caps */
	uint64_t memory_bytes; /* address space and, where there is one, cgroup */
	unsigned tasks;        /* processes and threads of the tool */
	unsigned helpers; /* processes of ours beside it: copier, performer; else 0 */
	unsigned files;   /* RLIMIT_NOFILE of the tool */
};

/*
 * Device commands that are not the tool's to send: its calls of ioctl(2) with these numbers are
 * copied by one process of its uid and performed by another, which alone has the job's device.
 * doc/adr/0028-device-commands-by-two-processes.md
 */
struct jail_broker {
	const uint32_t *requests; /* of ioctl(2) */
	unsigned request_count; /* 0: there is no broker, the tool has the nodes itself */
	int copier, performer;  /* the programs */
	uid_t uid;         /* of the performer; neither tool's, reader's nor stub's */
	uint64_t caps;     /* of the performer */
	const void *rules; /* what may be sent; not looked at here */
	size_t rules_size; /* less than a pipe holds */
};

/* Everything is borrowed; descriptors are -1 where there is none. */
struct jail {
	const struct jail_tree *trees;
	unsigned tree_count;
	const struct jail_node *nodes;
	unsigned node_count;
	bool libraries; /* the machine's libraries and the loader's cache are seen */
	struct jail_exec tool;
	struct jail_exec
		reader; /* a parser of the tool's output; fd -1: it goes to `out` */
	struct jail_broker broker;
	uid_t stub_uid;           /* of pid 1; neither the tool's nor the reader's */
	struct sock_fprog filter; /* of the tool */
	int unlisted_error;       /* positive: what a call that is not listed gets */
	struct jail_limits limits;
	bool network_host; /* the machine's network namespace, not one of its own */
	int landlock_abi;
	int base;    /* of root_base(): a failure is the job's */
	int network; /* a network namespace that nobody is in; -1: it makes its own */
	const struct cgroup *cgroup;
	unsigned number; /* in the name of its cgroup leaf */
	int control;     /* SOCK_SEQPACKET socket to who started it: message.h */
	int input;       /* a file, the tool's stdin, opened anew; 0: it has none */
	int out;         /* the reader's stdout */
	int errors;      /* what tool and reader say on stderr */
	int copy_out, copy_err; /* files that get the tool's bytes as well */
	int copy_status;        /* file that gets, at the end, how the tool ended */
};

/*
 * Runs it: the caller, just cloned into a pid namespace of its own, becomes pid 1 of
 * the jail. It says how it went by messages on `control`.
 */
_Noreturn void jail_main(const struct jail *jail);

#endif
