/* A job's status from what its stub said and what the monitor did; told once to everybody. */
#include "monitor.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void running_remove(struct monitor *monitor, const struct job *job)
{
	for (size_t i = 0; i < monitor->running_count; i++)
		if (monitor->running[i] == job) {
			monitor->running[i] = monitor->running[--monitor->running_count];
			return;
		}
}

static int32_t exit_code_of(int32_t status)
{
	return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int32_t signal_of(int32_t status)
{
	return status >= 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static uint32_t enforced_of(const struct monitor *monitor, const struct job *job)
{
	uint32_t bits = job->enforced;

	if (!job->tool_started || monitor->options->replay)
		return 0;
	bits |= ENFORCED_SECCOMP | ENFORCED_RLIMIT_MEMORY;
	if (monitor->landlock_abi > 0)
		bits |= ENFORCED_LANDLOCK;
	if (job->step->limits.tasks == 1)
		bits |= ENFORCED_TASKS_FILTER;
	else if (!job->step->uid0)
		bits |= ENFORCED_TASKS_RLIMIT;
	return bits;
}

void settle_job(struct monitor *monitor, struct job *job, enum job_status status,
		const char *reason)
{
	struct gather_msg msg = { .type = GATHER_END };
	struct gather_end *end = &msg.end;

	job->status = status;
	if (job->state != JOB_ABANDONED)
		job->state = JOB_SETTLED;
	job->ended = clock_now();
	if (job->lister) /* no entry in the document; settle_lister makes one where needed */
		return;
	if (status != JOB_OK && status != JOB_ABSENT && status != JOB_UNAVAILABLE)
		monitor->incomplete++;
	msg.job = job->number;
	end->status = status;
	(void)snprintf(end->reason, sizeof(end->reason), "%s", reason);
	end->started = job->tool_started;
	(void)snprintf(end->path, sizeof(end->path), "%s", job->path);
	end->exit_code = exit_code_of(job->done.tool_status);
	end->signal = signal_of(job->done.tool_status);
	end->collector_exit = exit_code_of(job->done.collector_status);
	end->collector_signal = signal_of(job->done.collector_status);
	end->duration_ms =
		job->started ? (uint32_t)((job->ended - job->started) / NSEC_PER_MSEC)
			     : 0;
	end->stdout_bytes = job->done.stdout_bytes;
	end->stderr_bytes = job->done.stderr_bytes;
	end->truncated = job->done.truncated;
	end->denied_total = job->done.denied_total;
	end->enforced = enforced_of(monitor, job);
	end->since_unix_ms = job->since_ms;
	gatherer_send(monitor, &msg, -1, -1);
	if (job->done.capture_lost)
		tell_error(monitor->tell, "%s: its output could not be captured",
			   job->name);
	tell_line(monitor->tell, "%s: %s%s%s", job->name, job_status_names[status],
		  reason[0] ? ": " : "", reason);
}

/* A lister's end: entries for what it could not list, so that nothing is missing in silence. */
static void settle_lister(struct monitor *monitor, struct job *job,
			  enum job_status status, const char *reason)
{
	settle_job(monitor, job, status, reason);
	if (status == JOB_OK && job->listed && !job->bad_names)
		return;
	job->lister = false; /* from here it is the step's one entry */
	if (status == JOB_OK && job->bad_names) {
		AUTO_FREE char *why =
			xasprintf("%u names in %s cannot be instances: left out",
				  job->bad_names, job->step->each);

		plan_enter(monitor, job);
		settle_job(monitor, job, JOB_PARTIAL, why);
		return;
	}
	if (status == JOB_OK) {
		bool unknown = monitor->options->replay && !job->absent;
		AUTO_FREE char *why =
			unknown ? xstrdup("not captured")
				: xasprintf("nothing matches %s", job->step->each);

		status = unknown ? JOB_SKIPPED : JOB_ABSENT;
		plan_enter(monitor, job);
		settle_job(monitor, job, status, why);
		return;
	}
	plan_enter(monitor, job);
	settle_job(monitor, job, status, reason);
}

static void reap(struct monitor *monitor, struct job *job)
{
	running_remove(monitor, job);
	close(job->control);
	close(job->pidfd);
	job->control = job->pidfd = -1;
	monitor->slots[job->slot] = false;
	if (!job->lister && !monitor->options->replay)
		cgroup_remove(&monitor->cgroup, job->number);
}

static void grant_reason(const struct job *job, char *out, size_t size)
{
	int index = job->failure.index;

	if (index < 0 || (unsigned)index >= job->step->grant_count) {
		(void)snprintf(out, size, "there was none when this was captured");
		return;
	}
	AUTO_FREE char *path =
		policy_expand(job->step->grants[index].path, job->instance);
	char *wild = path + strcspn(path, "*{");

	/* Of a pattern, the folder that would have to be there. */
	if (*wild)
		while (wild > path && *wild != '/')
			*wild-- = '\0';
	if (wild > path && *wild == '/')
		*wild = '\0';
	(void)snprintf(out, size, "there is no %s", path);
}

static void setup_reason(const struct job *job, char *out, size_t size)
{
	char where[200] = "";

	if (job->failure.index >= 0 &&
	    (unsigned)job->failure.index < job->step->grant_count)
		(void)snprintf(where, sizeof(where), " (%s)",
			       job->step->grants[job->failure.index].path);
	(void)snprintf(out, size, "%s%s: %s",
		       (unsigned)job->failure.stage < STAGE_COUNT
			       ? job_stage_names[job->failure.stage]
			       : "unknown stage",
		       where, strerrordesc_np(job->failure.error) ?: "unknown error");
}

/* The tool's own end, when nobody ended it. */
static enum job_status tool_status(const struct job *job, char *reason, size_t size)
{
	int32_t code = exit_code_of(job->done.tool_status);
	int32_t signo = signal_of(job->done.tool_status);
	enum job_status status;

	if (signo) {
		(void)snprintf(reason, size, "the tool was ended by SIG%s",
			       sigabbrev_np(signo) ?: "?");
		return signo == SIGSYS ? JOB_DENIED : JOB_CRASHED;
	}
	status = policy_exit_status(job->step, (unsigned)code);
	if (status != JOB_OK)
		(void)snprintf(reason, size, "the tool exited with %d", code);
	if (status == JOB_FAILED && job->done.denied_total > 0) {
		(void)snprintf(reason, size,
			       "the tool exited with %d after refused calls", code);
		return JOB_DENIED;
	}
	return status;
}

static enum job_status status_of(const struct monitor *monitor, const struct job *job,
				 char *reason, size_t size)
{
	enum job_status status;
	double wall = (double)(clock_now() - job->started) / (double)NSEC_PER_SEC;

	/* What fails while we end the job fails because of that. */
	if (job->failure.error && !job->absent && !job->term_sent) {
		setup_reason(job, reason, size);
		return JOB_SETUP;
	}
	if (job->absent) {
		grant_reason(job, reason, size);
		return JOB_ABSENT;
	}
	if (job->not_captured) {
		(void)snprintf(reason, size, "not captured");
		return JOB_SKIPPED;
	}
	if (job->unavailable) {
		(void)snprintf(reason, size, "%s is not installed",
			       job->step->argv[0] ?: policy_own_program(job->step));
		return JOB_UNAVAILABLE;
	}
	if (job->done.truncated & 1) {
		(void)snprintf(reason, size, "output ended at the cap of %llu bytes",
			       (unsigned long long)job->step->limits.stdout_bytes);
		return JOB_TRUNCATED;
	}
	if (job->term_sent || (!job->done_seen && job->ending)) {
		(void)snprintf(reason, size, "%s after %.1f s",
			       monitor->interrupted ? "interrupted"
						    : "did not end: ended by us",
			       wall);
		return JOB_TIMEOUT;
	}
	if (!job->done_seen) {
		(void)snprintf(reason, size, "the job's process ended unexpectedly");
		return JOB_CRASHED;
	}
	if (signal_of(job->done.collector_status)) {
		(void)snprintf(reason, size, "the collector was ended by SIG%s",
			       sigabbrev_np(signal_of(job->done.collector_status))
				       ?: "?");
		return JOB_CRASHED;
	}
	status = tool_status(job, reason, size);
	if (status == JOB_OK && exit_code_of(job->done.collector_status) > 0) {
		/* The gatherer, which knows the records, may make it `failed`. */
		(void)snprintf(reason, size, "not all of the output could be understood");
		return JOB_PARTIAL;
	}
	return status;
}

void settle_done(struct monitor *monitor, struct job *job)
{
	char reason[256] = "";
	enum job_status status;

	reap(monitor, job);
	if (job->lister) {
		bool ok = job->absent || (job->done_seen && !job->failure.error);

		if (!ok && job->failure.error)
			setup_reason(job, reason, sizeof(reason));
		else if (!ok)
			(void)snprintf(reason, sizeof(reason), "listing %s did not end",
				       job->step->each);
		settle_lister(monitor, job,
			      ok                   ? JOB_OK
			      : job->failure.error ? JOB_SETUP
						   : JOB_TIMEOUT,
			      reason);
		return;
	}
	status = status_of(monitor, job, reason, sizeof(reason));
	settle_job(monitor, job, status, reason);
}

void settle_stuck(struct monitor *monitor, struct job *job)
{
	char reason[256];

	running_remove(monitor, job);
	close(job->control);
	job->control = -1;
	job->state = JOB_ABANDONED;
	/* Its uid slot and its cgroup stay with it. */
	(void)snprintf(reason, sizeof(reason),
		       "pid %d was not reaped after KILL and grace", job->pid);
	if (job->lister)
		settle_lister(monitor, job, JOB_STUCK, reason);
	else
		settle_job(monitor, job, JOB_STUCK, reason);
}
