/* How far the audit is, told in a file and on stderr. */
#include "progress.h"

#include "progress_file.h"
#include "status.h"

#include <fcntl.h>
#include <unistd.h>

static int file = -1;

static void record_write(const char *record, off_t number)
{
	(void)!pwrite(file, record, PROGRESS_RECORD, number * PROGRESS_RECORD);
}

void progress_begin(const struct audit_clock *clock)
{
	char record[PROGRESS_RECORD] = "";

	file = open(PROGRESS_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (file < 0)
		return;
	(void)snprintf(record, sizeof(record), PROGRESS_MAGIC " %d %lld %lld\n", getpid(),
		       (long long)(clock->start / NSEC_PER_MSEC),
		       (long long)(clock->timeout / NSEC_PER_MSEC));
	record_write(record, 0);
}

static const char *state_of(const struct job *job)
{
	if (job->state == JOB_SETTLED || job->state == JOB_ABANDONED)
		return job_status_names[job->status];
	return job->started ? PROGRESS_RUNS : PROGRESS_WAITS;
}

void progress_note(const struct job *job)
{
	char record[PROGRESS_RECORD] = "";

	_Static_assert(JOB_NAME_MAX + 80 < PROGRESS_RECORD, "every job fits");
	if (file < 0 || job->lister)
		return;
	(void)snprintf(record, sizeof(record), "%s %s %lld %lld\n", job->name,
		       state_of(job), (long long)(job->started / NSEC_PER_MSEC),
		       (long long)(job->ended / NSEC_PER_MSEC));
	record_write(record, (off_t)job->number + 1);
}

void progress_tell(const struct monitor *monitor)
{
	const struct job *oldest = NULL;

	for (size_t i = 0; i < monitor->running_count; i++)
		if (!oldest || monitor->running[i]->started < oldest->started)
			oldest = monitor->running[i];
	tell_progress(monitor->tell, "%zu of %zu jobs running, %.0f of %.0f s%s%s",
		      monitor->running_count, monitor->job_count,
		      (double)(clock_now() - monitor->options->start) /
			      (double)NSEC_PER_SEC,
		      (double)monitor->options->timeout / (double)NSEC_PER_SEC,
		      oldest ? ", oldest: " : "", oldest ? oldest->name : "");
}
