/* One line of a collector that may have been taken over: a record to keep, or why not. */
#ifndef BEE_GATHER_INTAKE_H
#define BEE_GATHER_INTAKE_H

#include "jobs.h"

#define INTAKE_KEY_MAX 256  /* bytes of a record's key and of a property's name */
#define INTAKE_DEPTH_MAX 32 /* nesting of a record */
#define INTAKE_JOB_MEMORY (64u << 20) /* bytes one job's parsed records may take */
#define INTAKE_MEMORY (256u << 20)    /* bytes all parsed records may take */

/*
 * Counts every byte jansson allocates, so that a record can be refused for what it would
 * take. Call first.
 */
void intake_init(void);

/* One line from a job's records pipe: keeps the record or notes why not. */
void intake_line(struct gather *gather, uint32_t job, const char *line, size_t len);

#endif
