/* From all that was gathered to the document's bytes; bee-audit.json(5) describes it. */
#ifndef BEE_GATHER_DOCUMENT_H
#define BEE_GATHER_DOCUMENT_H

#include "jobs.h"
#include "status.h"

/* What the document says of a job: the monitor's status, after a look at its records. */
struct verdict {
	enum job_status status;
	char *reason; /* owned, never NULL */
};
struct verdict document_verdict(const struct job *job);

/* Not ok, absent or unavailable: such a job makes the audit incomplete. */
bool document_incomplete(enum job_status status);

/*
 * Builds the document and writes it to `fd`: sorted keys, two blanks a level, ASCII only.
 * While it is over `max` bytes, the records of the jobs with the most of them are left
 * out. 0 or -errno.
 */
MUST_CHECK int document_write(struct gather *gather, int fd, uint64_t max,
			      struct gather_reply *reply);

struct findings;

/* The parts, each a new reference. */
json_t *document_collectors(const struct gather *gather, const struct verdict *verdicts);
json_t *document_errors(const struct gather *gather);
json_t *document_identity(const json_t *document);
json_t *document_health(const json_t *document, const struct gather *gather,
			const struct verdict *verdicts, const struct findings *findings);
/* Puts memory.summary.installed_bytes, and the kernel's error counts to their modules. */
void document_memory(json_t *document);
/* Every firmware version of the document's records, sorted by key; a new reference. */
json_t *document_firmware(const json_t *document);
/* Puts pcie.devices[].slot, and leaves out boards and chassis that are there twice. */
void document_board(json_t *document);
/* index[name] = record; null where another has that name: neither is known to be right. */
void document_index(json_t *index, const char *name, json_t *record);
/* A JSON string of a text that a collector may have chosen. */
json_t *document_text(const char *text);
/* RFC 3339 in UTC with milliseconds. */
json_t *document_time(int64_t unix_ms);

#endif
