/* One line of a collector that may have been taken over: a record to keep, or why not. */
#include "record.h"
#include "jobs.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static size_t memory_used, memory_limit = SIZE_MAX;

static void *counted_malloc(size_t size)
{
	void *memory;

	if (size > memory_limit || memory_used > memory_limit - size)
		return NULL;
	memory = malloc(size);
	if (memory)
		memory_used += malloc_usable_size(memory);
	return memory;
}

static void counted_free(void *memory)
{
	if (memory)
		memory_used -= malloc_usable_size(memory);
	free(memory);
}

void gather_memory_init(void)
{
	json_set_alloc_funcs(counted_malloc, counted_free);
}

/* 0: none, for the document. */
static void memory_limit_set(size_t bytes)
{
	memory_limit = bytes ? bytes : SIZE_MAX;
}

/* jansson recurses as deep as its own limit of 2048: look before it does. */
static bool too_deep(const char *line, size_t len)
{
	unsigned depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		if (in_string) {
			if (line[i] == '\\')
				i++;
			else if (line[i] == '"')
				in_string = false;
		} else if (line[i] == '"') {
			in_string = true;
		} else if (line[i] == '{' || line[i] == '[') {
			if (++depth > GATHER_DEPTH_MAX)
				return true;
		} else if ((line[i] == '}' || line[i] == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

static const char *check_props(json_t *props)
{
	const char *name;
	json_t *value;

	if (!json_is_object(props))
		return "a record without an object \"props\"";
	json_object_foreach(props, name, value)
	{
		(void)value;
		if (strlen(name) > GATHER_KEY_MAX)
			return "a property's name is over 256 bytes";
		if (merge_reserved(name))
			return "a property has a name that is the gatherer's";
	}
	return NULL;
}

/* Free words of a collector: enough for any message, too little to swell the document. */
#define MESSAGE_MAX 512

static char *message_of(const json_t *value)
{
	const char *text = json_string_value(value);

	return xasprintf("%.*s", MESSAGE_MAX, text ? text : "no message");
}

/* "tool" and "errors" are not records of hardware: they are always allowed. */
static const char *take_special(struct job *job, const char *type, const char *key,
				const json_t *props)
{
	if (!strcmp(type, "errors")) {
		AUTO_FREE char *message = message_of(json_object_get(props, "message"));

		gather_problem(job, key, message);
	} else if (!job->program) {
		const char *version =
			json_string_value(json_object_get(props, "version"));

		job->program = xstrdup(key);
		job->version = version ? xasprintf("%.*s", MESSAGE_MAX, version) : NULL;
	}
	return NULL;
}

static const char *take_record(struct gather *gather, uint32_t number, json_t *record)
{
	struct job *job = &gather->jobs[number];
	const char *type = json_string_value(json_object_get(record, "type"));
	const char *key = json_string_value(json_object_get(record, "key"));
	json_t *props = json_object_get(record, "props");
	const char *wrong;
	int index;

	if (!type || !key)
		return "a record without the strings \"type\" and \"key\"";
	if (strlen(key) > GATHER_KEY_MAX)
		return "a record's key is over 256 bytes";
	wrong = check_props(props);
	if (wrong)
		return wrong;
	if (!strcmp(type, "errors") || !strcmp(type, "tool"))
		return take_special(job, type, key, props);
	index = record_type_find(type);
	if (index < 0 || !(gather->policies[job->policy].emits & (UINT64_C(1) << index)))
		return "a record of a type that the policy does not name under emits";
	merge_add(&gather->merge, index, key, json_incref(props), job->name, number,
		  job->sequence++);
	job->records++;
	return NULL;
}

void gather_line(struct gather *gather, uint32_t number, const char *line, size_t len)
{
	struct job *job = &gather->jobs[number];
	const char *refused = "not a JSON object of our kind";
	size_t before = memory_used;
	size_t left =
		job->memory < GATHER_JOB_MEMORY ? GATHER_JOB_MEMORY - job->memory : 0;
	json_t *record = NULL;
	json_error_t error;

	memory_limit_set(before + left < GATHER_MEMORY ? before + left : GATHER_MEMORY);
	if (too_deep(line, len)) {
		refused = "a record is nested over 32 levels";
	} else {
		record = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
		if (record)
			refused = take_record(gather, number, record);
		else if (json_error_code(&error) == json_error_duplicate_key)
			refused = "a key twice in one object of a record";
		else if (json_error_code(&error) == json_error_out_of_memory)
			refused = "records take more memory than a job, or all, may have";
	}
	json_decref(record);
	memory_limit_set(0);
	if (memory_used > before)
		job->memory += memory_used - before;
	if (refused) {
		gather_problem(job, NULL, refused);
		job->refused = true;
	}
}
