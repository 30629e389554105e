/* The monitor: its state, and what each of its files does for the others. */
#ifndef BEE_RUNNER_MONITOR_H
#define BEE_RUNNER_MONITOR_H

#include "cgroup.h"
#include "gather_msg.h"
#include "job.h"
#include "policy.h"

/* Bare uids without passwd entries; doc/ARCHITECTURE.md has the map. */
#define UID_BASE 0x7bee0000u
#define UID_GATHERER (UID_BASE + 0)
#define UID_REPORT (UID_BASE + 1)
#define UID_TOOL(slot) (UID_BASE + 2 + 2 * (slot))
#define UID_COLLECTOR(slot) (UID_BASE + 3 + 2 * (slot))

#define JOB_NAME_MAX (2 * POLICY_NAME_MAX + 2 + POLICY_INSTANCE_MAX)
#define JOBS_MAX 8192
#define JOBS_DEFAULT 64
#define RESERVE (300 * NSEC_PER_MSEC) /* for look and gatherer, before T */
#define LOOK_TIME (100 * NSEC_PER_MSEC)
#define GATHER_GRACE (500 * NSEC_PER_MSEC) /* after T: then a document of our own */
#define WRITE_GRACE (700 * NSEC_PER_MSEC)  /* after T: then the document goes to stdout */
#define REPORT_GRACE (500 * NSEC_PER_MSEC) /* after T: then the summary is cut off */
#define EXIT_GRACE (850 * NSEC_PER_MSEC)   /* after T: whatever is left is left */

struct options {
	nsec_t start;   /* when the program started */
	nsec_t timeout; /* T */
	unsigned jobs;
	const char *output; /* "-": stdout */
	const char *capture, *replay, *policy_dir, *only, *with;
	bool json, quiet, dry_run;
	unsigned verbose;
};

/* options.c: ends the program on --help, --version and errors. Strings are argv's. */
void options_parse(int argc, char **argv, struct options *options);

enum job_state {
	JOB_WAITING,
	JOB_RUNNING,  /* next deadline: TERM */
	JOB_TERMED,   /* next: KILL to tool and collector */
	JOB_KILLED,   /* next: KILL to the namespace's init */
	JOB_NUKED,    /* next: stuck */
	JOB_SETTLED,  /* reaped, or never started */
	JOB_ABANDONED /* stuck */
};

struct job {
	const struct policy *policy;
	const struct step *step;
	unsigned policy_index;
	char instance[POLICY_INSTANCE_MAX + 1];
	char *name;      /* owned: "storage/smart@sda" */
	char *group;     /* owned: expanded; or NULL */
	unsigned number; /* in the document; listers have none */
	bool lister;
	unsigned listed, bad_names; /* a lister's counts */
	enum job_state state;
	unsigned slot;
	pid_t pid;
	int pidfd, control;
	nsec_t started, deadline, ended;
	bool done_seen, ending, hung_up, term_sent, tool_started;
	bool unavailable, absent, not_captured;
	struct job_failure failure;
	struct job_done done;
	uint32_t enforced;
	char path[256];
	uint64_t starttime; /* of a stuck job's init, by look; 0: see `started` */
	int64_t since_ms;   /* stuck since an earlier audit */
	enum job_status status;
};

struct gatherer; /* gatherer.c */
struct tell;     /* tell.c */

struct monitor {
	const struct options *options;
	struct policy **policies;
	unsigned policy_count;
	struct job **jobs; /* owned; listers too */
	size_t job_count, first_waiting;
	unsigned numbered;    /* jobs that have a number */
	struct job **running; /* owned array of borrowed jobs */
	size_t running_count;
	bool *slots; /* in use, or held by a stuck job */
	unsigned slot_count;
	int collect_fd, gather_fd, report_fd;
	int signals;
	int interrupted; /* signal */
	int landlock_abi;
	char boot_id[40];
	struct cgroup cgroup;
	struct gatherer *gatherer;
	struct tell *tell;
	nsec_t end; /* start + T */
	unsigned incomplete;
};

/* plan.c: jobs from policies; a job's name, and whether the ledger says it is still stuck. */
void plan_make(struct monitor *monitor);
struct job *plan_add(struct monitor *monitor, unsigned policy, const struct step *step,
		     const char *instance);
/* Gives the job a number and an entry in the document. */
void plan_enter(struct monitor *monitor, struct job *job);
/* True when `job` may start now; settles it when it may never. */
bool plan_ready(struct monitor *monitor, struct job *job);

/* spawn.c: what no job needs is given up once, for all of them. */
void spawn_prepare(const struct monitor *monitor);
/* 0 or -errno (the job is then settled as `setup` by the caller). */
MUST_CHECK int spawn_job(struct monitor *monitor, struct job *job);
/* Takes uid slot `slot` out of use. */
void slot_hold(struct monitor *monitor, unsigned slot);
/* A plain child for a helper of the monitor: 0 in the child. Its pidfd is in *pidfd. */
pid_t spawn_helper(int *pidfd);

/* settle.c: gives the job its status, tells the gatherer, the user and the ledger. */
void settle_job(struct monitor *monitor, struct job *job, enum job_status status,
		const char *reason);
/* The same from what the stub reported; the child has been reaped. */
void settle_done(struct monitor *monitor, struct job *job);
/* Not reaped after KILL and grace. */
void settle_stuck(struct monitor *monitor, struct job *job);

/* monitor.c: runs every job to its end or its last deadline. */
void monitor_run(struct monitor *monitor);
/* Waits for `fd` until `after` past T, which a signal brings forward. False: not ready. */
bool monitor_wait(struct monitor *monitor, int fd, short events, nsec_t after);

/* gatherer.c: the gatherer as the monitor sees it. Nothing here blocks. */
struct gatherer *gatherer_start(struct monitor *monitor);
void gatherer_send(struct monitor *monitor, const struct gather_msg *msg, int fd0,
		   int fd1);
int gatherer_poll_fd(const struct gatherer *gatherer, short *events);
void gatherer_flush(struct monitor *monitor);
/* Sends FINISH and reads the document until `after` past T: owned bytes, or NULL. */
char *gatherer_finish(struct monitor *monitor, nsec_t after, size_t *len);

/* document.c: what is written when the gatherer failed: the statuses alone. */
char *document_minimal(const struct monitor *monitor, size_t *len);

/* look.c: reads what stuck jobs hang in; ends by itself or is abandoned. */
void look_at(struct monitor *monitor, struct job **stuck, size_t count);
void look_wait(struct monitor *monitor, nsec_t deadline);
/* For a child: from here on it opens and reads files, writes, and nothing else. */
void look_confine(uint64_t caps);

/* ledger.c: /run/bee, the lock and the jobs that are still stuck. */
#define LEDGER_FOLDER "/run/bee"
/* Waits for the lock until `deadline`. 0, or -EAGAIN with the holder in *holder, or -errno. */
MUST_CHECK int ledger_lock(nsec_t deadline, pid_t *holder);
/* Reads what an earlier audit left and drops entries that have gone. */
void ledger_read(struct monitor *monitor);
/* True when the job of this name is still stuck: its pid and since_ms are filled in. */
bool ledger_find(struct job *job);
void ledger_write(const struct monitor *monitor);

/* writer.c: children that may be abandoned. */
/* 0 when a file can be made there; -ETIMEDOUT when nobody answers; -errno. */
MUST_CHECK int writer_probe(struct monitor *monitor, nsec_t time);
/* Writes the whole document or nothing, until `after` past T. 0, -ETIMEDOUT, -errno.
 * path "-" is stdout. */
MUST_CHECK int writer_write(struct monitor *monitor, const char *path, const char *bytes,
			    size_t len, nsec_t after);
/* Runs bee-report over the document on our stdout, until `after` past T. */
void writer_report(struct monitor *monitor, const char *bytes, size_t len,
		   const char *note, nsec_t after);

/* tell.c: progress and messages on stderr, by a child that may block. */
struct tell *tell_start(const struct options *options);
PRINTF_LIKE(2, 3) void tell_line(struct tell *tell, const char *fmt, ...);
/* The same, also when quiet. */
PRINTF_LIKE(2, 3) void tell_error(struct tell *tell, const char *fmt, ...);
PRINTF_LIKE(2, 3) void tell_progress(struct tell *tell, const char *fmt, ...);
void tell_stop(struct tell *tell, nsec_t deadline);

#endif
