/* What the gatherer knows of each job: its records, its trouble, what the monitor said of
 * it. */
#ifndef BEE_GATHER_JOBS_H
#define BEE_GATHER_JOBS_H

#include "buffer.h"
#include "gather_msg.h"
#include "lines.h"
#include "merge.h"

#define GATHER_PROBLEMS_MAX 32 /* distinct entries in errors[] of one job */

struct problem {      /* an entry of errors[] */
	char *where;  /* owned or NULL: a collector's place in its input */
	char *reason; /* owned, any bytes */
	uint64_t count;
};

enum job_pipe { PIPE_RECORDS, PIPE_STDERR, PIPE_LOOK, JOB_PIPES };

struct gathered {
	char *name;     /* owned */
	uint64_t order; /* its place in the document */
	uint32_t policy;
	char *argv; /* owned, NUL-separated */
	uint32_t argv_len;
	int fds[JOB_PIPES]; /* owned, -1: none */
	bool had_pipes;
	struct lines lines;
	struct buffer error_text, look;
	uint32_t sequence;        /* of its next record */
	uint64_t records;         /* kept */
	size_t memory;            /* bytes its kept records take */
	bool refused;             /* at least one record or line was left out */
	bool dropped;             /* its records were left out of the document */
	bool lost;                /* its tool says that it could not tell all */
	struct problem *problems; /* owned */
	unsigned problem_count;
	char *program, *version; /* owned or NULL: what the collector said of the tool */
	struct gather_denied *denied; /* owned */
	unsigned denied_count;
	struct gather_end *end; /* owned or NULL: not settled */
};

struct gather {
	struct gather_audit audit;
	bool has_audit;
	struct gather_policy *policies; /* owned */
	unsigned policy_count;
	struct gathered *jobs; /* owned */
	unsigned job_count, job_room;
	uint32_t *sorted; /* owned: indices of jobs in the document's order, or NULL */
	struct merge merge;
	int around_fd;        /* owned, -1: none */
	struct buffer around; /* what came of it */
	struct gather_finish finish;
};

/* Appends an entry; `policy` must exist. 0 or -EINVAL. */
MUST_CHECK int gather_add_job(struct gather *gather, const struct gather_job *entry);
void gather_done(struct gather *gather);
/* Fills `sorted`; no job may be added after. */
void gather_sort(struct gather *gather);

/* Notes an entry of errors[]; equal ones are counted. `where` may be NULL. */
void gather_problem(struct gathered *job, const char *where, const char *reason);

#endif
