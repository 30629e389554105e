/* How far the audit is, told in a file (lib/progress_file.h) and on stderr. */
#ifndef BEE_RUNNER_PROGRESS_H
#define BEE_RUNNER_PROGRESS_H

#include "clock.h"
#include "monitor.h"

/* Makes the file, after ledger_lock. What fails here or below is not told: nothing rests on it. */
void progress_begin(const struct audit_clock *clock);
/* What has become of a job that has a number. Nothing where no file was made. */
void progress_note(const struct job *job);
/* The line of progress on stderr, as it is now. */
void progress_tell(const struct monitor *monitor);

#endif
