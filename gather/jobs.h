/* What the gatherer knows of each job: its records, its trouble, what the monitor said of
 * it. */
#ifndef BEE_GATHER_JOBS_H
#define BEE_GATHER_JOBS_H

#include "gather_msg.h"
#include "lines.h"
#include "merge.h"

/* bytes of a job's stderr; policies cap it lower */
#define GATHER_STDERR_KEEP (256u << 10)
#define GATHER_LOOK_KEEP (64u << 10) /* bytes of one look */
#define GATHER_PROBLEMS_MAX 32       /* distinct entries in errors[] of one job */
#define GATHER_KEY_MAX 256  /* bytes of a record's key and of a property's name */
#define GATHER_DEPTH_MAX 32 /* nesting of a record */
#define GATHER_JOB_MEMORY (64u << 20) /* bytes one job's parsed records may take */
#define GATHER_MEMORY (256u << 20)    /* bytes all parsed records may take */

struct problem {      /* an entry of errors[] */
	char *where;  /* owned or NULL: a collector's place in its input */
	char *reason; /* owned, any bytes */
	uint64_t count;
};

struct buffer {      /* all zero: empty */
	char *bytes; /* owned */
	size_t len, room;
};

enum job_pipe { PIPE_RECORDS, PIPE_STDERR, PIPE_LOOK, JOB_PIPES };

struct job {
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
	struct job *jobs; /* owned */
	unsigned job_count, job_room;
	uint32_t *sorted; /* owned: indices of jobs in the document's order, or NULL */
	struct merge merge;
	struct gather_finish finish;
};

/* Appends an entry; `policy` must exist. 0 or -EINVAL. */
MUST_CHECK int gather_add_job(struct gather *gather, const struct gather_job *entry);
void gather_done(struct gather *gather);
/* Fills `sorted`; no job may be added after. */
void gather_sort(struct gather *gather);

/* Reads what is in one pipe of a job, at most `chunks` times; closes it at its end. */
void gather_read(struct gather *gather, uint32_t job, enum job_pipe which,
		 unsigned chunks);
/* Drains a pipe for the last time and closes it. */
void gather_close(struct gather *gather, uint32_t job, enum job_pipe which);

/* One line from a job's records pipe: keeps the record or notes why not. */
void gather_line(struct gather *gather, uint32_t job, const char *line, size_t len);

/* Notes an entry of errors[]; equal ones are counted. `where` may be NULL. */
void gather_problem(struct job *job, const char *where, const char *reason);

/*
 * Counts every byte jansson allocates, so that a record can be refused for what it would
 * take. Call first.
 */
void gather_memory_init(void);

#endif
