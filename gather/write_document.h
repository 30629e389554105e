/* From all that was gathered to the document's bytes; bee-audit.json(5) describes it. */
#ifndef BEE_GATHER_WRITE_DOCUMENT_H
#define BEE_GATHER_WRITE_DOCUMENT_H

#include "jobs.h"

/*
 * Builds the document and writes it to `fd`: sorted keys, two blanks a level, ASCII only.
 * While it is over `max` bytes, the records of the jobs with the most of them are left
 * out. 0 or -errno.
 */
MUST_CHECK int document_write(struct gather *gather, int fd, uint64_t max,
			      struct gather_reply *reply);

#endif
