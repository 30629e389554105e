/* From all that was gathered to the document's bytes; bee-audit.json(5) describes it. */
#include "document.h"

#include "findings.h"
#include "record.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCHEMA_VERSION "1.0"

/* A string of ours or of a JSON string stays as it is; anything else is escaped. */
json_t *document_text(const char *text)
{
	json_t *value = json_string(text);

	return value ? value : json_text(text, strlen(text), NULL);
}

void document_index(json_t *index, const char *name, json_t *record)
{
	bool taken = json_object_get(index, name);

	json_put(index, name, taken ? json_null() : json_incref(record));
}

static json_t *text_or_null(const char *text)
{
	return *text ? document_text(text) : json_null();
}

/* gmtime_r(3) opens /etc/localtime, which the filter kills; days to date as in proleptic
 * Gregorian eras of 400 years that begin in March. */
json_t *document_time(int64_t unix_ms)
{
	int64_t days = unix_ms / 86400000, ms = unix_ms % 86400000;
	int64_t shifted, era, day, year, month;
	AUTO_FREE char *text = NULL;

	/* To the end of the year 9999. */
	if (unix_ms < 0 || unix_ms > INT64_C(253402300799999))
		return json_null();
	shifted = days + 719468; /* days from 0000-03-01 to 1970-01-01 */
	era = shifted / 146097;
	day = shifted % 146097;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153; /* 0 is March */
	day -= (153 * month + 2) / 5;
	year += 400 * era + (month >= 10);
	month = month < 10 ? month + 3 : month - 9;
	text = xasprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)year, (int)month,
			 (int)day + 1, (int)(ms / 3600000), (int)(ms / 60000 % 60),
			 (int)(ms / 1000 % 60), (int)(ms % 1000));
	return json_string(text);
}

static json_t *audit_object(const struct gather *gather, uint32_t incomplete)
{
	const struct gather_audit *a = &gather->audit;
	const char *signal = gather->finish.interrupted
				     ? sigabbrev_np(gather->finish.interrupted)
				     : NULL;
	json_t *audit = json_object();

	json_put(audit, "version", document_text(a->version));
	json_put(audit, "started", document_time(a->started_unix_ms));
	json_put(audit, "duration_ms", json_integer(gather->finish.elapsed_ms));
	json_put(audit, "timeout_ms", json_integer(a->timeout_ms));
	json_put(audit, "complete",
		 json_boolean(!incomplete && !gather->finish.interrupted));
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
		    (status == JOB_OK || status == JOB_PARTIAL || status == JOB_ABSENT))
			return true;
	}
	return false;
}

static void add_sections(json_t *document, const struct gather *gather,
			 const struct verdict *verdicts)
{
	for (int type = 0; record_types[type].name; type++) {
		const struct record_type *t = &record_types[type];
		json_t *value = merge_type(&gather->merge, type), *parent = document;

		if (!value)
			continue;
		if (t->list && json_array_size(value) == 0 &&
		    !was_collected(gather, verdicts, type)) {
			json_decref(value);
			continue;
		}
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

/* A new reference. *incomplete: how many jobs are. Sorts the merge. */
static json_t *document_build(struct gather *gather, uint32_t *incomplete)
{
	struct verdict *verdicts = xcalloc(gather->job_count, sizeof(*verdicts));
	json_t *document = json_object();
	struct findings findings;

	gather_sort(gather);
	*incomplete = 0;
	for (unsigned i = 0; i < gather->job_count; i++) {
		verdicts[i] = document_verdict(&gather->jobs[i]);
		*incomplete += document_incomplete(verdicts[i].status);
	}
	merge_sort(&gather->merge);
	json_put(document, "schema_version", json_string(SCHEMA_VERSION));
	json_put(document, "audit", audit_object(gather, *incomplete));
	add_sections(document, gather, verdicts);
	document_memory(document);
	document_board(document);
	json_put(document, "firmware_inventory", document_firmware(document));
	json_put(document, "identity", document_identity(document));
	json_put(document, "collectors", document_collectors(gather, verdicts));
	findings_build(&findings, document);
	json_put(document, "findings", json_incref(findings.list));
	json_put(document, "health",
		 document_health(document, gather, verdicts, &findings));
	findings_done(&findings);
	json_put(document, "errors", document_errors(gather));
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
		const struct job *job = &gather->jobs[i];

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
		struct job *job = &gather->jobs[number];

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
		struct job *job = &gather->jobs[i];

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

	/* Each turn leaves out jobs or ends: at most one more turn than jobs, and one for
	 * the rest. */
	for (unsigned turn = 0; turn <= gather->job_count + 1; turn++) {
		AUTO_JSON json_t *document = document_build(gather, &reply->incomplete);

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
