/* One job: a step on an instance in its own sandbox. */
#ifndef BEE_RUNNER_JOB_H
#define BEE_RUNNER_JOB_H

#include "child.h"
#include "gather_msg.h"
#include "message.h"
#include "policy.h"

#define JOB_NAME_MAX (2 * POLICY_NAME_MAX + 2 + POLICY_INSTANCE_MAX)
#define JOBS_MAX GATHER_JOBS_MAX

enum job_state {
	JOB_WAITING,
	JOB_RUNNING,  /* job.child says where on the ladder it is */
	JOB_SETTLED,  /* reaped, or never started */
	JOB_ABANDONED /* stuck */
};

struct job {
	const struct policy *policy;
	const struct step *step;
	unsigned policy_index;
	char instance[POLICY_INSTANCE_MAX + 1]; /* "" for a step without each */
	char *name;                             /* owned: "storage/smart@sda" */
	char *group;                            /* owned: expanded; or NULL */
	unsigned number;                        /* in the document; listers have none */
	bool lister;
	unsigned listed, bad_names; /* a lister's counts */
	enum job_state state;
	struct jail_child child;
	unsigned slot;
	int network; /* to be used again when the job is gone; -1: none is */
	nsec_t started, ended;
	enum { STARVED_NOT_ASKED, STARVED_ASKED, STARVED_NOT, STARVED } starved;
	nsec_t ran; /* as far as that was asked */
	bool result_seen, ending, hung_up, tool_started;
	bool unavailable, absent, not_captured;
	struct jail_failure failure;
	struct jail_result result;
	uint32_t enforced;
	int asked; /* the transport of a device command without an answer; 0: none */
	uint32_t asked_key;
	unsigned denied_told;      /* refused calls and commands, each told once */
	uint64_t commands_refused; /* of the tool's device commands */
	char path[JAIL_TEXT_MAX];
	int64_t since_ms; /* stuck since an earlier audit */
	enum job_status status;
};

/* What replay and lister say beyond what a jail says (message.h). */
enum job_msg_type {
	JOB_MSG_NOT_CAPTURED = JAIL_MSG_TYPES, /* the folder has nothing of this job */
	JOB_MSG_INSTANCE,                      /* text */
	JOB_MSG_BAD_NAME, /* number of directory entries whose name cannot be an instance */
	JOB_MSG_TYPES
};

/* What the child of a job is given. All borrowed; descriptors are the child's to keep. */
struct job_context {
	const struct job *job;
	int control;    /* socket to the monitor */
	int records;    /* pipe to the gatherer: the collector's stdout */
	int errors;     /* pipe to the gatherer: what the tool says on stderr */
	int collect_fd; /* the program bee-collect */
	int copier_fd, performer_fd; /* and those of device commands */
	int landlock_abi;
	int base;    /* of root_base() */
	int network; /* to run in; -1: the jail makes one */
	const struct cgroup *cgroup;
	const char *capture; /* folder for raw output, or NULL */
	const char *replay;  /* captured folder to run from, or NULL */
};

/* A job's name, and its place in a captured folder: "COLLECTOR/STEP[@INSTANCE]"; owned. */
char *job_path(const struct policy *policy, const struct step *step,
	       const char *instance);
/* bee-collect's command line for this job; owned. */
char **job_collector_argv(const struct job *job);
/* "STAGE (PATH): ERROR", into `out` as far as it fits. */
void job_failure_text(const struct jail_failure *failure, char *out, size_t size);

#endif
