/* The pipes of the jobs: records line by line, and what else is kept of them. */
#ifndef BEE_GATHER_PIPES_H
#define BEE_GATHER_PIPES_H

#include "jobs.h"

/* bytes of a job's stderr; policies cap it lower */
#define PIPES_STDERR_MAX (256u << 10)
#define PIPES_LOOK_MAX (64u << 10) /* bytes of one look */

/* Reads what is in one pipe of a job, at most `chunks` times; closes it at its end. */
void pipe_read(struct gather *gather, uint32_t job, enum job_pipe which, unsigned chunks);
/* Reads what is in the pipe of the look around, without waiting, and closes it. */
void pipe_around(struct gather *gather);
/* Reads all that is in a pipe for the last time, and closes it. */
void pipe_finish(struct gather *gather, uint32_t job, enum job_pipe which);

#endif
