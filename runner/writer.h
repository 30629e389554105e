/* Children that write for the monitor and may be abandoned: any file system can hang. */
#ifndef BEE_RUNNER_WRITER_H
#define BEE_RUNNER_WRITER_H

#include "clock.h"

/* Below every -errno. */
#define WRITER_CAPTURE (-5000)

/* 0 when a file can be made at `output`, and `capture` (or NULL) is a new folder now;
 * an enum output_word (output.h) when it is no file; -ETIMEDOUT when nobody answers; -errno;
 * WRITER_CAPTURE - errno when it is `capture` that cannot be. */
MUST_CHECK int writer_probe(struct audit_clock *clock, const char *output,
			    const char *capture, nsec_t time);
/* Writes the whole document or nothing, until `after` past T. 0, -ETIMEDOUT, -errno.
 * path "-" is stdout. */
MUST_CHECK int writer_write(struct audit_clock *clock, const char *path,
			    const char *bytes, size_t len, nsec_t after);
/* Runs bee-report, opened as `program`, over the document, and writes what it says to stdout,
 * until `after` past T. 0, -ETIMEDOUT, -ENODATA when it said nothing, -errno. */
MUST_CHECK int writer_report(struct audit_clock *clock, int program, const char *path,
			     const char *bytes, size_t len, const char *note,
			     nsec_t after);

#endif
