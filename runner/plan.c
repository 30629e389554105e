/* From policies to jobs: which there are, in which order, and when one may start. */
#include "plan.h"
#include "ledger.h"
#include "look.h"
#include "settle.h"

#include <stdlib.h>
#include <string.h>

static struct job *job_new(struct monitor *monitor, unsigned policy,
			   const struct step *step, const char *instance)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->policy = monitor->policies[policy];
	job->policy_index = policy;
	job->step = step;
	(void)snprintf(job->instance, sizeof(job->instance), "%s", instance);
	job->name = job_path(job->policy, step, instance);
	if (step->group)
		job->group = policy_expand(step->group, instance);
	job->child.pidfd = job->child.control = -1;
	job->result.tool_status = job->result.reader_status = -1;
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
	look_start(monitor->gatherer, &job, 1);
}

void plan_add(struct monitor *monitor, unsigned policy, const struct step *step,
	      const char *instance)
{
	struct job *job = job_new(monitor, policy, step, instance);

	settle_enter(monitor, job);
	if (ledger_find(job))
		still_stuck(monitor, job);
}

static void lister_add(struct monitor *monitor, unsigned policy, const struct step *step)
{
	struct job *job = job_new(monitor, policy, step, "");

	job->lister = !ledger_find(job);
	if (job->lister)
		return;
	settle_enter(monitor, job);
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

/* A stuck job was left behind and still uses its device: it keeps its lock and its group. */
static bool stuck(const struct job *job)
{
	return job->state == JOB_ABANDONED ||
	       (job->state == JOB_SETTLED && job->status == JOB_STUCK);
}

/* One job of a group at a time, in the order of the policy; none once one is stuck. */
static enum plan_answer group_allows(const struct monitor *monitor, const struct job *job,
				     char **why)
{
	const char *holder = ledger_group_holder(job->policy->collector, job->group);
	enum plan_answer answer = PLAN_READY;

	for (size_t i = 0; i < monitor->job_count; i++) {
		const struct job *other = monitor->jobs[i];

		if (!same_group(job, other) || other->lister)
			continue;
		if (stuck(other))
			holder = other->name;
		else if (!settled(other) &&
			 (other->state != JOB_WAITING || other->step < job->step))
			answer = PLAN_WAIT;
	}
	if (!holder)
		return answer;
	*why = xasprintf("%s is stuck", holder);
	return PLAN_NEVER;
}

static bool same_lock(const struct job *a, const struct job *b)
{
	return a->step->lock && b->step->lock && !strcmp(a->step->lock, b->step->lock);
}

/* A stuck job still uses what its lock is for. */
static enum plan_answer lock_allows(const struct monitor *monitor, const struct job *job,
				    char **why)
{
	const char *holder = ledger_lock_holder(job->step->lock);

	for (size_t i = 0; i < monitor->job_count; i++)
		if (same_lock(job, monitor->jobs[i]) && stuck(monitor->jobs[i]))
			holder = monitor->jobs[i]->name;
	if (holder) {
		*why = xasprintf("%s is stuck and holds the lock %s", holder,
				 job->step->lock);
		return PLAN_NEVER;
	}
	for (size_t i = 0; i < monitor->running_count; i++)
		if (same_lock(job, monitor->running[i]))
			return PLAN_WAIT;
	return PLAN_READY;
}

enum plan_answer plan_ready(const struct monitor *monitor, const struct job *job,
			    char **why)
{
	enum plan_answer answer = PLAN_READY;

	if (job->lister)
		return answer;
	if (job->group)
		answer = group_allows(monitor, job, why);
	if (answer == PLAN_READY && job->step->after && waits_for_step(monitor, job))
		answer = PLAN_WAIT;
	if (answer == PLAN_READY && job->step->lock)
		answer = lock_allows(monitor, job, why);
	return answer;
}
