/* From all that was gathered to the document's bytes; bee-audit.json(5) describes it. */
#include "write_document.h"

#include "collectors.h"
#include "derive.h"
#include "expect.h"
#include "findings.h"
#include "health.h"
#include "record.h"
#include "said.h"
#include "values.h"
#include "verdict.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCHEMA_VERSION "1.0"

#ifndef BEE_BUILT /* the Makefile has the time */
#define BEE_BUILT 0
#endif

static json_t *text_or_null(const char *text)
{
	return *text ? value_text(text) : json_null();
}

/* Names separated by commas; none is null. */
static json_t *names_or_null(const char *names)
{
	json_t *array = *names ? json_array() : json_null();

	while (*names) {
		size_t len = strcspn(names, ",");

		if (len > 0)
			json_push(array, json_text(names, len, NULL));
		names += len + (names[len] == ',');
	}
	return array;
}

static json_t *audit_object(const struct gather *gather, uint32_t incomplete)
{
	const struct gather_audit *a = &gather->audit;
	const char *signal = gather->finish.interrupted
				     ? sigabbrev_np(gather->finish.interrupted)
				     : NULL;
	json_t *audit = json_object();

	json_put(audit, "version", value_text(a->version));
	json_put(audit, "started", value_time(a->started_unix_ms));
	json_put(audit, "duration_ms", json_integer(gather->finish.elapsed_ms));
	json_put(audit, "timeout_ms", json_integer(a->timeout_ms));
	json_put(audit, "complete",
		 json_boolean(!incomplete && !gather->finish.interrupted &&
			      !gather->finish.stopped_ms));
	if (gather->finish.interrupted) {
		AUTO_FREE char *name =
			signal ? xasprintf("SIG%s", signal)
			       : xasprintf("signal %d", gather->finish.interrupted);
		json_put(audit, "interrupted", json_string(name));
	} else {
		json_put(audit, "interrupted", json_null());
	}
	json_put(audit, "replay", json_boolean(a->replay));
	json_put(audit, "kernel", text_or_null(a->kernel));
	json_put(audit, "machine", text_or_null(a->machine));
	json_put(audit, "boot_id", text_or_null(a->boot_id));
	json_put(audit, "jobs", json_integer(a->parallel_jobs));
	json_put(audit, "landlock_abi", json_integer(a->landlock_abi));
	json_put(audit, "cgroup", text_or_null(a->cgroup));
	json_put(audit, "policy_dir", text_or_null(a->policy_dir));
	json_put(audit, "only", names_or_null(a->only));
	json_put(audit, "with", names_or_null(a->with));
	json_put(audit, "stopped_ms",
		 json_integer(a->stopped_ms + gather->finish.stopped_ms));
	return audit;
}

/*
 * A list that somebody could read is there, though it may be empty; one that nobody could
 * read is missing. Which records a job brings is known by its policy's emits.
 */
static bool was_collected(const struct gather *gather, const struct verdict *verdicts,
			  int type)
{
	for (unsigned i = 0; i < gather->job_count; i++) {
		enum job_status status = verdicts[i].status;
		uint64_t emits = gather->policies[gather->jobs[i].policy].emits;

		if ((emits & (UINT64_C(1) << type)) &&
		    merge_may_tell(type, gather->jobs[i].name) &&
		    (status == JOB_OK || status == JOB_PARTIAL || status == JOB_ABSENT))
			return true;
	}
	return false;
}

static void add_sections(json_t *document, const struct gather *gather)
{
	for (int type = 0; record_types[type].name; type++) {
		const struct record_type *t = &record_types[type];
		json_t *value = merge_type(&gather->merge, type), *parent = document;

		if (!value)
			continue;
		if (t->group) {
			parent = json_object_get(document, t->group);
			if (!parent) {
				parent = json_object();
				json_put(document, t->group, parent);
			}
		}
		json_put(parent, t->member, value);
	}
}

/* An empty list says that there is nothing; where nobody could tell, it is not there. */
static void drop_unread(json_t *document, const struct gather *gather,
			const struct verdict *verdicts)
{
	for (int type = 0; record_types[type].name; type++) {
		const struct record_type *t = &record_types[type];
		json_t *parent =
			t->group ? json_object_get(document, t->group) : document;

		if (!t->list || was_collected(gather, verdicts, type) ||
		    json_array_size(json_object_get(parent, t->member)) > 0)
			continue;
		(void)json_object_del(parent, t->member);
		if (t->group && json_object_size(parent) == 0)
			(void)json_object_del(document, t->group);
	}
}

/* What the monitor is told of a job, for whom it has a word of its own. */
static void reply_add(struct gather_reply *reply, const struct gathered *job, unsigned i,
		      enum job_status status)
{
	reply->incomplete += verdict_incomplete(status);
	if (status == JOB_STARVED && job->end->status == JOB_STUCK && i < GATHER_JOBS_MAX)
		reply->starved[i / 8] |= (uint8_t)(1u << i % 8);
}

/* A new reference; and of *reply what is not its size. Sorts the merge. */
static json_t *document_build(struct gather *gather, struct gather_reply *reply)
{
	struct verdict *verdicts = xcalloc(gather->job_count, sizeof(*verdicts));
	json_t *document = json_object(), *around;
	struct findings findings;

	gather_sort(gather);
	*reply = (struct gather_reply){ .incomplete = 0 };
	for (unsigned i = 0; i < gather->job_count; i++) {
		verdicts[i] = verdict_of(&gather->jobs[i]);
		reply_add(reply, &gather->jobs[i], i, verdicts[i].status);
	}
	merge_join(&gather->merge);
	merge_join_gpus(&gather->merge);
	merge_sort(&gather->merge);
	json_put(document, "schema_version", json_string(SCHEMA_VERSION));
	json_put(document, "audit", audit_object(gather, reply->incomplete));
	around = collectors_around(gather);
	if (around)
		json_put(json_object_get(document, "audit"), "blocked_processes", around);
	add_sections(document, gather);
	/* Before it is judged what a list lacks, and once more by what that comes to. */
	drop_unread(document, gather, verdicts);
	expect_judge(document, gather, verdicts);
	drop_unread(document, gather, verdicts);
	derive_memory(document);
	derive_board(document);
	derive_power(document);
	derive_owner(document);
	derive_ghosts(document);
	derive_network(document);
	derive_wear(document);
	derive_unlearned(document, gather, verdicts);
	derive_doubt(document);
	derive_kernel(document);
	/* What a capture's clock said is of the day that it was made on. */
	if (!gather->audit.replay)
		derive_clock(document, gather->audit.started_unix_ms, BEE_BUILT);
	json_put(document, "firmware_inventory", derive_firmware(document));
	json_put(document, "identity", derive_identity(document));
	json_put(document, "collectors", collectors_build(gather, verdicts));
	findings_build(&findings, document);
	json_put(document, "findings", json_incref(findings.list));
	health_put_rollups(document, &findings);
	json_put(document, "health", health_build(document, gather, verdicts, &findings));
	findings_done(&findings);
	json_put(document, "errors", collectors_errors(gather));
	for (unsigned i = 0; i < gather->job_count; i++)
		free(verdicts[i].reason);
	free(verdicts);
	return document;
}

struct sink {
	int fd; /* -1: only count */
	uint64_t bytes;
	int error;
	size_t have;
	char buffer[32768];
};

/* The pipe may have been made non-blocking by the monitor's end; its reader has a
 * deadline. */
static void sink_flush(struct sink *sink)
{
	size_t at = 0;

	while (at < sink->have && !sink->error) {
		ssize_t n = write(sink->fd, sink->buffer + at, sink->have - at);

		if (n >= 0) {
			at += (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd room = { .fd = sink->fd, .events = POLLOUT };

			(void)poll(&room, 1, 1000);
		} else if (errno != EINTR) {
			sink->error = -errno;
		}
	}
	sink->have = 0;
}

static int sink_take(const char *bytes, size_t len, void *arg)
{
	struct sink *sink = arg;

	sink->bytes += len;
	if (sink->fd < 0)
		return 0;
	while (len > 0 && !sink->error) {
		size_t part = sizeof(sink->buffer) - sink->have;

		if (part > len)
			part = len;
		memcpy(sink->buffer + sink->have, bytes, part);
		sink->have += part;
		bytes += part;
		len -= part;
		if (sink->have == sizeof(sink->buffer))
			sink_flush(sink);
	}
	return sink->error ? -1 : 0;
}

/*
 * 15 digits: volts come as text of three, and 1.1 is to be 1.1, not 1.1000000000000001.
 * ASCII only: C1 controls and bidirectional marks of a collector that was taken over
 * reach no terminal by way of `cat`.
 */
static int dump(const json_t *document, int fd, uint64_t *bytes)
{
	static struct sink sink;

	sink = (struct sink){ .fd = fd };
	if (json_dump_callback(document, sink_take, &sink,
			       JSON_SORT_KEYS | JSON_INDENT(2) | JSON_ENSURE_ASCII |
				       JSON_REAL_PRECISION(15)))
		return sink.error ? sink.error : -ENOMEM;
	(void)sink_take("\n", 1, &sink);
	if (fd >= 0)
		sink_flush(&sink);
	*bytes = sink.bytes;
	return sink.error;
}

/* The job that has most to leave out, or -1. */
static int64_t largest_job(const struct gather *gather)
{
	int64_t largest = -1;

	for (unsigned i = 0; i < gather->job_count; i++) {
		const struct gathered *job = &gather->jobs[i];

		if (!job->dropped && job->records > 0 &&
		    (largest < 0 || job->memory > gather->jobs[largest].memory))
			largest = i;
	}
	return largest;
}

/*
 * Leaves out the records of the jobs that have most of them, until what is over `max` should
 * be gone: a record is taken to have the share of the text that it has of the memory. One job
 * at a time would build the document once for each. False when there are none left.
 */
static bool drop_excess(struct gather *gather, uint64_t bytes, uint64_t max)
{
	AUTO_FREE bool *jobs = xcalloc(gather->job_count, sizeof(*jobs));
	double memory = 1, left = (double)bytes;
	bool any = false;
	int64_t number;

	for (unsigned i = 0; i < gather->job_count; i++)
		if (!gather->jobs[i].dropped && gather->jobs[i].records > 0)
			memory += (double)gather->jobs[i].memory;
	while (left > (double)max && (number = largest_job(gather)) >= 0) {
		struct gathered *job = &gather->jobs[number];

		left -= (double)bytes * ((double)job->memory / memory);
		any = jobs[number] = job->dropped = true;
		job->records = 0;
		gather_problem(job, NULL,
			       "records left out: the document would be too large");
	}
	merge_drop_jobs(&gather->merge, jobs);
	return any;
}

/* What a job brings beside its records, where even that is too much. */
static void drop_details(struct gather *gather)
{
	for (unsigned i = 0; i < gather->job_count; i++) {
		struct gathered *job = &gather->jobs[i];

		job->error_text.len = 0;
		job->look.len = 0;
		job->denied_count = 0;
		for (unsigned p = 0; p < job->problem_count; p++) {
			free(job->problems[p].where);
			free(job->problems[p].reason);
		}
		job->problem_count = 0;
		gather_problem(job, NULL,
			       "details left out: the document would be too large");
	}
}

int document_write(struct gather *gather, int fd, uint64_t max,
		   struct gather_reply *reply)
{
	uint64_t bytes = 0;
	int error;

	said_look(gather);
	/* Each turn leaves out jobs or ends: at most one more turn than jobs, and one for
	 * the rest. */
	for (unsigned turn = 0; turn <= gather->job_count + 1; turn++) {
		AUTO_JSON json_t *document = document_build(gather, reply);

		error = dump(document, -1, &bytes);
		if (error)
			return error;
		if (bytes <= max || turn > gather->job_count) {
			error = dump(document, fd, &bytes);
			reply->document_bytes = bytes;
			return error;
		}
		if (!drop_excess(gather, bytes, max)) {
			drop_details(gather);
			turn = gather->job_count;
		}
	}
	return -EFBIG;
}
