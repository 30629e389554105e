/* One job: a step on an instance in its own sandbox, and what it and the monitor say to each other. */
#ifndef BEE_RUNNER_JOB_H
#define BEE_RUNNER_JOB_H

#include "policy.h"

#include <sys/types.h>

/* Where a job's child failed before its tool ran; job_stage_names has the words. */
enum job_stage {
	STAGE_CLONE,
	STAGE_SIGNALS,
	STAGE_PROGRAM,
	STAGE_NAMESPACES,
	STAGE_PRIVATE,
	STAGE_OPEN_TREE,
	STAGE_MOUNT_ROOT,
	STAGE_MOUNT_TREE,
	STAGE_MOUNT_PROC,
	STAGE_DEVICE,
	STAGE_PIVOT,
	STAGE_SEAL,
	STAGE_HOSTNAME,
	STAGE_CAPTURE,
	STAGE_PIPES,
	STAGE_COLLECTOR,
	STAGE_TOOL,
	STAGE_CGROUP,
	STAGE_RLIMIT,
	STAGE_CAPS,
	STAGE_UID,
	STAGE_LANDLOCK,
	STAGE_SECCOMP,
	STAGE_DESCRIPTORS,
	STAGE_EXEC,
	STAGE_LIST,
	STAGE_COUNT
};
extern const char *const job_stage_names[STAGE_COUNT];

/* A failure: 0 in `error` is success. `index` is a grant where the stage is about one, or -1. */
struct job_failure {
	enum job_stage stage;
	int error; /* positive errno */
	int index;
};

/* Fixed-size messages on a job's control socket (SOCK_SEQPACKET). */
enum job_msg_type {
	/* monitor to stub */
	JOB_MSG_TERM, /* TERM to the tool's session, end of file to the collector */
	JOB_MSG_KILL, /* KILL to tool and collector */
	/* stub to monitor */
	JOB_MSG_SETUP,        /* failure: nothing has run */
	JOB_MSG_ABSENT,       /* failure.index: the grant whose path is missing */
	JOB_MSG_UNAVAILABLE,  /* the program is not installed */
	JOB_MSG_NOT_CAPTURED, /* the folder has nothing of this job */
	JOB_MSG_STARTED,      /* path: of the program */
	JOB_MSG_ENDING, /* a cap, or the collector is gone: the stub has sent TERM itself */
	JOB_MSG_DENIED,
	JOB_MSG_DONE,
	/* lister to monitor */
	JOB_MSG_INSTANCE, /* text */
	JOB_MSG_BAD_NAME, /* number of directory entries whose name cannot be an instance */
	JOB_MSG_TYPES
};

struct job_done {
	int32_t tool_status;      /* wait status, -1: none */
	int32_t collector_status; /* wait status, -1: none */
	uint64_t stdout_bytes, stderr_bytes;
	uint32_t truncated;    /* bit 0 stdout, bit 1 stderr */
	uint32_t capture_lost; /* a file of --capture could not be written */
	uint64_t denied_total;
};

struct job_msg {
	uint32_t type;
	union {
		struct job_failure failure;
		struct {
			int32_t call; /* system call number */
			uint32_t arg; /* ioctl number, else 0 */
			uint64_t count;
		} denied;
		char path[256];
		struct job_done done;
		char instance[POLICY_INSTANCE_MAX + 1];
		uint32_t number;
	};
};

#define JOB_DENIED_MAX 64 /* distinct refused calls that are listed */

/* What the child of a job is given. All borrowed; descriptors are the child's to keep. */
struct job_context {
	const struct policy *policy;
	const struct step *step;
	const char *instance; /* "" for a step without each */
	int control;          /* socket to the monitor */
	int records;          /* pipe to the gatherer: the collector's stdout */
	int errors;           /* pipe to the gatherer: what the tool says on stderr */
	int collect_fd;       /* the program bee-collect */
	uid_t tool_uid, collector_uid;
	int landlock_abi;
	const struct cgroup *cgroup;
	unsigned number;     /* of the job, in its cgroup leaf's name */
	bool enter_v1;       /* cgroup_make made v1 leaves */
	const char *capture; /* folder for raw output, or NULL */
	const char *replay;  /* captured folder to run from, or NULL */
};

/* The job's main loop in the child; never returns. The stub is pid 1 of the namespaces. */
_Noreturn void stub_main(const struct job_context *ctx);
/* The same job from a captured folder: no tool, no namespace, no rights needed. */
_Noreturn void replay_main(const struct job_context *ctx);
/* Lists the instances of step->each (or of the captured folder), sends them, exits. */
_Noreturn void lister_main(const struct job_context *ctx);

/* True for what may be an instance: it becomes part of paths, arguments and messages. */
bool instance_is_good(const char *name);
/* Sends one message; a monitor that is gone ends the process. */
void job_send(int control, const struct job_msg *msg);
/* Sends `failure` with `type` and exits. */
_Noreturn void job_fail(int control, enum job_msg_type type, struct job_failure failure);

/* The tool's program as found in the search path; empty for a program of ours. */
struct job_program {
	char path[256];
	char interpreter[256]; /* of a "#!" script, else empty */
};

/*
 * jail.c: the job's root. jail_build opens every source, builds the new root with read-only
 * binds, /proc and /dev, and pivots into it. On success the program is in *program.
 * Returns JOB_MSG_STARTED when built, or the message type that says why not.
 */
enum job_msg_type jail_build(const struct job_context *ctx, struct job_program *program,
			     struct job_failure *failure);

/* confine.c: what the tool's and the collector's processes give up. Each step's failure goes
 * to *failure. confine_tool leaves the seccomp listener's descriptor in *listener. */
MUST_CHECK int confine_tool(const struct job_context *ctx,
			    const struct job_program *program, int *listener,
			    struct job_failure *failure);
MUST_CHECK int confine_collector(uid_t uid, struct job_failure *failure);
/* Takes all but `caps`, and what a stub keeps, out of the bounding set of this process and
 * of all that it starts, so that each job need not: 40 system calls in each of three
 * processes. 0 or -errno; what could not be taken the job's own step takes, or fails. */
MUST_CHECK int confine_bounding(uint64_t caps);
/* Gives up everything but CAP_KILL. 0 or -errno. */
MUST_CHECK int confine_stub(void);
/* Changes to `uid` (and gid) for good, without groups and capabilities; PDEATHSIG is set. */
MUST_CHECK int confine_drop(uid_t uid);
/* Changes to `uid` for good, with those of `caps` that are there, under `filter`. */
MUST_CHECK int confine_reader(uid_t uid, uint64_t caps, const struct sock_fprog *filter);
/* Sets both limits of RLIMIT_... to `value`, or to the hard limit there is. 0 or -1. */
MUST_CHECK int confine_limit(int resource, uint64_t value);
/* ABI version of Landlock, 0 when the kernel has none. */
int confine_landlock_abi(void);

/* Becomes bee-collect for this job; only the failure returns. */
void collector_exec(const struct job_context *ctx);
/* Becomes the step's own program; a read step's below `root` (NULL: "/"). Only the failure
 * returns. */
void own_exec(const struct job_context *ctx, const char *root);
/* Closes every descriptor from 3 up but these (-1 entries are skipped); sorts `keep`. */
void descriptors_keep(int *keep, size_t count);
/*
 * Points 0, 1 and 2 at /dev/null. For every child that may be left behind: whoever reads our
 * stdout through a pipe would wait for the end of it too.
 */
void descriptors_null(void);

#endif
