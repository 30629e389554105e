/* From policies to jobs: which there are, in which order, and when one may start. */
#include "monitor.h"

#include <stdlib.h>
#include <string.h>

static char *job_name(const struct policy *policy, const struct step *step,
		      const char *instance)
{
	return xasprintf("%s/%s%s%s", policy->collector, step->name,
			 instance[0] ? "@" : "", instance);
}

static void argv_pack(struct gather_job *entry, const struct step *step,
		      const char *instance)
{
	for (size_t i = 0; step->argv[i]; i++) {
		AUTO_FREE char *word = policy_expand(step->argv[i], instance);
		size_t len = strlen(word) + 1;

		if (entry->argv_len + len > sizeof(entry->argv))
			return;
		memcpy(entry->argv + entry->argv_len, word, len);
		entry->argv_len += (uint32_t)len;
	}
}

/* The job's place in the document does not depend on which lister answered first. */
static uint64_t order_of(const struct monitor *monitor, const struct job *job)
{
	uint64_t step =
		(uint64_t)(job->step - monitor->policies[job->policy_index]->steps);

	return (uint64_t)job->policy_index << 32 | step << 24 | (job->number & 0xffffff);
}

/* Gives the job a number and an entry in the document. */
void plan_enter(struct monitor *monitor, struct job *job)
{
	struct gather_msg msg = { .type = GATHER_JOB };

	_Static_assert(sizeof(msg.job_entry.name) > JOB_NAME_MAX, "every name fits");
	job->number = monitor->numbered++;
	msg.job = job->number;
	msg.job_entry.policy = job->policy_index;
	msg.job_entry.order = order_of(monitor, job);
	(void)snprintf(msg.job_entry.name, sizeof(msg.job_entry.name), "%s", job->name);
	argv_pack(&msg.job_entry, job->step, job->instance);
	gatherer_send(monitor, &msg, -1, -1);
}

static struct job *job_new(struct monitor *monitor, unsigned policy,
			   const struct step *step, const char *instance)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->policy = monitor->policies[policy];
	job->policy_index = policy;
	job->step = step;
	(void)snprintf(job->instance, sizeof(job->instance), "%s", instance);
	job->name = job_name(job->policy, step, instance);
	if (step->group)
		job->group = policy_expand(step->group, instance);
	job->pidfd = job->control = -1;
	job->done.tool_status = job->done.collector_status = -1;
	job->failure.index = -1;
	monitor->jobs = xrealloc_array(monitor->jobs, monitor->job_count + 1,
				       sizeof(struct job *));
	monitor->jobs[monitor->job_count++] = job;
	return job;
}

/* An earlier audit's job of this name is still there: looked at, not started. */
static void still_stuck(struct monitor *monitor, struct job *job)
{
	settle_job(monitor, job, JOB_STUCK,
		   "still stuck since an earlier audit; not started");
	look_at(monitor, &job, 1);
}

struct job *plan_add(struct monitor *monitor, unsigned policy, const struct step *step,
		     const char *instance)
{
	struct job *job = job_new(monitor, policy, step, instance);

	plan_enter(monitor, job);
	if (ledger_find(job))
		still_stuck(monitor, job);
	return job;
}

static void lister_add(struct monitor *monitor, unsigned policy, const struct step *step)
{
	struct job *job = job_new(monitor, policy, step, "");

	job->lister = !ledger_find(job);
	if (job->lister)
		return;
	plan_enter(monitor, job);
	still_stuck(monitor, job);
}

/*
 * The first step of every collector before the second of any: where turns are few, each
 * collector has had one, and what takes long has started early.
 */
void plan_make(struct monitor *monitor)
{
	for (unsigned s = 0; s < POLICY_STEPS_MAX; s++)
		for (unsigned p = 0; p < monitor->policy_count; p++) {
			const struct step *step = &monitor->policies[p]->steps[s];

			if (s >= monitor->policies[p]->step_count)
				continue;
			if (step->each)
				lister_add(monitor, p, step);
			else
				plan_add(monitor, p, step, "");
		}
}

static bool settled(const struct job *job)
{
	return job->state == JOB_SETTLED || job->state == JOB_ABANDONED;
}

/* True while a job (or the lister) of the step `job` comes after has not ended. */
static bool waits_for_step(const struct monitor *monitor, const struct job *job)
{
	for (size_t i = 0; i < monitor->job_count; i++) {
		const struct job *other = monitor->jobs[i];

		if (other->policy == job->policy && !settled(other) &&
		    !strcmp(other->step->name, job->step->after))
			return true;
	}
	return false;
}

static bool same_group(const struct job *a, const struct job *b)
{
	return a != b && a->policy == b->policy && a->group && b->group &&
	       !strcmp(a->group, b->group);
}

/* One job of a group at a time, in the order of the policy; none once one is stuck. */
static bool group_allows(struct monitor *monitor, struct job *job)
{
	for (size_t i = 0; i < monitor->job_count; i++) {
		const struct job *other = monitor->jobs[i];

		if (!same_group(job, other) || other->lister)
			continue;
		if (other->status == JOB_STUCK && settled(other)) {
			AUTO_FREE char *why = xasprintf("%s is stuck", other->name);

			settle_job(monitor, job, JOB_SKIPPED, why);
			return false;
		}
		if (!settled(other) &&
		    (other->state != JOB_WAITING || other->step < job->step))
			return false;
	}
	return true;
}

static bool lock_free(const struct monitor *monitor, const struct job *job)
{
	for (size_t i = 0; i < monitor->running_count; i++) {
		const struct job *other = monitor->running[i];

		if (other->step->lock && !strcmp(other->step->lock, job->step->lock))
			return false;
	}
	return true;
}

/* A stuck job still uses what its lock is for. */
static bool lock_lost(struct monitor *monitor, struct job *job)
{
	for (size_t i = 0; i < monitor->job_count; i++) {
		const struct job *other = monitor->jobs[i];

		if (other->status == JOB_STUCK && settled(other) && other->step->lock &&
		    !strcmp(other->step->lock, job->step->lock)) {
			AUTO_FREE char *why =
				xasprintf("%s is stuck and holds the lock %s",
					  other->name, job->step->lock);

			settle_job(monitor, job, JOB_SKIPPED, why);
			return true;
		}
	}
	return false;
}

bool plan_ready(struct monitor *monitor, struct job *job)
{
	if (job->lister)
		return true;
	if (job->group && !group_allows(monitor, job))
		return false;
	if (job->step->after && waits_for_step(monitor, job))
		return false;
	return !job->step->lock || (!lock_lost(monitor, job) && lock_free(monitor, job));
}
