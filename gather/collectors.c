/* collectors[] and errors[] of the document: one entry per job, and what went wrong where. */
#include "collectors.h"

#include "values.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define STDERR_LINES_MAX 1000
#define LOOK_PROCESSES_MAX 64
#define LOOK_STACK_MAX 64

static const struct {
	uint32_t bit;
	const char *name;
} enforced_names[] = {
	{ ENFORCED_SECCOMP, "seccomp" },
	{ ENFORCED_LANDLOCK, "landlock" },
	{ ENFORCED_CGROUP_KILL, "cgroup.kill" },
	{ ENFORCED_CGROUP_MEMORY, "cgroup.memory" },
	{ ENFORCED_CGROUP_TASKS, "cgroup.tasks" },
	{ ENFORCED_RLIMIT_MEMORY, "rlimit.memory" },
	{ ENFORCED_TASKS_FILTER, "filter.tasks" },
	{ ENFORCED_TASKS_RLIMIT, "rlimit.tasks" },
};

static json_t *enforced_array(uint32_t bits)
{
	json_t *array = json_array();

	for (size_t i = 0; i < ARRAY_LEN(enforced_names); i++)
		if (bits & enforced_names[i].bit)
			json_push(array, json_string(enforced_names[i].name));
	return array;
}

static json_t *argv_array(const struct gathered *job)
{
	json_t *array = json_array();

	for (uint32_t at = 0; at < job->argv_len;) {
		size_t len = strlen(job->argv + at);

		json_push(array, json_text(job->argv + at, len, NULL));
		at += (uint32_t)len + 1;
	}
	return array;
}

static json_t *signal_or_null(int number)
{
	const char *name = number > 0 ? sigabbrev_np(number) : NULL;
	AUTO_FREE char *text = NULL;

	if (number <= 0)
		return json_null();
	text = name ? xasprintf("SIG%s", name) : xasprintf("signal %d", number);
	return json_string(text);
}

/* The tool that was run: none for a read step, and none where it was never started. */
static json_t *tools_array(const struct gathered *job)
{
	static const struct gather_end none = { .exit_code = -1 };
	const struct gather_end *end = job->end ? job->end : &none;
	json_t *array = json_array(), *tool;

	if (job->argv_len == 0 || (!end->started && !job->program))
		return array;
	tool = json_object();
	json_put(tool, "argv", argv_array(job));
	json_put(tool, "path", *end->path ? value_text(end->path) : json_null());
	json_put(tool, "version", job->version ? value_text(job->version) : json_null());
	json_put(tool, "exit_code",
		 end->exit_code >= 0 ? json_integer(end->exit_code) : json_null());
	json_put(tool, "signal", signal_or_null(end->signal));
	json_put(tool, "stdout_bytes", json_integer((json_int_t)end->stdout_bytes));
	json_put(tool, "stderr_bytes", json_integer((json_int_t)end->stderr_bytes));
	json_push(array, tool);
	return array;
}

static json_t *denied_array(const struct gathered *job)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < job->denied_count; i++) {
		json_t *call = json_object();

		json_put(call, "call", value_text(job->denied[i].call));
		if (*job->denied[i].detail)
			json_put(call, "detail", value_text(job->denied[i].detail));
		json_put(call, "count", json_integer((json_int_t)job->denied[i].count));
		json_push(array, call);
	}
	return array;
}

/* Lines of hostile text, each escaped, at most `max` of them. */
static json_t *lines_array(const char *text, size_t len, unsigned max)
{
	json_t *array = json_array();

	while (len > 0 && max-- > 0) {
		const char *newline = memchr(text, '\n', len);
		size_t part = newline ? (size_t)(newline - text) : len;

		json_push(array, json_text(text, part, NULL));
		part += newline ? 1 : 0;
		text += part;
		len -= part;
	}
	return array;
}

struct look_field {
	const char *text;
	size_t len;
};

/* The next NUL-ended field of a look, or false at the end of what came. */
static bool next_field(const struct buffer *look, size_t *at, struct look_field *field)
{
	const char *end;

	if (*at >= look->len)
		return false;
	end = memchr(look->bytes + *at, '\0', look->len - *at);
	if (!end)
		return false;
	field->text = look->bytes + *at;
	field->len = (size_t)(end - field->text);
	*at += field->len + 1;
	return true;
}

static json_t *number_or_text(const struct look_field *field)
{
	uint64_t number;

	/* field->text ends in a NUL: next_field() found it. */
	if (!parse_u64(field->text, INT64_MAX, &number))
		return json_integer((json_int_t)number);
	return json_text(field->text, field->len, NULL);
}

/* Frames as gather_msg.h has them; a process whose frame is cut is left out. */
static json_t *frames(const struct buffer *look, size_t at)
{
	static const char *const names[] = { "pid",   "starttime", "comm",
					     "state", "wchan",     "stack" };
	json_t *array = json_array();

	for (unsigned n = 0; n < LOOK_PROCESSES_MAX; n++) {
		struct look_field fields[ARRAY_LEN(names) + 1];
		json_t *process;

		for (size_t f = 0; f < ARRAY_LEN(fields); f++)
			if (!next_field(look, &at, &fields[f]))
				return array;
		process = json_object();
		for (size_t f = 0; f < ARRAY_LEN(names); f++) {
			json_t *value;

			if (f < 2)
				value = number_or_text(&fields[f]);
			else if (f < 5)
				value = json_text(fields[f].text, fields[f].len, NULL);
			else
				value = lines_array(fields[f].text, fields[f].len,
						    LOOK_STACK_MAX);
			json_put(process, names[f], value);
		}
		json_push(array, process);
	}
	return array;
}

json_t *collectors_stuck(const struct gathered *job)
{
	return frames(&job->look, 0);
}

json_t *collectors_around(const struct gather *gather)
{
	struct look_field mark;
	size_t at = 0;

	if (!next_field(&gather->around, &at, &mark) || strcmp(mark.text, "2") != 0)
		return NULL;
	return frames(&gather->around, at);
}

static json_t *job_entry(const struct gather *gather, const struct gathered *job,
			 const struct verdict *verdict)
{
	const struct gather_policy *policy = &gather->policies[job->policy];
	const struct gather_end *end = job->end;
	const char *slash = strchr(job->name, '/');
	json_t *entry = json_object();

	json_put(entry, "job", value_text(job->name));
	json_put(entry, "collector", value_text(policy->collector));
	if (slash) {
		size_t len = strcspn(slash + 1, "@");

		json_put(entry, "step", json_text(slash + 1, len, NULL));
		if (slash[1 + len] == '@')
			json_put(entry, "instance", value_text(slash + 2 + len));
	}
	json_put(entry, "status", json_string(job_status_names[verdict->status]));
	json_put(entry, "reason",
		 *verdict->reason ? value_text(verdict->reason) : json_null());
	json_put(entry, "duration_ms", json_integer(end ? end->duration_ms : 0));
	json_put(entry, "started_ms",
		 end && end->started_ms >= 0 ? json_integer(end->started_ms)
					     : json_null());
	json_put(entry, "records", json_integer((json_int_t)job->records));
	json_put(entry, "tools", tools_array(job));
	json_put(entry, "denied", denied_array(job));
	if (end && end->denied_total > 0)
		json_put(entry, "denied_total",
			 json_integer((json_int_t)end->denied_total));
	json_put(entry, "stuck", collectors_stuck(job));
	if (end && end->since_unix_ms)
		json_put(entry, "since", value_time(end->since_unix_ms));
	if (end && end->truncated) {
		json_t *cut = json_array();

		if (end->truncated & 1)
			json_push(cut, json_string("stdout"));
		if (end->truncated & 2)
			json_push(cut, json_string("stderr"));
		json_put(entry, "truncated", cut);
	}
	if (job->error_text.len > 0)
		json_put(entry, "stderr",
			 lines_array(job->error_text.bytes, job->error_text.len,
				     STDERR_LINES_MAX));
	json_put(entry, "policy_path",
		 *policy->file ? value_text(policy->file) : json_null());
	json_put(entry, "policy_sha256", value_text(policy->sha256));
	json_put(entry, "enforced", enforced_array(end ? end->enforced : 0));
	return entry;
}

json_t *collectors_build(const struct gather *gather, const struct verdict *verdicts)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < gather->job_count; i++) {
		uint32_t job = gather->sorted[i];

		json_push(array, job_entry(gather, &gather->jobs[job], &verdicts[job]));
	}
	return array;
}

static void push_problem(json_t *array, const struct gathered *job, const char *where,
			 const char *reason, uint64_t count)
{
	json_t *entry = json_object();

	json_put(entry, "job", value_text(job->name));
	if (where)
		json_put(entry, "where", value_text(where));
	json_put(entry, "reason", value_text(reason));
	json_put(entry, "count", json_integer((json_int_t)count));
	json_push(array, entry);
}

json_t *collectors_errors(const struct gather *gather)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < gather->job_count; i++) {
		const struct gathered *job = &gather->jobs[gather->sorted[i]];

		for (unsigned p = 0; p < job->problem_count; p++)
			push_problem(array, job, job->problems[p].where,
				     job->problems[p].reason, job->problems[p].count);
		if (job->end && job->end->status == JOB_STUCK &&
		    !job->end->since_unix_ms && job->look.len == 0)
			push_problem(array, job, NULL, "could not look at what is stuck",
				     1);
	}
	return array;
}
