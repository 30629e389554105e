/* What the gatherer knows of each job: its pipes, its stderr, its entries in errors[]. */
#include "jobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int gather_add_job(struct gather *gather, const struct gather_job *entry)
{
	struct gathered *job;

	if (entry->policy >= gather->policy_count ||
	    entry->argv_len > sizeof(entry->argv))
		return -EINVAL;
	if (gather->job_count == gather->job_room) {
		gather->job_room = gather->job_room ? 2 * gather->job_room : 32;
		gather->jobs = xrealloc_array(gather->jobs, gather->job_room,
					      sizeof(*gather->jobs));
	}
	job = &gather->jobs[gather->job_count++];
	*job = (struct gathered){ .policy = entry->policy,
				  .order = entry->order,
				  .fds = { -1, -1, -1 } };
	job->name = xasprintf("%.*s", (int)sizeof(entry->name) - 1, entry->name);
	job->argv = xcalloc(entry->argv_len + 1, 1);
	memcpy(job->argv, entry->argv, entry->argv_len);
	job->argv_len = entry->argv_len;
	return 0;
}

static void job_done(struct gathered *job)
{
	for (int i = 0; i < JOB_PIPES; i++)
		if (job->fds[i] >= 0)
			close(job->fds[i]);
	for (unsigned i = 0; i < job->problem_count; i++) {
		free(job->problems[i].where);
		free(job->problems[i].reason);
	}
	free(job->problems);
	lines_end(&job->lines);
	free(job->name);
	free(job->argv);
	buffer_drop(&job->error_text);
	buffer_drop(&job->look);
	free(job->program);
	free(job->version);
	free(job->denied);
	free(job->end);
}

void gather_done(struct gather *gather)
{
	merge_done(&gather->merge);
	buffer_drop(&gather->around);
	for (unsigned i = 0; i < gather->job_count; i++)
		job_done(&gather->jobs[i]);
	free(gather->jobs);
	free(gather->policies);
	free(gather->sorted);
	*gather = (struct gather){ 0 };
}

static int compare_order(const void *left, const void *right, void *arg)
{
	const struct gathered *jobs = arg;
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	if (jobs[a].order != jobs[b].order)
		return jobs[a].order < jobs[b].order ? -1 : 1;
	return a < b ? -1 : a > b;
}

void gather_sort(struct gather *gather)
{
	if (gather->sorted)
		return;
	gather->sorted = xcalloc(gather->job_count, sizeof(*gather->sorted));
	for (uint32_t i = 0; i < gather->job_count; i++)
		gather->sorted[i] = i;
	qsort_r(gather->sorted, gather->job_count, sizeof(*gather->sorted), compare_order,
		gather->jobs);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

void gather_problem(struct gathered *job, const char *where, const char *reason)
{
	struct problem *p;

	for (unsigned i = 0; i < job->problem_count; i++) {
		p = &job->problems[i];
		if (same(p->where, where) && same(p->reason, reason)) {
			p->count++;
			return;
		}
	}
	if (job->problem_count == GATHER_PROBLEMS_MAX) {
		job->problems[GATHER_PROBLEMS_MAX - 1].count++;
		return;
	}
	/* The last place stands for all that have none of their own. */
	if (job->problem_count == GATHER_PROBLEMS_MAX - 1) {
		where = NULL;
		reason = "more kinds of trouble than are listed";
	}
	job->problems = xrealloc_array(job->problems, job->problem_count + 1,
				       sizeof(*job->problems));
	p = &job->problems[job->problem_count++];
	*p = (struct problem){ where ? xstrdup(where) : NULL, xstrdup(reason), 1 };
}
