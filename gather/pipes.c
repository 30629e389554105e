/* The pipes of the jobs: records line by line, and what else is kept of them. */
#include "pipes.h"

#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct line_context {
	struct gather *gather;
	uint32_t job;
};

static void take_line(void *arg, const char *line, size_t len)
{
	const struct line_context *context = arg;

	intake_line(context->gather, context->job, line, len);
}

static void take_bytes(struct gather *gather, uint32_t number, enum job_pipe which,
		       const char *bytes, size_t len)
{
	struct line_context context = { gather, number };
	struct gathered *job = &gather->jobs[number];

	if (which == PIPE_RECORDS)
		lines_feed(&job->lines, bytes, len, take_line, &context);
	else if (which == PIPE_STDERR)
		buffer_add(&job->error_text, PIPES_STDERR_MAX, bytes, len);
	else
		buffer_add(&job->look, PIPES_LOOK_MAX, bytes, len);
}

/* The end of a records pipe: what its lines had wrong becomes entries of errors[]. */
static void end_lines(struct gathered *job)
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

static void close_pipe(struct gathered *job, enum job_pipe which)
{
	close(job->fds[which]);
	job->fds[which] = -1;
	if (which == PIPE_RECORDS)
		end_lines(job);
}

void pipe_read(struct gather *gather, uint32_t number, enum job_pipe which,
	       unsigned chunks)
{
	static char bytes[65536];
	struct gathered *job = &gather->jobs[number];

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
void pipe_finish(struct gather *gather, uint32_t number, enum job_pipe which)
{
	struct gathered *job = &gather->jobs[number];

	if (job->fds[which] >= 0)
		pipe_read(gather, number, which, 32);
	if (job->fds[which] >= 0)
		close_pipe(job, which);
}

void pipe_around(struct gather *gather)
{
	static char bytes[PIPES_LOOK_MAX];
	int flags = gather->around_fd < 0 ? -1 : fcntl(gather->around_fd, F_GETFL);
	ssize_t n = 1;

	if (flags < 0 || fcntl(gather->around_fd, F_SETFL, flags | O_NONBLOCK))
		n = 0;
	/* It adds nothing beyond its cap, and a full pipe is read in two turns. */
	for (int turn = 0; turn < 4 && n > 0; turn++) {
		n = read(gather->around_fd, bytes, sizeof(bytes));
		if (n > 0)
			buffer_add(&gather->around, PIPES_LOOK_MAX, bytes, (size_t)n);
	}
}
