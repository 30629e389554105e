/* What the steps of a policy were refused in an audit. The document may come from anywhere, and is gone
 * through without rights. */
#include "refused.h"
#include "json.h"
#include "text.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KINDS_MAX 512 /* of refusals that are told of a step: 64 of a job are listed */

struct refusal {
	const char *call, *detail; /* borrowed of the document */
	uint64_t count, jobs;
};

struct step_told {
	const struct step *step;
	struct refusal kinds[KINDS_MAX];
	size_t kind_count;
	uint64_t jobs, ran, all, listed;
	bool more;             /* kinds than KINDS_MAX */
	const json_t *not_run; /* a job that did not, borrowed; or NULL */
};

static bool is_there(const char *path)
{
	AUTO_FREE char *pattern = policy_expand(path, "*");
	glob_t found;
	int error;

	if (!strcmp(pattern, path))
		return !access(path, F_OK) || (errno != ENOENT && errno != ENOTDIR);
	error = glob(pattern, GLOB_NOSORT, NULL, &found);
	if (!error)
		globfree(&found);
	return error != GLOB_NOMATCH;
}

void refused_look(const struct policy *policy, uint64_t missing[POLICY_STEPS_MAX])
{
	_Static_assert(POLICY_GRANTS_MAX <= 64, "a grant is a bit");
	for (unsigned i = 0; i < policy->step_count; i++) {
		const struct step *step = &policy->steps[i];

		missing[i] = 0;
		for (unsigned g = 0; g < step->grant_count; g++)
			if (step->grants[g].optional && !is_there(step->grants[g].path))
				missing[i] |= UINT64_C(1) << g;
	}
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* A count that is none is one: something was refused. */
static uint64_t count_of(const json_t *object, const char *key)
{
	uint64_t count;

	return json_u64(json_object_get(object, key), &count) || !count ? 1 : count;
}

static void add(uint64_t *sum, uint64_t count)
{
	*sum = *sum > UINT64_MAX - count ? UINT64_MAX : *sum + count;
}

static void take_refusal(struct step_told *told, const json_t *denied)
{
	const char *call = text_of(denied, "call"), *detail = text_of(denied, "detail");
	uint64_t count = count_of(denied, "count");
	struct refusal *kind = told->kinds;

	add(&told->listed, count);
	while (kind < told->kinds + told->kind_count &&
	       (strcmp(kind->call, call) != 0 || strcmp(kind->detail, detail) != 0))
		kind++;
	if (kind == told->kinds + KINDS_MAX) {
		told->more = true;
		return;
	}
	if (kind == told->kinds + told->kind_count) {
		*kind = (struct refusal){ call, detail, 0, 0 };
		told->kind_count++;
	}
	add(&kind->count, count);
	kind->jobs++;
}

static bool has_run(const char *status)
{
	return strcmp(status, "absent") != 0 && strcmp(status, "unavailable") != 0 &&
	       strcmp(status, "skipped") != 0;
}

static void take_job(struct step_told *told, const json_t *job)
{
	const json_t *denied;
	size_t i;

	told->jobs++;
	if (has_run(text_of(job, "status")))
		told->ran++;
	else
		told->not_run = job;
	json_array_foreach(json_object_get(job, "denied"), i, denied)
	{
		take_refusal(told, denied);
	}
	if (json_object_get(job, "denied_total"))
		add(&told->all, count_of(job, "denied_total"));
}

static int by_count(const void *a, const void *b)
{
	const struct refusal *left = a, *right = b;
	int order;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	order = strcmp(left->call, right->call);
	return order ? order : strcmp(left->detail, right->detail);
}

static void print_refusals(struct step_told *told, FILE *out)
{
	if (told->kind_count > 0) /* qsort(3) takes no NULL */
		qsort(told->kinds, told->kind_count, sizeof(*told->kinds), by_count);
	for (size_t i = 0; i < told->kind_count; i++) {
		const struct refusal *kind = &told->kinds[i];
		AUTO_FREE char *call = text_clean(kind->call, false);
		AUTO_FREE char *detail = text_clean(kind->detail, false);
		AUTO_FREE char *line = refused_line(told->step, kind->call, kind->detail);

		(void)fprintf(out, "  refused   %.60s%s%.120s, %llu x in %llu job%s\n",
			      call, *detail ? " " : "", detail,
			      (unsigned long long)kind->count,
			      (unsigned long long)kind->jobs, kind->jobs == 1 ? "" : "s");
		(void)fprintf(out, "            to grant it: %s\n", line);
	}
	if (told->more)
		(void)fprintf(out, "  refused   and more than %d others\n", KINDS_MAX);
	if (told->all > told->listed)
		(void)fprintf(out, "  refused   %llu x what the document does not list\n",
			      (unsigned long long)(told->all - told->listed));
}

static void print_unused(const struct step_told *told, uint64_t missing, FILE *out)
{
	const struct step *step = told->step;

	if (!told->ran && told->not_run) {
		AUTO_FREE char *status =
			text_clean(text_of(told->not_run, "status"), false);
		AUTO_FREE char *reason =
			text_clean(text_of(told->not_run, "reason"), false);

		(void)fprintf(out, "  never ran %.40s%s%.200s\n", status,
			      *reason ? ": " : "", reason);
	}
	for (unsigned i = 0; i < step->grant_count; i++)
		if (missing >> i & 1)
			(void)fprintf(out, "  not there %s, optional, line %u\n",
				      step->grants[i].path, step->grants[i].line);
}

static const json_t *jobs_of(const json_t *document)
{
	return json_object_get(document, "collectors");
}

static bool is_of(const json_t *job, const struct policy *policy)
{
	return !strcmp(text_of(job, "collector"), policy->collector);
}

static size_t print_step(const struct policy *policy, const struct step *step,
			 const json_t *document, uint64_t missing, FILE *out)
{
	AUTO_FREE struct step_told *told = xcalloc(1, sizeof(*told));
	const json_t *job;
	size_t i;

	told->step = step;
	json_array_foreach(jobs_of(document), i, job)
	{
		if (is_of(job, policy) && !strcmp(text_of(job, "step"), step->name))
			take_job(told, job);
	}
	if (told->jobs && !told->kind_count && !told->all && told->ran && !missing)
		return 0;
	(void)fprintf(out, "%s/%s: %llu job%s\n", policy->collector, step->name,
		      (unsigned long long)told->jobs, told->jobs == 1 ? "" : "s");
	print_refusals(told, out);
	print_unused(told, missing, out);
	return told->kind_count + (told->all > told->listed);
}

/* Of which text the document tells: another may grant other things. */
static void compare_text(const struct policy *policy, const json_t *document, FILE *out)
{
	bool another = false;
	const json_t *job;
	size_t i;

	json_array_foreach(jobs_of(document), i, job)
	{
		another |= is_of(job, policy) &&
			   strcmp(text_of(job, "policy_sha256"), policy->sha256) != 0;
	}
	if (another)
		(void)fprintf(out,
			      "The audit had another text of this policy than %s is "
			      "now.\n\n",
			      policy->file);
}

size_t refused_print(const struct policy *policy, const json_t *document,
		     const uint64_t *missing, FILE *out)
{
	size_t refused = 0;

	compare_text(policy, document, out);
	for (unsigned i = 0; i < policy->step_count; i++)
		refused += print_step(policy, &policy->steps[i], document,
				      missing ? missing[i] : 0, out);
	if (!refused)
		(void)fprintf(out, "%s: nothing was refused\n", policy->collector);
	return refused;
}
