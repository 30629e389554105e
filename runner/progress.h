/* How far the audit is, told in a file (lib/progress_file.h). */
#ifndef BEE_RUNNER_PROGRESS_H
#define BEE_RUNNER_PROGRESS_H

#include "clock.h"
#include "job.h"

/* Makes the file, after ledger_lock. What fails here or below is not told: nothing rests on it. */
void progress_begin(const struct audit_clock *clock);
/* What has become of a job that has a number. Nothing where no file was made. */
void progress_note(const struct job *job);

#endif
