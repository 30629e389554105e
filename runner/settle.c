/* A job's status from what its stub said and what the monitor did; told once to everybody. */
#include "settle.h"
#include "ledger.h"
#include "progress.h"
#include "starved.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
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

void settle_enter(struct monitor *monitor, struct job *job)
{
	job->number = monitor->numbered++;
	gatherer_enter(monitor->gatherer, job);
	progress_note(job);
}

/* The job's last message to the gatherer. */
static void end_send(const struct monitor *monitor, const struct job *job,
		     const char *reason)
{
	struct gather_msg msg = { .type = GATHER_END, .job = job->number };
	struct gather_end *end = &msg.end;

	end->status = job->status;
	(void)snprintf(end->reason, sizeof(end->reason), "%s", reason);
	end->started = job->tool_started;
	(void)snprintf(end->path, sizeof(end->path), "%s", job->path);
	end->exit_code = exit_code_of(job->result.tool_status);
	end->signal = signal_of(job->result.tool_status);
	end->collector_exit = exit_code_of(job->result.reader_status);
	end->collector_signal = signal_of(job->result.reader_status);
	end->duration_ms =
		job->started ? (uint32_t)((job->ended - job->started) / NSEC_PER_MSEC)
			     : 0;
	end->started_ms =
		job->started
			? (int32_t)((job->started - monitor->clock.start) / NSEC_PER_MSEC)
			: -1;
	end->stdout_bytes = job->result.stdout_bytes;
	end->stderr_bytes = job->result.stderr_bytes;
	end->truncated = job->result.truncated;
	end->denied_total = job->result.denied_total;
	end->enforced = job->enforced;
	end->since_unix_ms = job->since_ms;
	gatherer_send(monitor->gatherer, &msg, -1, -1);
}

void settle_job(struct monitor *monitor, struct job *job, enum job_status status,
		const char *reason)
{
	job->status = status;
	if (job->state != JOB_ABANDONED)
		job->state = JOB_SETTLED;
	job->ended = clock_now();
	/* A lister whose instances have entries needs none; any other is its step's one. */
	if (job->lister && status == JOB_OK)
		return;
	if (job->lister) {
		job->lister = false;
		settle_enter(monitor, job);
	}
	if (status != JOB_OK && status != JOB_ABSENT && status != JOB_UNAVAILABLE)
		monitor->incomplete++;
	end_send(monitor, job, reason);
	progress_note(job);
	if (job->result.copy_lost)
		tell_error(monitor->tell, "%s: its output could not be captured",
			   job->name);
	/* Whether one that was left behind is stuck or starved is known at the end: settle_reply. */
	tell_line(monitor->tell, "%s: %s%s%s", job->name,
		  job->state == JOB_ABANDONED && status == JOB_STUCK
			  ? "left behind"
			  : job_status_names[status],
		  reason[0] ? ": " : "", reason);
}

/* Said that nothing was there to run. */
static bool nothing_ran(const struct job *job)
{
	return job->absent || job->unavailable || job->not_captured;
}

/*
 * Whether its network namespace is as it was, now that all its processes are gone: what outlives those,
 * devices, addresses, rules and limits, the kernel lets only a capability or uid 0 change. And whoever
 * has a socket leaves what was counted of it (/proc/net/snmp), and the socket itself, its name still
 * taken, where it is on its way to itself (unix(7), SCM_RIGHTS).
 */
static bool network_untouched(const struct job *job)
{
	const struct step *step = job->step;

	return (nothing_ran(job) && !job->tool_started) ||
	       (!step->uid0 && !step->caps && !policy_performer_caps(step) &&
		!call_has(step->syscalls, SYS_socket) &&
		!call_has(step->syscalls, SYS_socketpair));
}

static void network_close(struct job *job)
{
	if (job->network >= 0)
		close(job->network);
	job->network = -1;
}

static void reap(struct monitor *monitor, struct job *job)
{
	running_remove(monitor, job);
	close(job->child.control);
	close(job->child.pidfd);
	job->child.control = job->child.pidfd = -1;
	slots_free(&monitor->slots, job->slot);
	ledger_strike(job->slot);
	if (network_untouched(job))
		networks_give_back(&monitor->networks, job->network);
	else
		network_close(job);
	if (job->child.cgroup)
		cgroup_remove(&monitor->cgroup, job->number);
}

static void absent_reason(const struct job *job, char *out, size_t size)
{
	if (job->failure.path[0])
		(void)snprintf(out, size, "there is no %.200s", job->failure.path);
	else
		(void)snprintf(out, size, "there was none when this was captured");
}

/* The tool's own end, when nobody ended it. */
static enum job_status tool_status(const struct job *job, char *reason, size_t size)
{
	int32_t code = exit_code_of(job->result.tool_status);
	int32_t signo = signal_of(job->result.tool_status);
	enum job_status status;

	if (signo) {
		(void)snprintf(reason, size, "the tool was ended by SIG%s",
			       sigabbrev_np(signo) ?: "?");
		return signo == SIGSYS ? JOB_DENIED : JOB_CRASHED;
	}
	status = policy_exit_status(job->step, (unsigned)code);
	if (status != JOB_OK)
		(void)snprintf(reason, size, "the tool exited with %d", code);
	/* A tool whose device commands are refused finds no device, and may say so. */
	if ((status == JOB_FAILED && job->result.denied_total > 0) ||
	    ((status == JOB_ABSENT || status == JOB_UNAVAILABLE) &&
	     job->commands_refused > 0)) {
		(void)snprintf(reason, size,
			       "the tool exited with %d after refused calls", code);
		return JOB_DENIED;
	}
	return status;
}

/* True where it came to its deadline for want of a processor, which says nothing of the hardware. */
static bool starved(const struct monitor *monitor, const struct job *job, char *reason,
		    size_t size)
{
	if (!job->child.term_sent || monitor->clock.interrupted || !starved_was(job))
		return false;
	(void)snprintf(reason, size, "it had a processor for %.1f of %.1f s",
		       (double)job->ran / (double)NSEC_PER_SEC,
		       (double)(clock_now() - job->started) / (double)NSEC_PER_SEC);
	return true;
}

/* The collector's end; the gatherer, which knows the records, may make it worse. */
static enum job_status reader_status(const struct job *job, char *reason, size_t size)
{
	int32_t code = exit_code_of(job->result.reader_status);
	int32_t signo = signal_of(job->result.reader_status);

	if (signo) {
		(void)snprintf(reason, size, "the collector was ended by SIG%s",
			       sigabbrev_np(signo) ?: "?");
		return JOB_CRASHED;
	}
	if (code == BEE_DATAERR)
		(void)snprintf(reason, size, "not all of the output could be understood");
	else if (code > 0)
		(void)snprintf(reason, size, "the collector exited with %d", code);
	else if (job->result.reader_first)
		(void)snprintf(reason, size, "the collector ended before the tool");
	else
		return JOB_OK;
	return code > 0 && code != BEE_DATAERR ? JOB_FAILED : JOB_PARTIAL;
}

/* What the device had been asked when time was over, after what `reason` says already. */
static void asked_add(const struct job *job, char *reason, size_t size)
{
	char word[32], command[48];
	size_t len = strlen(reason);

	if (!job->asked)
		return;
	command_label(job->asked, job->asked_key, word, sizeof(word), command,
		      sizeof(command));
	(void)snprintf(reason + len, size - len, "; no answer to %s %s", word, command);
}

static enum job_status status_of(const struct monitor *monitor, const struct job *job,
				 char *reason, size_t size)
{
	enum job_status status, tool;
	double wall = (double)(clock_now() - job->started) / (double)NSEC_PER_SEC;

	/* Before it has started its tool a stub is nobody's but ours. */
	if (job->tool_started && nothing_ran(job)) {
		(void)snprintf(reason, size,
			       "the job's process says that it ran and that it did not");
		return JOB_CRASHED;
	}
	/* What fails while we end the job fails because of that. */
	if (job->failure.error && !job->absent && !job->child.term_sent) {
		job_failure_text(&job->failure, reason, size);
		return JOB_SETUP;
	}
	if (job->absent) {
		absent_reason(job, reason, size);
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
	if (job->result.truncated & 1) {
		(void)snprintf(reason, size, "output ended at the cap of %llu bytes",
			       (unsigned long long)job->step->limits.stdout_bytes);
		return JOB_TRUNCATED;
	}
	if (starved(monitor, job, reason, size))
		return JOB_STARVED;
	if (job->child.term_sent || (!job->result_seen && job->ending)) {
		(void)snprintf(reason, size, "%s after %.1f s",
			       monitor->clock.interrupted ? "interrupted"
							  : "did not end: ended by us",
			       wall);
		asked_add(job, reason, size);
		return JOB_TIMEOUT;
	}
	if (!job->result_seen) {
		(void)snprintf(reason, size, "the job's process ended unexpectedly");
		return JOB_CRASHED;
	}
	status = reader_status(job, reason, size);
	if (status == JOB_CRASHED || status == JOB_FAILED || job->result.reader_first)
		return status;
	tool = tool_status(job, reason, size);
	return tool == JOB_OK ? status : tool;
}

/* How a lister ended. Only `ok`, with every name listed, leaves its step without an entry. */
static enum job_status lister_status(const struct monitor *monitor, const struct job *job,
				     char *reason, size_t size)
{
	const char *each = job->step->each;
	bool told = job->absent || (job->result_seen && !job->failure.error);

	if (!told && job->failure.error) {
		job_failure_text(&job->failure, reason, size);
		return JOB_SETUP;
	}
	if (!told && starved(monitor, job, reason, size))
		return JOB_STARVED;
	if (!told) {
		(void)snprintf(reason, size, "listing %s %s", each,
			       !job->child.term_sent        ? "ended unexpectedly"
			       : monitor->clock.interrupted ? "was interrupted"
							    : "did not end");
		return job->child.term_sent ? JOB_TIMEOUT : JOB_CRASHED;
	}
	if (job->bad_names) {
		(void)snprintf(reason, size,
			       "%u names in %s cannot be instances: left out",
			       job->bad_names, each);
		return JOB_PARTIAL;
	}
	if (job->listed)
		return JOB_OK;
	if (monitor->options->replay && !job->absent) {
		(void)snprintf(reason, size, "not captured");
		return JOB_SKIPPED;
	}
	(void)snprintf(reason, size, "nothing matches %s", each);
	return JOB_ABSENT;
}

void settle_ended(struct monitor *monitor, struct job *job)
{
	char reason[256] = "";
	enum job_status status;

	reap(monitor, job);
	status = job->lister ? lister_status(monitor, job, reason, sizeof(reason))
			     : status_of(monitor, job, reason, sizeof(reason));
	settle_job(monitor, job, status, reason);
}

void settle_unstarted(struct monitor *monitor, struct job *job, int error)
{
	char reason[256];

	job->failure = (struct jail_failure){ .stage = STAGE_CLONE, .error = error };
	job_failure_text(&job->failure, reason, sizeof(reason));
	settle_job(monitor, job, JOB_SETUP, reason);
}

void settle_stuck(struct monitor *monitor, struct job *job)
{
	char reason[256];

	running_remove(monitor, job);
	/* Nothing more is asked of it by these; where many hang, others need them. */
	close(job->child.control);
	close(job->child.pidfd);
	job->child.control = job->child.pidfd = -1;
	network_close(job);
	job->state = JOB_ABANDONED;
	/* Its uid slot, its cgroup and its entry in the ledger stay with it. */
	(void)!ledger_note(job);
	if (starved(monitor, job, reason, sizeof(reason))) {
		settle_job(monitor, job, JOB_STARVED, reason);
		return;
	}
	(void)snprintf(reason, sizeof(reason),
		       "pid %d was not reaped after KILL and grace", job->child.pid);
	asked_add(job, reason, sizeof(reason));
	settle_job(monitor, job, JOB_STUCK, reason);
}

void settle_reply(struct monitor *monitor, const struct gather_reply *reply)
{
	/* The gatherer may find more amiss than we have; that it finds less is not believed, as it has
	 * read what tools wrote. */
	if (monitor->incomplete < reply->incomplete)
		monitor->incomplete = reply->incomplete;
	for (size_t i = 0; i < monitor->job_count; i++) {
		struct job *job = monitor->jobs[i];

		if (job->state == JOB_ABANDONED && job->status == JOB_STUCK &&
		    job->number < GATHER_JOBS_MAX &&
		    reply->starved[job->number / 8] & 1u << job->number % 8)
			job->status = JOB_STARVED;
	}
}

#define NAMED_MAX 3u /* of jobs in one line */

char *settle_worst(const struct monitor *monitor)
{
	static const enum job_status order[] = { JOB_STUCK,   JOB_CRASHED,   JOB_TIMEOUT,
						 JOB_FAILED,  JOB_DENIED,    JOB_SETUP,
						 JOB_STARVED, JOB_TRUNCATED, JOB_PARTIAL,
						 JOB_SKIPPED };
	char *text = xasprintf("%u of %u jobs", monitor->incomplete, monitor->numbered);
	unsigned named = 0;

	for (size_t turn = 0; turn < ARRAY_LEN(order); turn++)
		for (size_t i = 0; i < monitor->job_count && named < NAMED_MAX; i++) {
			const struct job *job = monitor->jobs[i];
			char *longer;

			if (job->lister || job->status != order[turn])
				continue;
			longer = xasprintf("%s%s %s %s", text, named ? "," : ":",
					   job->name, job_status_names[job->status]);
			free(text);
			text = longer;
			named++;
		}
	if (named > 0 && monitor->incomplete > named) {
		char *longer =
			xasprintf("%s and %u more", text, monitor->incomplete - named);

		free(text);
		text = longer;
	}
	return text;
}
