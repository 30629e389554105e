/* What the gatherer knows of each job: its pipes, its stderr, its entries in errors[]. */
#include "jobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int gather_add_job(struct gather *gather, const struct gather_job *entry)
{
	struct job *job;

	if (entry->policy >= gather->policy_count ||
	    entry->argv_len > sizeof(entry->argv))
		return -EINVAL;
	if (gather->job_count == gather->job_room) {
		gather->job_room = gather->job_room ? 2 * gather->job_room : 32;
		gather->jobs = xrealloc_array(gather->jobs, gather->job_room,
					      sizeof(*gather->jobs));
	}
	job = &gather->jobs[gather->job_count++];
	*job = (struct job){ .policy = entry->policy,
			     .order = entry->order,
			     .fds = { -1, -1, -1 } };
	job->name = xasprintf("%.*s", (int)sizeof(entry->name) - 1, entry->name);
	job->argv = xcalloc(entry->argv_len + 1, 1);
	memcpy(job->argv, entry->argv, entry->argv_len);
	job->argv_len = entry->argv_len;
	return 0;
}

static void job_done(struct job *job)
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
	free(job->error_text.bytes);
	free(job->look.bytes);
	free(job->program);
	free(job->version);
	free(job->denied);
	free(job->end);
}

void gather_done(struct gather *gather)
{
	merge_done(&gather->merge);
	for (unsigned i = 0; i < gather->job_count; i++)
		job_done(&gather->jobs[i]);
	free(gather->jobs);
	free(gather->policies);
	free(gather->sorted);
	*gather = (struct gather){ 0 };
}

static int compare_order(const void *left, const void *right, void *arg)
{
	const struct job *jobs = arg;
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

void gather_problem(struct job *job, const char *where, const char *reason)
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

static void buffer_add(struct buffer *buffer, size_t cap, const char *bytes, size_t len)
{
	if (len > cap - buffer->len)
		len = cap - buffer->len;
	if (buffer->len + len > buffer->room) {
		size_t room = buffer->room ? buffer->room : 256;

		while (room < buffer->len + len)
			room *= 2;
		buffer->bytes = xrealloc_array(buffer->bytes, room, 1);
		buffer->room = room;
	}
	if (len > 0)
		memcpy(buffer->bytes + buffer->len, bytes, len);
	buffer->len += len;
}

struct line_context {
	struct gather *gather;
	uint32_t job;
};

static void take_line(void *arg, const char *line, size_t len)
{
	const struct line_context *context = arg;

	gather_line(context->gather, context->job, line, len);
}

static void take_bytes(struct gather *gather, uint32_t number, enum job_pipe which,
		       const char *bytes, size_t len)
{
	struct line_context context = { gather, number };
	struct job *job = &gather->jobs[number];

	if (which == PIPE_RECORDS)
		lines_feed(&job->lines, bytes, len, take_line, &context);
	else if (which == PIPE_STDERR)
		buffer_add(&job->error_text, GATHER_STDERR_KEEP, bytes, len);
	else
		buffer_add(&job->look, GATHER_LOOK_KEEP, bytes, len);
}

/* The end of a records pipe: what its lines had wrong becomes entries of errors[]. */
static void end_lines(struct job *job)
{
	lines_end(&job->lines);
	for (unsigned bit = 1; bit <= LINES_UNFINISHED; bit <<= 1) {
		if (!(job->lines.trouble & bit))
			continue;
		gather_problem(job, NULL, lines_trouble_text(bit));
		job->refused = true;
	}
	job->lines.trouble = 0;
}

static void close_pipe(struct job *job, enum job_pipe which)
{
	close(job->fds[which]);
	job->fds[which] = -1;
	if (which == PIPE_RECORDS)
		end_lines(job);
}

void gather_read(struct gather *gather, uint32_t number, enum job_pipe which,
		 unsigned chunks)
{
	static char bytes[65536];
	struct job *job = &gather->jobs[number];

	while (chunks-- > 0) {
		ssize_t n = read(job->fds[which], bytes, sizeof(bytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close_pipe(job, which);
			return;
		}
		take_bytes(gather, number, which, bytes, (size_t)n);
	}
}

/* 32 chunks are more than any pipe holds: a writer that goes on is not waited for. */
void gather_close(struct gather *gather, uint32_t number, enum job_pipe which)
{
	struct job *job = &gather->jobs[number];

	if (job->fds[which] >= 0)
		gather_read(gather, number, which, 32);
	if (job->fds[which] >= 0)
		close_pipe(job, which);
}
