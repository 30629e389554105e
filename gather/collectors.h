/* collectors[] and errors[] of the document: one entry per job, and what went wrong where. */
#ifndef BEE_GATHER_COLLECTORS_H
#define BEE_GATHER_COLLECTORS_H

#include "verdict.h"

/* `verdicts` has one per job, by number. Each returns a new reference. */
json_t *collectors_build(const struct gather *gather, const struct verdict *verdicts);
json_t *collectors_errors(const struct gather *gather);
/* The processes of a job that did not end, as they were seen. */
json_t *collectors_stuck(const struct gathered *job);
/* The machine's other processes that hang; NULL: nobody has looked, or not twice. */
json_t *collectors_around(const struct gather *gather);

#endif
