/* One line of a collector that may have been taken over: a record to keep, or why not. */
#include "intake.h"

#include "record.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static size_t memory_used, memory_limit = SIZE_MAX;
static bool memory_refused; /* since the limit was set */

static void *counted_malloc(size_t size)
{
	void *memory;

	if (size > memory_limit || memory_used > memory_limit - size) {
		memory_refused = true;
		return NULL;
	}
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

void intake_init(void)
{
	json_set_alloc_funcs(counted_malloc, counted_free);
}

/* 0: none, for the document. */
static void memory_limit_set(size_t bytes)
{
	memory_limit = bytes ? bytes : SIZE_MAX;
	memory_refused = false;
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
		if (strlen(name) > INTAKE_KEY_MAX)
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
static const char *take_special(struct gathered *job, const char *type, const char *key,
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
	struct gathered *job = &gather->jobs[number];
	const char *type = json_string_value(json_object_get(record, "type"));
	const char *key = json_string_value(json_object_get(record, "key"));
	json_t *props = json_object_get(record, "props");
	const char *wrong;
	int index;

	if (!type || !key)
		return "a record without the strings \"type\" and \"key\"";
	if (strlen(key) > INTAKE_KEY_MAX)
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

/* What the parser had to mend: what is certain is kept, what is a guess is refused. */
static const struct {
	unsigned bit;
	bool refuse;
	const char *what;
} mended[] = {
	{ JSON_CUT, true, "a record that ends early" },
	{ JSON_DUPLICATE, true, "a key twice in one object of a record" },
	{ JSON_TRAILING, true, "something follows a record on its line" },
	{ JSON_BAD_UTF8, false, "bytes of a record that are no text were escaped" },
	{ JSON_BIG_NUMBER, false,
	  "a number of a record is too large: kept as its digits" },
};

/* NULL: may be kept. */
static const char *check_repairs(struct gathered *job, unsigned repairs)
{
	for (size_t i = 0; i < ARRAY_LEN(mended); i++) {
		if (!(repairs & mended[i].bit))
			continue;
		if (mended[i].refuse)
			return mended[i].what;
		gather_problem(job, NULL, mended[i].what);
	}
	return NULL;
}

void intake_line(struct gather *gather, uint32_t number, const char *line, size_t len)
{
	static const struct json_limits limits = { .depth = INTAKE_DEPTH_MAX };
	struct gathered *job = &gather->jobs[number];
	size_t before = memory_used;
	size_t left =
		job->memory < INTAKE_JOB_MEMORY ? INTAKE_JOB_MEMORY - job->memory : 0;
	char reason[128] = "";
	const char *refused = reason;
	unsigned repairs = 0;
	json_t *record;

	memory_limit_set(before + left < INTAKE_MEMORY ? before + left : INTAKE_MEMORY);
	record = json_load_hostile(line, len, &limits, &repairs, reason, sizeof(reason));
	if (record) {
		refused = check_repairs(job, repairs);
		if (!refused)
			refused = take_record(gather, number, record);
	} else if (memory_refused) {
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
