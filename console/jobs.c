/* The table of a running audit's jobs, as the monitor notes them. */
#include "console.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORDS_MAX 8193u /* the audit, and as many jobs as there can be */

static bool number(const char *word, int64_t *out)
{
	uint64_t value;

	if (!word || parse_u64(word, INT64_MAX, &value))
		return false;
	*out = (int64_t)value;
	return true;
}

static void take_audit(struct jobs *jobs, char *text)
{
	int64_t pid;
	char *save;

	if (strncmp(text, PROGRESS_MAGIC " ", strlen(PROGRESS_MAGIC) + 1) != 0)
		return;
	(void)(number(strtok_r(text + strlen(PROGRESS_MAGIC), " \n", &save), &pid) &&
	       number(strtok_r(NULL, " \n", &save), &jobs->start_ms) &&
	       number(strtok_r(NULL, " \n", &save), &jobs->timeout_ms));
}

static bool is_good(const char *state)
{
	return !strcmp(state, "ok") || !strcmp(state, "absent") ||
	       !strcmp(state, "unavailable");
}

static void take_job(struct jobs *jobs, char *text)
{
	char *save, *name = strtok_r(text, " \n", &save);
	char *state = strtok_r(NULL, " \n", &save);
	struct job_row *row = &jobs->rows[jobs->row_count];
	int64_t started, ended;

	if (!number(strtok_r(NULL, " \n", &save), &started) ||
	    !number(strtok_r(NULL, " \n", &save), &ended))
		return;
	if (!strcmp(state, PROGRESS_WAITS)) {
		jobs->waits++;
		return;
	}
	if (!strcmp(state, PROGRESS_RUNS)) {
		jobs->runs++;
		ended = clock_now() / NSEC_PER_MSEC;
	} else {
		jobs->done++;
		if (is_good(state))
			return;
		jobs->bad++;
	}
	(void)snprintf(row->name, sizeof(row->name), "%s", name);
	(void)snprintf(row->state, sizeof(row->state), "%s", state);
	row->ms = started > 0 && ended > started ? ended - started : 0;
	jobs->row_count++;
}

static int runs_first(const void *a, const void *b)
{
	const struct job_row *left = a, *right = b;
	bool left_runs = !strcmp(left->state, PROGRESS_RUNS);
	bool right_runs = !strcmp(right->state, PROGRESS_RUNS);

	if (left_runs != right_runs)
		return left_runs ? -1 : 1;
	if (left->ms != right->ms)
		return left->ms > right->ms ? -1 : 1;
	return strcmp(left->name, right->name);
}

void jobs_read(struct jobs *jobs, int fd)
{
	*jobs = (struct jobs){ .rows = NULL };
	for (unsigned i = 0; fd >= 0 && i < RECORDS_MAX; i++) {
		char text[PROGRESS_RECORD + 1] = "";

		if (read_full(fd, text, PROGRESS_RECORD) <= 0)
			break;
		if (i == 0) {
			take_audit(jobs, text);
			continue;
		}
		jobs->rows = xrealloc_array(jobs->rows, jobs->row_count + 1,
					    sizeof(*jobs->rows));
		take_job(jobs, text);
	}
	if (jobs->row_count > 0)
		qsort(jobs->rows, jobs->row_count, sizeof(*jobs->rows), runs_first);
}

void jobs_done(struct jobs *jobs)
{
	free(jobs->rows);
}
